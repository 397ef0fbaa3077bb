"""Changing a share after it was sent: at once, within the rules, and never over somebody else's change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from portal.domain.audit import PORTAL, Action, AuditRecord
from portal.domain.errors import Conflict, Invalid, NotFound, Refusal, Several, Unavailable
from portal.domain.files import File
from portal.domain.shares import Share
from portal.queries.received import received
from portal.workflows import change, files, opening, revoke
from portal.workflows.engine import run
from portal.workflows.mail import send_due
from portal.workflows.share import ShareFiles
from tests.builders import Running
from tests.doing import (
    asked_by,
    downloaded,
    mails,
    recorded,
    rows,
    shared,
    somebody,
    state,
    token_of,
    uploaded,
)

ANA, BEN = somebody("Ana Lopes"), somebody("Ben Okoro")
ADMIN = somebody("Cleo Adams", admin=True)


def share_of(portal: Running, made: ShareFiles) -> Share:
    found = portal.portal.services.shares.get(made.about)
    assert found is not None
    return found


def in_days(portal: Running, days: int) -> date:
    return (portal.clock() + timedelta(days=days)).date()


def changed(portal: Running, made: ShareFiles, who: Any = ANA, **asked: Any) -> Share:
    """The share after a change by somebody who has seen it as it is; what is not asked stays."""
    share = share_of(portal, made)
    fields = {
        "share_id": share.id, "version": share.version, "expires_on": None,
        "download_limit": share.download_limit, "message": share.message,
    } | asked  # fmt: skip
    run(change.CHANGE_SHARE, change.ChangeShare(**asked_by(who, portal), **fields), portal.portal.services)
    return share_of(portal, made)


@pytest.fixture
def file(portal: Running) -> File:
    return uploaded(portal, ANA)


def test_every_term_is_changed_at_once(portal: Running, file: File) -> None:
    """R47, R48, I4: for the link, for the lists of who received it, and on record."""
    made = shared(portal, ANA, [file], recipients_text="BEN.okoro@example.org", download_limit=1)
    day = in_days(portal, 30)
    now = changed(portal, made, expires_on=day, download_limit=2, message="Take two.")
    assert (now.expires_at.date(), now.download_limit, now.message, now.version) == (day, 2, "Take two.", 2)
    [(copy, _)] = received(BEN, portal.portal.services).page.items
    assert (copy.expires_at, copy.download_limit, copy.message) == (now.expires_at, 2, "Take two.")
    for _ in range(2):
        downloaded(portal, token_of(portal, made), file)
    without = changed(portal, made, download_limit=None)
    assert without.download_limit is None
    downloaded(portal, token_of(portal, made), file)
    assert len(recorded(portal, "share.changed")) == 2


def test_a_file_lives_as_long_as_the_share_that_was_extended(portal: Running, file: File) -> None:
    made = shared(portal, ANA, [file])
    portal.clock.turn(days=5)
    share = changed(portal, made, expires_on=in_days(portal, 90))
    found = portal.portal.services.files.get(ANA.id, file.id)
    assert found is not None
    assert found.keep_until == share.expires_at
    changed(portal, made, expires_on=in_days(portal, 1))
    assert portal.portal.services.files.get(ANA.id, file.id) == found


def test_no_shorter_life_is_chosen_for_a_file_while_its_share_is_extended(
    portal: Running, file: File
) -> None:
    """Whoever looked at the file before the extension is told; the share keeps its file (I2)."""
    services = portal.portal.services
    made = shared(portal, ANA, [file])
    seen = services.files.get(ANA.id, file.id)
    assert seen is not None
    portal.clock.turn(days=5)
    share = changed(portal, made, expires_on=in_days(portal, 90))
    record = AuditRecord(portal.clock(), Action.FILE_KEPT, PORTAL, file.id)
    assert not services.files.keep(seen, portal.clock() + timedelta(days=30), record)
    found = services.files.get(ANA.id, file.id)
    assert found is not None
    assert found.keep_until == share.expires_at


def test_what_has_expired_is_opened_again_by_a_new_day(portal: Running, file: File) -> None:
    """R47: the same link works again; without a new day nothing changes."""
    made = shared(portal, ANA, [file])
    portal.clock.turn(days=20)
    with pytest.raises(opening.Expired):
        downloaded(portal, token_of(portal, made), file)
    with pytest.raises(Invalid) as caught:
        changed(portal, made, message="Hello?")
    assert (caught.value.field, caught.value.reason) == ("expires_on", "expired")
    changed(portal, made, expires_on=in_days(portal, 3))
    assert downloaded(portal, token_of(portal, made), file)


class Busy:
    """A mail service that takes nothing just now."""

    def send(self, letter: object) -> str:
        raise Unavailable()


def test_a_mail_that_came_too_late_goes_out_with_the_extension(portal: Running, file: File) -> None:
    """I2, R52: an open share has its mails, sent or queued; given up is only what nobody could use."""
    services = portal.portal.services
    busy = replace(portal, portal=replace(portal.portal, services=replace(services, mailer=Busy())))
    made = shared(busy, ANA, [file])
    portal.clock.turn(days=20)
    send_due(services, lambda: 60)
    assert mails(portal) == []
    changed(portal, made, expires_on=in_days(portal, 3))
    send_due(services, lambda: 60)
    [sent] = mails(portal)
    assert token_of(portal, made)[-43:] in str(sent.body)
    changed(portal, made, expires_on=in_days(portal, 5))
    send_due(services, lambda: 60)
    assert len(mails(portal)) == 1


def test_shortening_works_at_once(portal: Running, file: File) -> None:
    """R47: to the end of today; a moment later the link says so."""
    made = shared(portal, ANA, [file])
    share = changed(portal, made, expires_on=in_days(portal, 0))
    portal.clock.now = share.expires_at
    with pytest.raises(opening.Expired):
        downloaded(portal, token_of(portal, made), file)


def test_a_limit_below_what_was_downloaded_closes_that_file_for_that_person(portal: Running) -> None:
    """R49: for nobody else, and for no other file."""
    files = [uploaded(portal, ANA, name) for name in ("a.pdf", "b.pdf")]
    made = shared(portal, ANA, files, recipients_text="x@example.com, y@example.com")
    for _ in range(3):
        downloaded(portal, token_of(portal, made, 0), files[0])
    changed(portal, made, download_limit=2)
    with pytest.raises(opening.Spent):
        downloaded(portal, token_of(portal, made, 0), files[0])
    assert downloaded(portal, token_of(portal, made, 0), files[1])
    assert downloaded(portal, token_of(portal, made, 1), files[0])


@pytest.mark.parametrize("expired", [False, True])
def test_nothing_revives_what_was_withdrawn(portal: Running, file: File, expired: bool) -> None:
    """R47, I5."""
    made = shared(portal, ANA, [file])
    context = revoke.Withdraw(**asked_by(ANA, portal), share_id=made.about)
    run(revoke.WITHDRAW_SHARE, context, portal.portal.services)
    portal.clock.turn(days=20 if expired else 0)
    before = state(portal)
    with pytest.raises(change.WithdrawnForGood):
        changed(portal, made, expires_on=in_days(portal, 5))
    assert state(portal) == before


def test_of_two_who_change_it_at_once_the_second_is_told(portal: Running, file: File) -> None:
    """R63: nothing of the first is lost; the same change sent twice is one (I7)."""
    made = shared(portal, ANA, [file])
    first = changed(portal, made, message="Ana's")
    before = state(portal)
    assert changed(portal, made, version=1, message="Ana's") == first
    with pytest.raises(change.ChangedMeanwhile) as caught:
        changed(portal, made, ADMIN, version=1, download_limit=3)
    assert caught.value.status == 409
    assert state(portal) == before
    assert len(recorded(portal, "share.changed")) == 2  # done, and refused


def test_only_the_owner_and_admins_change_it(portal: Running, file: File) -> None:
    """R11."""
    made = shared(portal, ANA, [file])
    with pytest.raises(NotFound):
        changed(portal, made, BEN, message="mine now")
    with pytest.raises(NotFound):
        changed(portal, made, share_id="nonsense", message="mine now")
    assert changed(portal, made, ADMIN, download_limit=1).download_limit == 1


BAD: list[tuple[dict[str, Any], str]] = [
    ({"download_limit": 0}, "limit_range"),
    ({"download_limit": -1}, "limit_range"),
    ({"download_limit": 101}, "limit_range"),
    ({"message": "x" * 2001}, "message_long"),
    ({"expires_on": date(2020, 2, 29)}, "expiry_past"),
    ({"expires_on": date.max}, "expiry_beyond_policy"),
]


@pytest.mark.parametrize(("asked", "reason"), BAD, ids=[str(asked) for asked, _ in BAD])
def test_bad_terms_are_named_and_change_nothing(
    portal: Running, file: File, asked: dict[str, Any], reason: str
) -> None:
    """R47."""
    made = shared(portal, ANA, [file])
    before = state(portal)
    with pytest.raises(Refusal) as caught:
        changed(portal, made, **asked)
    assert caught.value.reason == reason
    assert state(portal) == before


def test_everything_wrong_is_named_at_once(portal: Running, file: File) -> None:
    made = shared(portal, ANA, [file])
    with pytest.raises(Several) as caught:
        changed(portal, made, download_limit=0, expires_on=date(2020, 1, 1))
    assert {each.field for each in caught.value.refusals} == {"download_limit", "expires_on"}


def trashed(portal: Running, file: File) -> None:
    context = files.ChangeFile(**asked_by(ANA, portal), file_id=file.id)
    run(files.TRASH, context, portal.portal.services)


def test_an_extension_needs_a_file_that_is_still_there(portal: Running) -> None:
    both = [uploaded(portal, ANA, name) for name in ("a.pdf", "b.pdf")]
    made = shared(portal, ANA, both)
    trashed(portal, both[0])
    changed(portal, made, expires_on=in_days(portal, 20))
    trashed(portal, both[1])
    with pytest.raises(Conflict) as caught:
        changed(portal, made, expires_on=in_days(portal, 30))
    assert caught.value.reason == "file_gone"


def test_a_change_that_changes_nothing_leaves_no_trace(portal: Running, file: File) -> None:
    made = shared(portal, ANA, [file])
    before = rows(portal)
    assert changed(portal, made) == share_of(portal, made)
    assert rows(portal) == before
