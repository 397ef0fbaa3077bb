"""What the malware scan said of a file and what became of that, in words for histories and pages."""

from __future__ import annotations

from flask_babel import gettext

from portal.domain.audit.record import Action
from portal.domain.errors import N_
from portal.domain.files.scans import ScanCase, ScanState

# As in history.py: what was done, and the same as a refused attempt.
SCAN_SENTENCES: dict[Action, tuple[str, str]] = {
    Action.THREAT_FOUND: (
        N_("The malware scan found %(threats)s in %(name)s and closed it for everyone."),
        N_("The malware scan tried to close %(name)s."),
    ),
    Action.FOUND_CLEAN: (
        N_("The malware scan found nothing in %(name)s."),
        N_("The malware scan was to note that it found nothing in %(name)s."),
    ),
    Action.SCAN_UNSUPPORTED: (
        N_("The malware scan could not look into %(name)s, as into an encrypted archive."),
        N_("The malware scan was to note that it could not look into %(name)s."),
    ),
    Action.SCAN_FAILED: (
        N_("The malware scan of %(name)s failed."),
        N_("The malware scan was to note that it failed at %(name)s."),
    ),
    Action.SCAN_AGAIN: (
        N_("%(who)s had %(name)s checked for malware again."),
        N_("%(who)s tried to have %(name)s checked for malware again."),
    ),
    Action.RELEASE_ASKED: (
        N_("%(who)s asked to let %(name)s pass the malware scan: %(why)s"),
        N_("%(who)s tried to ask to let %(name)s pass the malware scan."),
    ),
    Action.RELEASE_DECLINED: (
        N_("%(who)s declined to let %(name)s pass the malware scan."),
        N_("%(who)s tried to decline to let %(name)s pass the malware scan."),
    ),
    Action.FILE_RELEASED: (
        N_("%(who)s let %(name)s pass the malware scan, as %(asked_by)s had asked: %(why)s"),
        N_("%(who)s tried to let %(name)s pass the malware scan."),
    ),
}
LET_PASS = N_("The malware scan could not look into %(name)s; the policy lets it pass.")
# Why a file is in quarantine, by what the scanner said; a threat is named by its own name.
WHY = {
    "UNSUPPORTED": N_("The scanner cannot look into it, as into an encrypted archive."),
    "FAILED": N_("The scan failed."),
    "ACCESS_DENIED": N_("The scanner was not allowed to read it."),
    "NO_RESULT": N_("The scanner did not answer in time."),
}


def describe_case(case: ScanCase) -> str:
    """Why a file is closed: names of threats as the scanner gives them, else a sentence."""
    if case.state is ScanState.THREAT:
        return case.reason or gettext("Malware was found in it.")
    return str(gettext(WHY.get(case.reason, WHY["FAILED"])))
