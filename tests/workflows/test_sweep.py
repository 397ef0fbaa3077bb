"""What the schedule does while people go on: nobody loses a file, and no one thing holds up the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from portal import queries
from portal.domain.errors import Conflict, Unavailable
from portal.domain.files import File, FileState
from portal.domain.letters import Letter
from portal.domain.shares import MailState
from portal.workflows import account, download, files, sweep
from portal.workflows.engine import drafted, run
from portal.workflows.mail import send_due
from portal.workflows.services import Services
from tests.builders import Running
from tests.doing import (
    asked_by,
    downloaded,
    new_id,
    objects,
    recorded,
    rows,
    shared,
    somebody,
    token_of,
    uploaded,
)

ANA, BEN = somebody("Ana Lopes"), somebody("Ben Okoro")


def do(portal: Running, workflow: files.Workflow[files.ChangeFile], file: File) -> None:
    run(workflow, files.ChangeFile(**asked_by(ANA, portal), file_id=file.id), portal.portal.services)


def now_of(portal: Running, file: File) -> File | None:
    return portal.portal.services.files.get(file.owner_id, file.id)


def with_mailer(portal: Running, send: Callable[[Letter], str]) -> Services:
    mailer = type("Mailer", (), {"send": staticmethod(send)})()
    return replace(portal.portal.services, mailer=mailer)


def test_a_file_brought_back_at_the_last_moment_keeps_its_bytes(portal: Running) -> None:
    """R39: the sweep read that its grace is over, and its owner took it back before its turn came."""
    file = uploaded(portal, ANA)
    do(portal, files.TRASH, file)
    portal.clock.turn(days=15)
    [due] = portal.portal.services.files.due(portal.clock(), 25)
    do(portal, files.RESTORE, file)
    sweep.grace_over(due, portal.portal.services)
    assert objects(portal) == [file.key]
    assert recorded(portal, "file.purged") == []


def test_a_file_that_is_being_removed_cannot_be_brought_back(portal: Running) -> None:
    """R39, R61: killed between the bytes and the row; the next sweep finishes."""
    file = uploaded(portal, ANA)
    do(portal, files.TRASH, file)
    assert portal.portal.services.files.doom(file, portal.clock())
    with pytest.raises(Conflict):
        do(portal, files.RESTORE, file)
    sweep.sweep(portal.portal.services, lambda: 60.0)
    assert now_of(portal, file) is None
    assert objects(portal) == []
    assert portal.portal.services.people.usage(ANA.id).files == 0


def test_a_share_made_at_the_last_moment_keeps_its_file(portal: Running) -> None:
    """I2: the sweep read the lifetime before the share prolonged it."""
    file = uploaded(portal, ANA)
    do_keep = files.ChangeFile(**asked_by(ANA, portal), file_id=file.id, days=7)
    run(files.KEEP, do_keep, portal.portal.services)
    portal.clock.turn(days=7)
    [due] = portal.portal.services.files.due(portal.clock(), 25)
    shared(portal, ANA, [file])
    sweep.lifetime_over(due, portal.portal.services)
    known = now_of(portal, file)
    assert known is not None
    assert known.state is FileState.READY


def test_an_upload_taken_in_at_the_last_moment_keeps_its_bytes(
    portal: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R38: between the sweep's last look and its removal the browser said that the file arrived."""
    file = uploaded(portal, ANA)
    pending = replace(file, state=FileState.PENDING)
    look = portal.portal.services.files.get
    monkeypatch.setattr(portal.portal.services.files, "get", lambda *_: pending)
    sweep.never_came(replace(file, state=FileState.REJECTED), portal.portal.services)
    monkeypatch.setattr(portal.portal.services.files, "get", look)
    assert objects(portal) == [file.key]


def test_mails_of_closed_links_hold_up_no_others(portal: Running) -> None:
    """R52: they are given up and say so; before, they were due for ever, and first."""

    def down(letter: Letter) -> str:
        raise Unavailable

    offline = replace_services(portal, with_mailer(portal, down))
    days = [(portal.clock() + timedelta(days=days)).date() for days in (1, 1, 1, 30)]
    file = uploaded(portal, ANA)
    made = [shared(offline, ANA, [file], expires_on=day) for day in days]
    portal.clock.turn(days=3)
    assert send_due(portal.portal.services, lambda: 60.0, batch=2) == 1
    states = [
        queries.share(ANA, each.about, portal.portal.services).recipients[0].recipient.mail.state
        for each in made
    ]
    assert states == [MailState.FAILED] * 3 + [MailState.SENT]
    assert portal.portal.services.outbox.due(portal.clock() + timedelta(days=30), 25) == []


def replace_services(portal: Running, services: Services) -> Running:
    return replace(portal, portal=replace(portal.portal, services=services))


def test_a_mail_that_cannot_be_written_is_tried_like_any_other(portal: Running) -> None:
    """R52: with backoff, and given up at last; the mails behind it are sent."""

    def odd(letter: Letter) -> str:
        raise KeyError(letter.to)

    broken = replace_services(portal, with_mailer(portal, odd))
    made = shared(broken, ANA, [uploaded(portal, ANA)])
    for _ in range(15):
        portal.clock.turn(minutes=11)
        send_due(broken.portal.services, lambda: 60.0)
    view = queries.share(ANA, made.about, portal.portal.services)
    assert view.recipients[0].recipient.mail.state is MailState.FAILED


def test_one_file_that_fails_holds_up_no_others(portal: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """R38: it stays due; all others of the same sweep are dealt with."""
    first, second = uploaded(portal, ANA, "a.pdf"), uploaded(portal, ANA, "b.pdf")
    for file in (first, second):
        do(portal, files.TRASH, file)
    portal.clock.turn(days=15)
    remove = portal.portal.services.objects.remove

    def refused(key: str, version_id: str = "") -> None:
        if key == first.key:
            raise PermissionError
        remove(key, version_id)

    monkeypatch.setattr(portal.portal.services.objects, "remove", refused)
    assert sweep.files_due(portal.portal.services, lambda: 60.0) == 1
    assert now_of(portal, first) is not None
    assert now_of(portal, second) is None


def test_closing_an_account_twice_leaves_nothing_behind(portal: Running) -> None:
    """R61, I7: the second press came after all was gone; what it left could not be read by any sweep."""
    asked = account.CloseAccount(**asked_by(ANA, portal), confirmation=ANA.address)
    run(account.CLOSE_ACCOUNT, asked, portal.portal.services)
    account.close(replace(asked, record=drafted(account.CLOSE_ACCOUNT, asked)), portal.portal.services)
    assert portal.portal.services.people.closing(25) == []
    assert [item for item in rows(portal) if item["pk"]["S"] == f"PERSON#{ANA.id}"] == []


def test_a_press_repeated_within_its_minute_gives_no_file_from_the_trash(portal: Running) -> None:
    """I5, R50."""
    file = uploaded(portal, ANA)
    token, press = token_of(portal, shared(portal, ANA, [file])), new_id(portal)
    assert downloaded(portal, token, file, press)
    do(portal, files.TRASH, file)
    with pytest.raises(download.FileGone):
        downloaded(portal, token, file, press)


def test_a_name_of_ligatures_can_be_sorted(portal: Running) -> None:
    """R34: NFKC makes 18 characters of each; an index takes 1,024 bytes."""
    file = uploaded(portal, ANA, "\ufdfa" * 84)
    assert [each.name for each in queries.files(ANA, portal.portal.services, order="name").files.items] == [
        file.name
    ]
