"""Reports on the access log in words: what each is called, how far it is, and why one came to nothing."""

from __future__ import annotations

from decimal import Decimal

from flask_babel import gettext

from portal import formatting
from portal.domain.errors import N_
from portal.domain.usage.reports import Failure, Report, ReportKind, ReportState
from portal.web.wording import formats, i18n

KINDS: dict[ReportKind, str] = {
    ReportKind.BANDWIDTH: N_("Bytes by person"),
    ReportKind.FILES: N_("Files by bytes"),
    ReportKind.RECIPIENTS: N_("Downloads by recipient"),
    ReportKind.FREE: N_("A query of one's own"),
}
# By the state: its icon, the kind of its chip, and its words.
STATES: dict[ReportState, tuple[str, str, str]] = {
    ReportState.ASKED: ("hourglass-split", "calm", N_("Waiting to start")),
    ReportState.RUNNING: ("hourglass-split", "calm", N_("Running")),
    ReportState.CANCELLING: ("slash-circle", "attention", N_("Being cancelled")),
    ReportState.READY: ("check-circle", "done", N_("Ready")),
    ReportState.FAILED: ("x-circle", "danger", N_("Failed")),
    ReportState.CANCELLED: ("slash-circle", "calm", N_("Cancelled")),
}
FAILURES: dict[Failure, str] = {
    Failure.TOO_MUCH: N_(
        "It would have read more of the access log than one report may. Ask for fewer days."
    ),
    Failure.WRONG: N_("Athena cannot run this query. Correct it, then start it again."),
    Failure.SERVICE: N_("Athena failed at it. Start it again."),
    Failure.FORBIDDEN: N_("The portal's role may not ask Athena for this. Bring the stack up to date."),
    Failure.UNKNOWN: N_("Athena does not know of this query any more. Start it again."),
}
# Columns of our own reports; those of a query are called what it calls them.
COLUMNS: dict[str, str] = {
    "person": N_("Person"),
    "file": N_("File"),
    "recipient": N_("Recipient"),
    "person_id": N_("Id of the person"),
    "file_id": N_("Id of the file"),
    "share_id": N_("Id of the share"),
    "recipient_id": N_("Id of the recipient"),
    "recipients": N_("Recipients"),
    "files": N_("Files"),
    "answers": N_("Answers"),
    "complete": N_("Complete"),
    "previews": N_("Previews"),
    "first_day": N_("First on"),
    "last_day": N_("Latest on"),
    "bytes": N_("Bytes"),
}
FIGURES = {"recipients", "files", "answers", "complete", "previews", "bytes"}
HIDDEN = {"person_id", "file_id", "share_id", "recipient_id"}  # on pages; the CSV has them
MOST_CHARACTERS = 120  # of a cell on a page
CENT = Decimal("0.01")


def name_report(report: Report) -> str:
    """What it is of, with its days."""
    kind = gettext(KINDS[report.kind])
    if report.first is None or report.last is None:
        return str(kind)
    return str(gettext("%(kind)s, %(first)s to %(last)s", kind=kind, first=report.first, last=report.last))


def name_column(report: Report, column: str) -> str:
    is_ours = report.kind is not ReportKind.FREE and column in COLUMNS
    return str(gettext(COLUMNS[column])) if is_ours else column[:MOST_CHARACTERS]


def is_shown(report: Report, column: str) -> bool:
    return report.kind is ReportKind.FREE or column not in HIDDEN


def is_figure(report: Report, column: str) -> bool:
    return report.kind is not ReportKind.FREE and column in FIGURES


def write_cell(report: Report, column: str, text: str) -> str:
    """A figure as people read it; other texts as they are, and not longer than a page takes."""
    if is_figure(report, column) and text.isascii() and text.isdecimal():
        return formats.filesize(int(text)) if column == "bytes" else formats.count(int(text))
    if report.kind is not ReportKind.FREE and not text and column in {"person", "file", "recipient"}:
        return str(gettext("no longer there"))
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}…"


def write_usd(amount: Decimal) -> str:
    """ "12.34 USD"; what is less than a cent says so."""
    if 0 < amount < CENT:
        return str(gettext("less than %(cent)s", cent=formatting.dollars(CENT, i18n.language())))
    return formatting.dollars(amount, i18n.language())


def write_seconds(milliseconds: int) -> str:
    seconds = formatting.decimal(milliseconds / 1000, i18n.language())
    return str(gettext("%(seconds)s s", seconds=seconds))
