"""Mail scanners are told from readers by time, by name, and by what they never do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from portal.domain.audit.record import PORTAL, Action, Actor, AuditRecord
from portal.domain.links.scanners import Openings

SENT_AT = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
FIREFOX = "Mozilla/5.0 (X11 Linux x86_64 rv 140.0) Gecko/20100101 Firefox/140.0"
SENT = AuditRecord(SENT_AT, Action.MAIL_SENT, PORTAL, "share")


def make_opening(seconds: float, device: str = FIREFOX, ip: str = "198.51.100.9") -> AuditRecord:
    actor = Actor("recipient", "r", "p@example.com", ip, device)
    return AuditRecord(SENT_AT + timedelta(seconds=seconds), Action.LINK_OPENED, actor, "share")


@pytest.mark.requirement("R42")
@pytest.mark.parametrize(
    ("opening", "scanner"),
    [
        (make_opening(2), True),
        (make_opening(19.9), True),
        (make_opening(20), False),
        (make_opening(-5), False),  # of an earlier email
        (make_opening(900), False),
        (make_opening(900, "Mozilla/5.0 (compatible GoogleDocs safelinks preview)"), True),
        (make_opening(900, "python-requests/2.32"), True),
        (make_opening(900, "Mozilla/5.0 (X11 Linux) HeadlessChrome/140.0 Safari/537.36"), True),
        (make_opening(900, ""), False),
    ],
)
def test_an_opening_is_labelled_by_the_rule(opening: AuditRecord, scanner: bool) -> None:
    assert Openings.from_records([SENT, opening]).is_by_scanner(opening) is scanner


@pytest.mark.parametrize("pressed", [Action.SHARE_DOWNLOADED, Action.CODE_SENT])
def test_whoever_presses_a_button_is_no_scanner(pressed: Action) -> None:
    """From the same address: a quick reader must not be called a machine."""
    actor = Actor("recipient", "r", "p@example.com", "198.51.100.9", FIREFOX)
    press = AuditRecord(SENT_AT + timedelta(minutes=2), pressed, actor, "share")
    openings = Openings.from_records([SENT, make_opening(3), press])
    assert not openings.is_by_scanner(make_opening(3))
    assert openings.is_by_scanner(make_opening(3, ip="203.0.113.4"))
