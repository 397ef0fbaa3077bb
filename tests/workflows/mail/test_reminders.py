"""Before a share ends: who has not downloaded is reminded once, and its owner hears of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.workflows.upkeep.sweep import sweep
from tests.actions import (
    download_file,
    link_token,
    list_mails,
    make_person,
    share_files,
    upload_file,
    withdraw_share,
)
from tests.builders import Clock, Running, make_running

ANA = make_person("Ana Lopes")
PEOPLE = "a@example.com, b@example.com, c@example.com"


@pytest.fixture
def portal(aws: None, clock: Clock) -> Running:
    return make_running(clock, PORTAL_REMINDER_DAYS="3,1")


def list_sent_after(portal: Running, **by: float) -> list[tuple[str, str]]:
    """To whom, and which subject, the schedule mailed after so long."""
    portal.clock.turn(**by)
    before = len(list_mails(portal))
    for _ in range(2):
        sweep(portal.portal.services, lambda: 60.0)
        portal.clock.turn(seconds=61)
    return [(mail.destinations["ToAddresses"][0], mail.subject) for mail in list_mails(portal)[before:]]


def list_reminded(sent: list[tuple[str, str]]) -> list[str]:
    return sorted(to for to, subject in sent if "still waiting" in subject)


@pytest.mark.dates
def test_reminders_by_the_clock(portal: Running) -> None:
    """On each day of the list; never to who has downloaded, never twice, never after the end."""
    file = upload_file(portal, ANA)
    made = share_files(portal, ANA, [file], recipients_text=PEOPLE)
    assert made.share is not None
    ends = made.share.expires_at
    assert list_reminded(list_sent_after(portal, minutes=5)) == []
    portal.clock.now = ends - timedelta(days=3, hours=1)
    assert list_reminded(list_sent_after(portal)) == []
    assert list_reminded(list_sent_after(portal, hours=2)) == [
        "a@example.com",
        "b@example.com",
        "c@example.com",
    ]
    assert list_reminded(list_sent_after(portal, hours=5)) == []
    first = next(place for place, each in enumerate(made.recipients) if each.address == "a@example.com")
    download_file(portal, link_token(portal, made, first), file)
    portal.clock.now = ends - timedelta(hours=23)
    assert list_reminded(list_sent_after(portal)) == ["b@example.com", "c@example.com"]
    assert list_reminded(list_sent_after(portal, hours=10)) == []
    assert list_reminded(list_sent_after(portal, days=3)) == []


@pytest.mark.dates
def test_the_owner_hears_once_who_has_not(portal: Running) -> None:
    file = upload_file(portal, ANA)
    made = share_files(portal, ANA, [file], recipients_text=PEOPLE)
    assert made.share is not None
    portal.clock.now = made.share.expires_at - timedelta(days=2) + timedelta(minutes=1)
    told = [subject for to, subject in list_sent_after(portal) if to == ANA.address]
    assert told == ["Your share expires soon and not everyone has downloaded"]
    assert "a@example.com, b@example.com, c@example.com" in list_mails(portal)[-1].body
    assert [to for to, _ in list_sent_after(portal, hours=3) if to == ANA.address] == []


@pytest.mark.dates
def test_when_all_have_downloaded_nobody_is_mailed(portal: Running) -> None:
    file = upload_file(portal, ANA)
    made = share_files(
        portal,
        ANA,
        [file],
        recipients_text=PEOPLE,
    )
    assert made.share is not None
    for place in range(3):
        download_file(portal, link_token(portal, made, place), file)
    list_sent_after(portal, minutes=20)
    portal.clock.now = made.share.expires_at - timedelta(hours=12)
    assert list_sent_after(portal) == []


@pytest.mark.dates
def test_late_sweeps_send_one_reminder_and_withdrawn_ones_get_none(portal: Running) -> None:
    """Both days passed unnoticed: one mail. A link that was withdrawn is not mentioned."""
    made = share_files(portal, ANA, [upload_file(portal, ANA)], recipients_text=PEOPLE)
    assert made.share is not None
    gone = made.recipients[0]
    withdraw_share(portal, ANA, made.about, gone.id)
    portal.clock.now = made.share.expires_at - timedelta(hours=12)
    others = sorted(each.address for each in made.recipients[1:])
    assert list_reminded(list_sent_after(portal)) == others


@pytest.mark.dates
def test_a_short_share_reminds_only_of_days_it_has(portal: Running) -> None:
    today = portal.clock().date()
    made = share_files(portal, ANA, [upload_file(portal, ANA)], expires_on=today + timedelta(days=2))
    assert made.share is not None
    assert list_reminded(list_sent_after(portal, minutes=1)) == []
