"""Changing a share after it was sent: at once, within the rules, and never over someone else's change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from portal.domain.audit.record import PORTAL, Action, AuditRecord
from portal.domain.errors import Conflict, Invalid, NotFound, Refusal, Several, Unavailable
from portal.domain.files.file import File
from portal.domain.shares.share import Share
from portal.engine.workflow import run
from portal.queries.received import list_received
from portal.workflows.files import owned_files
from portal.workflows.links import link_access
from portal.workflows.mail.mail_jobs import send_due
from portal.workflows.shares import change
from portal.workflows.shares.sharing import ShareFiles
from tests.actions import (
    download_file,
    link_token,
    list_mails,
    list_records,
    list_rows,
    make_person,
    make_request,
    read_state,
    share_files,
    upload_file,
    withdraw_share,
)
from tests.builders import Running

ANA, BEN = make_person("Ana Lopes"), make_person("Ben Okoro")
ADMIN = make_person("Cleo Adams", admin=True)


def share_of(portal: Running, made: ShareFiles) -> Share:
    found = portal.portal.services.shares.get(made.about)
    assert found is not None
    return found


def add_days(portal: Running, days: int) -> date:
    return (portal.clock() + timedelta(days=days)).date()


def change_share(portal: Running, made: ShareFiles, who: Any = ANA, **asked: Any) -> Share:
    """The share after a change by someone who has seen it as it is; what is not asked stays."""
    share = share_of(portal, made)
    fields = {
        "share_id": share.id, "version": share.version, "expires_on": None,
        "download_limit": share.download_limit, "message": share.message,
    } | asked  # fmt: skip
    run(change.CHANGE_SHARE, change.ChangeShare(make_request(who, portal), **fields), portal.portal.services)
    return share_of(portal, made)


@pytest.fixture
def file(portal: Running) -> File:
    return upload_file(portal, ANA)


@pytest.mark.requirement("R47", "R48", "I4")
def test_every_term_is_changed_at_once(portal: Running, file: File) -> None:
    """For the link, for the lists of who received it, and on record."""
    made = share_files(portal, ANA, [file], recipients_text="BEN.okoro@example.org", download_limit=1)
    day = add_days(portal, 30)
    now = change_share(portal, made, expires_on=day, download_limit=2, message="Take two.")
    assert (now.expires_at.date(), now.download_limit, now.message, now.version) == (day, 2, "Take two.", 2)
    [copy] = [each.share for each in list_received(BEN, portal.portal.services).page.items]
    assert (copy.expires_at, copy.download_limit, copy.message) == (now.expires_at, 2, "Take two.")
    for _ in range(2):
        download_file(portal, link_token(portal, made), file)
    without = change_share(portal, made, download_limit=None)
    assert without.download_limit is None
    download_file(portal, link_token(portal, made), file)
    assert len(list_records(portal, "share.changed")) == 2


@pytest.mark.dates
def test_a_file_lives_as_long_as_the_share_that_was_extended(portal: Running, file: File) -> None:
    made = share_files(portal, ANA, [file])
    portal.clock.turn(days=5)
    share = change_share(portal, made, expires_on=add_days(portal, 90))
    found = portal.portal.services.files.get(ANA.id, file.id)
    assert found is not None
    assert found.keep_until == share.expires_at
    change_share(portal, made, expires_on=add_days(portal, 1))
    assert portal.portal.services.files.get(ANA.id, file.id) == found


@pytest.mark.requirement("I2")
def test_no_shorter_life_is_chosen_for_a_file_while_its_share_is_extended(
    portal: Running, file: File
) -> None:
    """Whoever looked at the file before the extension is told; the share keeps its file."""
    services = portal.portal.services
    made = share_files(portal, ANA, [file])
    seen = services.files.get(ANA.id, file.id)
    assert seen is not None
    portal.clock.turn(days=5)
    share = change_share(portal, made, expires_on=add_days(portal, 90))
    record = AuditRecord(portal.clock(), Action.FILE_KEPT, PORTAL, file.id)
    assert not services.file_shares.keep(seen, portal.clock() + timedelta(days=30), None, record)
    found = services.files.get(ANA.id, file.id)
    assert found is not None
    assert found.keep_until == share.expires_at


@pytest.mark.requirement("R47")
@pytest.mark.dates
def test_what_has_expired_is_opened_again_by_a_new_day(portal: Running, file: File) -> None:
    """The same link works again; without a new day nothing changes."""
    made = share_files(portal, ANA, [file])
    portal.clock.turn(days=20)
    with pytest.raises(link_access.Expired):
        download_file(portal, link_token(portal, made), file)
    with pytest.raises(Invalid) as caught:
        change_share(portal, made, message="Hello?")
    assert (caught.value.field, caught.value.reason) == ("expires_on", "expired")
    change_share(portal, made, expires_on=add_days(portal, 3))
    assert download_file(portal, link_token(portal, made), file)


class Busy:
    """A mail service that takes nothing just now."""

    def send(self, letter: object) -> str:
        raise Unavailable()


@pytest.mark.requirement("R52", "I2")
@pytest.mark.dates
def test_a_mail_that_came_too_late_goes_out_with_the_extension(portal: Running, file: File) -> None:
    """An open share has its emails, sent or queued; given up is only what nobody could use."""
    services = portal.portal.services
    busy = replace(portal, portal=replace(portal.portal, services=replace(services, mailer=Busy())))
    made = share_files(busy, ANA, [file])
    portal.clock.turn(days=20)
    send_due(services, lambda: 60)
    assert list_mails(portal) == []
    change_share(portal, made, expires_on=add_days(portal, 3))
    send_due(services, lambda: 60)
    [sent] = list_mails(portal)
    assert link_token(portal, made)[-43:] in str(sent.body)
    change_share(portal, made, expires_on=add_days(portal, 5))
    send_due(services, lambda: 60)
    assert len(list_mails(portal)) == 1


@pytest.mark.requirement("R47")
@pytest.mark.dates
def test_shortening_works_at_once(portal: Running, file: File) -> None:
    """To the end of today; a moment later the link says so."""
    made = share_files(portal, ANA, [file])
    share = change_share(portal, made, expires_on=add_days(portal, 0))
    portal.clock.now = share.expires_at
    with pytest.raises(link_access.Expired):
        download_file(portal, link_token(portal, made), file)


@pytest.mark.requirement("R49")
def test_a_limit_below_what_was_downloaded_closes_that_file_for_that_person(portal: Running) -> None:
    """For nobody else, and for no other file."""
    files = [upload_file(portal, ANA, name) for name in ("a.pdf", "b.pdf")]
    made = share_files(portal, ANA, files, recipients_text="x@example.com, y@example.com")
    for _ in range(3):
        download_file(portal, link_token(portal, made, 0), files[0])
    change_share(portal, made, download_limit=2)
    with pytest.raises(link_access.DownloadsUsedUp):
        download_file(portal, link_token(portal, made, 0), files[0])
    assert download_file(portal, link_token(portal, made, 0), files[1])
    assert download_file(portal, link_token(portal, made, 1), files[0])


@pytest.mark.requirement("R47", "I5")
@pytest.mark.parametrize("expired", [False, True])
def test_nothing_revives_what_was_withdrawn(portal: Running, file: File, expired: bool) -> None:
    made = share_files(portal, ANA, [file])
    withdraw_share(portal, ANA, made.about)
    portal.clock.turn(days=20 if expired else 0)
    before = read_state(portal)
    with pytest.raises(change.WithdrawnForGood):
        change_share(portal, made, expires_on=add_days(portal, 5))
    assert read_state(portal) == before


@pytest.mark.requirement("R63", "I7")
def test_of_two_who_change_it_at_once_the_second_is_told(portal: Running, file: File) -> None:
    """Nothing of the first is lost; the same change sent twice is one."""
    made = share_files(portal, ANA, [file])
    first = change_share(portal, made, message="Ana's")
    before = read_state(portal)
    assert change_share(portal, made, version=1, message="Ana's") == first
    with pytest.raises(change.ChangedMeanwhile) as caught:
        change_share(portal, made, ADMIN, version=1, download_limit=3)
    assert caught.value.status == 409
    assert read_state(portal) == before
    assert len(list_records(portal, "share.changed")) == 2  # done, and refused


@pytest.mark.requirement("R11")
def test_only_the_owner_and_admins_change_it(portal: Running, file: File) -> None:
    made = share_files(portal, ANA, [file])
    with pytest.raises(NotFound):
        change_share(portal, made, BEN, message="mine now")
    with pytest.raises(NotFound):
        change_share(portal, made, share_id="nonsense", message="mine now")
    assert change_share(portal, made, ADMIN, download_limit=1).download_limit == 1


BAD: list[tuple[dict[str, Any], str]] = [
    ({"download_limit": 0}, "limit_range"),
    ({"download_limit": -1}, "limit_range"),
    ({"download_limit": 101}, "limit_range"),
    ({"message": "x" * 2001}, "message_long"),
    ({"expires_on": date(2020, 2, 29)}, "expiry_past"),
    ({"expires_on": date.max}, "expiry_beyond_policy"),
]


@pytest.mark.requirement("R47")
@pytest.mark.parametrize(("asked", "reason"), BAD, ids=[str(asked) for asked, _ in BAD])
def test_bad_terms_are_named_and_change_nothing(
    portal: Running, file: File, asked: dict[str, Any], reason: str
) -> None:
    made = share_files(portal, ANA, [file])
    before = read_state(portal)
    with pytest.raises(Refusal) as caught:
        change_share(portal, made, **asked)
    assert caught.value.reason == reason
    assert read_state(portal) == before


def test_everything_wrong_is_named_at_once(portal: Running, file: File) -> None:
    made = share_files(portal, ANA, [file])
    with pytest.raises(Several) as caught:
        change_share(portal, made, download_limit=0, expires_on=date(2020, 1, 1))
    assert {each.field for each in caught.value.refusals} == {"download_limit", "expires_on"}


def trash(portal: Running, file: File) -> None:
    context = owned_files.ChangeFile(make_request(ANA, portal), file_id=file.id)
    run(owned_files.TRASH, context, portal.portal.services)


def test_an_extension_needs_a_file_that_is_still_there(portal: Running) -> None:
    both = [upload_file(portal, ANA, name) for name in ("a.pdf", "b.pdf")]
    made = share_files(portal, ANA, both)
    trash(portal, both[0])
    change_share(portal, made, expires_on=add_days(portal, 20))
    trash(portal, both[1])
    with pytest.raises(Conflict) as caught:
        change_share(portal, made, expires_on=add_days(portal, 30))
    assert caught.value.reason == "file_gone"


def test_a_change_that_changes_nothing_leaves_no_trace(portal: Running, file: File) -> None:
    made = share_files(portal, ANA, [file])
    before = list_rows(portal)
    assert change_share(portal, made) == share_of(portal, made)
    assert list_rows(portal) == before
