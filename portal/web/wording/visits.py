"""A recipient's history by visits: what one browser did in one go is one line, with its parts below."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext, ngettext

from portal.domain.audit.record import Action, AuditRecord, Outcome, newest_first
from portal.domain.links.scanners import Openings
from portal.web.wording.devices import device
from portal.web.wording.timeline import Moment, line

PAUSE = timedelta(minutes=30)  # between two things that one browser did, longer is another visit


@dataclass(frozen=True)
class Visit:
    """Lines that go together, newest first. at: when it began; words: empty where it is a single line of what
    nobody did who has the link.
    """

    at: datetime
    moments: Sequence[Moment]
    device: str = ""
    words: str = ""


def group_visits(records: Iterable[AuditRecord], address: str = "") -> list[Visit]:
    """A recipient's records, newest first."""
    kept = newest_first(records)
    openings = Openings.from_records(kept)
    groups: list[list[AuditRecord]] = []
    for each in kept:
        together = next((group for group in groups if belongs(each, group[-1])), None)
        if together is None:
            groups.append([each])
        else:
            together.append(each)
    return [make_visit(group, openings, address) for group in groups]


def belongs(record: AuditRecord, later: AuditRecord) -> bool:
    """Whether something is of the same visit as what came after it."""
    one, other = record.actor, later.actor
    same = (one.kind, one.source_ip, one.device) == ("recipient", other.source_ip, other.device)
    return same and other.kind == "recipient" and later.at - record.at <= PAUSE


def make_visit(records: Sequence[AuditRecord], openings: Openings, address: str) -> Visit:
    moments = [line(each, openings, address) for each in records]
    oldest = records[-1]
    if oldest.actor.kind != "recipient":
        return Visit(oldest.at, moments)
    only_scanner = all(each.scanner for each in moments)
    words = moments[0].words if only_scanner or len(records) == 1 else describe(records)
    return Visit(oldest.at, moments, device(oldest.actor.device), words)


def describe(records: Sequence[AuditRecord]) -> str:
    """ "code confirmed, 3 files downloaded, complete"."""
    done = [each for each in records if each.outcome is Outcome.DONE]
    got = list_files(
        done, lambda each: each.action is Action.SHARE_DOWNLOADED and not each.details.get("how")
    )
    seen = list_files(done, lambda each: each.details.get("how") == "preview")
    arrived = list_files(done, lambda each: "complete" in each.details and "shown" not in each.details)
    actions = {each.action for each in done}
    said = [
        gettext("code confirmed") if Action.ADDRESS_CONFIRMED in actions else "",
        gettext("password entered") if Action.PASSWORD_ENTERED in actions else "",
        ngettext("%(num)d file viewed", "%(num)d files viewed", len(seen)) if seen else "",
        ngettext("%(num)d file downloaded", "%(num)d files downloaded", len(got)) if got else "",
        gettext("complete") if got and got <= arrived else "",
    ]
    return ", ".join(filter(None, said)) or gettext("link opened")


def list_files(records: Iterable[AuditRecord], wanted: Callable[[AuditRecord], bool]) -> set[str]:
    return {each.details.get("file", "") for each in records if wanted(each)}
