"""What the schedule does while people go on: nobody loses a file, and no one thing holds up the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from portal.domain.audit.record import Action
from portal.domain.errors import Conflict, Unavailable
from portal.domain.files.file import File, FileState
from portal.domain.mail.email_message import OutgoingMail
from portal.domain.mail.mail_job import MailState
from portal.engine.services import Services
from portal.engine.workflow import draft_record, run
from portal.queries.files import list_files
from portal.queries.shares import get_share
from portal.workflows.files import owned_files
from portal.workflows.links import download
from portal.workflows.mail.mail_jobs import send_due
from portal.workflows.people import account
from portal.workflows.upkeep import sweep
from tests.actions import (
    download_file,
    link_token,
    list_objects,
    list_records,
    list_rows,
    make_id,
    make_person,
    make_request,
    share_files,
    upload_file,
)
from tests.builders import Running

ANA, BEN = make_person("Ana Lopes"), make_person("Ben Okoro")


def do(portal: Running, workflow: owned_files.Workflow[owned_files.ChangeFile], file: File) -> None:
    run(workflow, owned_files.ChangeFile(make_request(ANA, portal), file_id=file.id), portal.portal.services)


def now_of(portal: Running, file: File) -> File | None:
    return portal.portal.services.files.get(file.owner_id, file.id)


def replace_mailer(portal: Running, send: Callable[[OutgoingMail], str]) -> Services:
    mailer = type("Mailer", (), {"send": staticmethod(send)})()
    return replace(portal.portal.services, mailer=mailer)


@pytest.mark.requirement("R39")
@pytest.mark.dates
def test_a_file_brought_back_at_the_last_moment_keeps_its_bytes(portal: Running) -> None:
    """The sweep read that its grace is over, and its owner took it back before its turn came."""
    file = upload_file(portal, ANA)
    do(portal, owned_files.TRASH, file)
    portal.clock.turn(days=15)
    [due] = portal.portal.services.files.list_due(portal.clock(), 25)
    do(portal, owned_files.RESTORE, file)
    sweep.purge_trashed(due, portal.portal.services)
    assert list_objects(portal) == [file.key]
    assert list_records(portal, "file.purged") == []


@pytest.mark.requirement("R39", "R61")
def test_a_file_that_is_being_removed_cannot_be_brought_back(portal: Running) -> None:
    """Killed between the bytes and the row; the next sweep finishes."""
    file = upload_file(portal, ANA)
    do(portal, owned_files.TRASH, file)
    assert portal.portal.services.files.mark_purged(
        file, sweep.record(Action.FILE_PURGED, file, portal.portal.services)
    )
    with pytest.raises(Conflict):
        do(portal, owned_files.RESTORE, file)
    sweep.sweep(portal.portal.services, lambda: 60.0)
    assert now_of(portal, file) is None
    assert list_objects(portal) == []
    assert portal.portal.services.people.get_usage(ANA.id).files == 0


@pytest.mark.requirement("I2")
@pytest.mark.dates
def test_a_share_made_at_the_last_moment_keeps_its_file(portal: Running) -> None:
    """The sweep read the lifetime before the share prolonged it."""
    file = upload_file(portal, ANA)
    do_keep = owned_files.ChangeFile(make_request(ANA, portal), file_id=file.id, days=7)
    run(owned_files.KEEP, do_keep, portal.portal.services)
    portal.clock.turn(days=7)
    [due] = portal.portal.services.files.list_due(portal.clock(), 25)
    share_files(portal, ANA, [file])
    sweep.end_lifetime(due, portal.portal.services)
    known = now_of(portal, file)
    assert known is not None
    assert known.state is FileState.READY


@pytest.mark.requirement("R38")
def test_an_upload_taken_in_at_the_last_moment_keeps_its_bytes(
    portal: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the sweep's last look and its removal the browser said that the file arrived."""
    file = upload_file(portal, ANA)
    pending = replace(file, state=FileState.PENDING)
    look = portal.portal.services.files.get
    monkeypatch.setattr(portal.portal.services.files, "get", lambda *_: pending)
    sweep.sweep_pending(replace(file, state=FileState.REJECTED), portal.portal.services)
    monkeypatch.setattr(portal.portal.services.files, "get", look)
    assert list_objects(portal) == [file.key]


@pytest.mark.requirement("R52")
@pytest.mark.dates
def test_mails_of_closed_links_hold_up_no_others(portal: Running) -> None:
    """They are given up and say so; before, they were due for ever, and first."""

    def down(letter: OutgoingMail) -> str:
        raise Unavailable

    offline = replace_services(portal, replace_mailer(portal, down))
    days = [(portal.clock() + timedelta(days=days)).date() for days in (1, 1, 1, 30)]
    file = upload_file(portal, ANA)
    made = [share_files(offline, ANA, [file], expires_on=day) for day in days]
    portal.clock.turn(days=3)
    assert send_due(portal.portal.services, lambda: 60.0, batch=2) == 1
    states = [
        get_share(ANA, each.about, portal.portal.services).recipients[0].recipient.mail.state for each in made
    ]
    assert states == [MailState.FAILED] * 3 + [MailState.SENT]
    assert portal.portal.services.outbox.list_due(portal.clock() + timedelta(days=30), 25) == []


def replace_services(portal: Running, services: Services) -> Running:
    return replace(portal, portal=replace(portal.portal, services=services))


@pytest.mark.requirement("R52")
def test_a_mail_that_cannot_be_written_is_tried_like_any_other(portal: Running) -> None:
    """With backoff, and given up at last; the emails behind it are sent."""

    def odd(letter: OutgoingMail) -> str:
        raise KeyError(letter.to)

    broken = replace_services(portal, replace_mailer(portal, odd))
    made = share_files(broken, ANA, [upload_file(portal, ANA)])
    for _ in range(15):
        portal.clock.turn(minutes=11)
        send_due(broken.portal.services, lambda: 60.0)
    view = get_share(ANA, made.about, portal.portal.services)
    assert view.recipients[0].recipient.mail.state is MailState.FAILED


@pytest.mark.requirement("R38")
def test_one_file_that_fails_holds_up_no_others(portal: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stays due; all others of the same sweep are dealt with."""
    first, second = upload_file(portal, ANA, "a.pdf"), upload_file(portal, ANA, "b.pdf")
    for file in (first, second):
        do(portal, owned_files.TRASH, file)
    portal.clock.turn(days=15)
    remove = portal.portal.services.objects.remove

    def refused(key: str, version_id: str = "") -> None:
        if key == first.key:
            raise PermissionError
        remove(key, version_id)

    monkeypatch.setattr(portal.portal.services.objects, "remove", refused)
    assert sweep.sweep_files(portal.portal.services, lambda: 60.0) == 1
    assert now_of(portal, first) is not None
    assert now_of(portal, second) is None


@pytest.mark.requirement("R61", "I7")
def test_closing_an_account_twice_leaves_nothing_behind(portal: Running) -> None:
    """The second press came after all was gone; what it left could not be read by any sweep."""
    asked = account.CloseAccount(make_request(ANA, portal), confirmation=ANA.address)
    run(account.CLOSE_ACCOUNT, asked, portal.portal.services)
    account.close(replace(asked, record=draft_record(account.CLOSE_ACCOUNT, asked)), portal.portal.services)
    assert portal.portal.services.people.list_closing(25) == []
    assert [item for item in list_rows(portal) if item["pk"]["S"] == f"PERSON#{ANA.id}"] == []


@pytest.mark.requirement("R50", "I5")
@pytest.mark.dates
def test_a_press_repeated_within_its_minute_gives_no_file_from_the_trash(portal: Running) -> None:
    file = upload_file(portal, ANA)
    token, press = link_token(portal, share_files(portal, ANA, [file])), make_id(portal)
    assert download_file(portal, token, file, press)
    do(portal, owned_files.TRASH, file)
    with pytest.raises(download.FileGone):
        download_file(portal, token, file, press)


@pytest.mark.requirement("R34")
def test_a_name_of_ligatures_can_be_sorted(portal: Running) -> None:
    """NFKC makes 18 characters of each; an index takes 1,024 bytes."""
    file = upload_file(portal, ANA, "\ufdfa" * 84)
    assert [each.name for each in list_files(ANA, portal.portal.services, order="name").files.items] == [
        file.name
    ]
