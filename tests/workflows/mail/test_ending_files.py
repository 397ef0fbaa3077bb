"""Owners are warned once before their files' lives end, in one email, and never of what does not end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.domain.errors import Unavailable
from portal.domain.files.file import File, FileState
from portal.domain.mail.email_message import OutgoingMail
from portal.domain.mail.notifications import NotificationKind
from portal.domain.policy.legal_holds import HeldKind
from portal.engine.workflow import run
from portal.workflows.files import owned_files
from portal.workflows.mail import ending_files
from portal.workflows.mail.mail_preferences import SWITCH_MAILS, SwitchMails
from portal.workflows.policy.legal_holds import RELEASE_HOLD, SET_HOLD, ReleaseHold, SetHold
from portal.workflows.upkeep.sweep import sweep_files
from tests.actions import list_rows, make_person, make_request, share_files, sign_in_before, upload_file
from tests.builders import Running
from tests.workflows.mail.test_mail_jobs import Moody

ANA, BEN = make_person("Ana Lopes"), make_person("Ben Okoro")
ADA, IDA = make_person("Ada Minh", admin=True), make_person("Ida Admin", admin=True)


@pytest.fixture
def mailer() -> Moody:
    return Moody()


@pytest.fixture
def running(portal: Running, mailer: Moody) -> Running:
    for person in (ANA, BEN, ADA, IDA):
        sign_in_before(portal, person)
    services = replace(portal.portal.services, mailer=mailer)
    return replace(portal, portal=replace(portal.portal, services=services))


def upload(running: Running, name: str = "plan.pdf", days: int = 30, who: object = ANA) -> File:
    """A file that is kept for so long from now on."""
    file = upload_file(running, ANA, name)
    keep(running, file, days)
    return file


def keep(running: Running, file: File, days: int) -> None:
    context = owned_files.ChangeFile(make_request(ANA, running), file_id=file.id, days=days)
    run(owned_files.KEEP, context, running.portal.services)


def look(running: Running, mailer: Moody, **by: float) -> list[OutgoingMail]:
    """What the schedule sends after so long, a minute given to what is collected."""
    before = len(mailer.sent)
    running.clock.turn(**by)
    sweep_files(running.portal.services, lambda: 60.0)
    running.clock.turn(minutes=2)
    ending_files_sent(running)
    return mailer.sent[before:]


def ending_files_sent(running: Running) -> None:
    from portal.workflows.mail.mail_jobs import send_due

    send_due(running.portal.services, lambda: 60.0)


def state(running: Running, file: File) -> FileState:
    found = running.portal.services.files.find(file.id)
    assert found is not None
    return found.state


def test_an_owner_is_warned_a_week_before_and_once(running: Running, mailer: Moody) -> None:
    file = upload(running)
    assert look(running, mailer, days=21) == []
    [letter] = look(running, mailer, days=2)
    assert (letter.to, letter.subject) == (ANA.address, "plan.pdf goes to the trash soon")
    assert f"/files/{file.id}" in letter.text
    assert "Kept" in letter.text or "kept until" in letter.text
    assert "/mails/" in letter.unsubscribe
    assert look(running, mailer) == look(running, mailer, days=3) == []
    assert state(running, file) is FileState.READY
    assert look(running, mailer, days=5) == []
    assert state(running, file) is FileState.TRASHED


def test_what_ends_together_is_one_email(
    running: Running, mailer: Moody, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many pieces it is written in, and whoever else's files end."""
    monkeypatch.setattr(ending_files, "FILES_A_NOTICE", 3)
    for number in range(7):
        upload(running, f"plan {number}.pdf")
    letters = look(running, mailer, days=23)
    assert [each.subject for each in letters] == ["7 of your files go to the trash soon"]
    assert all(f"plan {number}" in letters[0].text for number in range(7))
    assert "/files\n" in letters[0].text


def test_a_longer_life_is_warned_of_again(running: Running, mailer: Moody) -> None:
    file = upload(running)
    assert len(look(running, mailer, days=23)) == 1
    keep(running, file, 30)
    assert look(running, mailer, days=20) == []
    assert len(look(running, mailer, days=3)) == 1


@pytest.mark.parametrize(("days", "then"), [(7, 6), (30, 23)])
def test_shorter_lives_are_warned_of_a_day_before(
    running: Running, mailer: Moody, days: int, then: int
) -> None:
    upload(running, days=days)
    assert look(running, mailer, days=then - 2) == []
    assert len(look(running, mailer, days=2)) == 1


def test_an_open_share_keeps_the_file_and_moves_the_warning(running: Running, mailer: Moody) -> None:
    """A warning that waits is not sent of a file that lives longer by now."""
    file = upload(running)
    running.clock.turn(days=23)
    sweep_files(running.portal.services, lambda: 60.0)
    share_files(running, ANA, [file], expires_on=(running.clock() + timedelta(days=60)).date())
    sent = len(mailer.sent)
    running.clock.turn(minutes=2)
    ending_files_sent(running)
    assert [each for each in mailer.sent[sent:] if each.to == ANA.address] == []
    assert [each.to for each in look(running, mailer, days=54) if "trash" in each.subject] == [ANA.address]


@pytest.mark.requirement("I8")
@pytest.mark.parametrize("kind", [HeldKind.FILE, HeldKind.PERSON])
@pytest.mark.parametrize("late", [False, True])
def test_nobody_is_warned_of_what_is_on_legal_hold(
    running: Running, mailer: Moody, kind: HeldKind, late: bool
) -> None:
    """Whether it was held before, or after its warning was queued; once it is released, its owner hears."""
    file, services = upload(running), running.portal.services
    running.clock.turn(days=23)
    if late:
        sweep_files(services, lambda: 60.0)
    thing = file.id if kind is HeldKind.FILE else ANA.id
    setting = SetHold(make_request(ADA, running), kind=kind, thing_id=thing, reason="A lawsuit")
    held = run(SET_HOLD, setting, services).required_hold
    assert look(running, mailer) == look(running, mailer, days=1) == []
    releasing = ReleaseHold(make_request(IDA, running), hold_id=held.id, reason="It is settled")
    run(RELEASE_HOLD, releasing, services)
    assert len(look(running, mailer, days=1)) == (0 if late else 1)
    assert state(running, file) is FileState.READY


def test_who_switched_it_off_gets_none(running: Running, mailer: Moody) -> None:
    upload(running)
    off = SwitchMails(make_request(ANA, running), off=frozenset({NotificationKind.ENDING}))
    run(SWITCH_MAILS, off, running.portal.services)
    assert look(running, mailer, days=23) == []
    assert not [row for row in list_rows(running) if row.get("due_kind") == {"S": "MAIL"}]


def test_what_was_deleted_since_is_not_named(running: Running, mailer: Moody) -> None:
    kept, gone = upload(running, "kept.pdf"), upload(running, "gone.pdf")
    running.clock.turn(days=23)
    sweep_files(running.portal.services, lambda: 60.0)
    context = owned_files.ChangeFile(make_request(ANA, running), file_id=gone.id)
    run(owned_files.TRASH, context, running.portal.services)
    running.clock.turn(minutes=2)
    ending_files_sent(running)
    assert mailer.sent[-1].subject == "kept.pdf goes to the trash soon"
    assert state(running, kept) is FileState.READY


@pytest.mark.requirement("I7", "R74")
@pytest.mark.parametrize("place", [1, 2])
def test_killed_anywhere_it_is_warned_of_once(
    running: Running, mailer: Moody, place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the write, and after it with the answer lost."""
    upload(running)
    running.clock.turn(days=23)
    endings = running.portal.services.file_endings
    warn = endings.warn

    def fail(*asked: object) -> bool:
        if place == 2:
            warn(*asked)  # type: ignore[arg-type]
        raise Unavailable

    monkeypatch.setattr(endings, "warn", fail)
    with pytest.raises(Unavailable):
        sweep_files(running.portal.services, lambda: 60.0)
    monkeypatch.undo()
    sweep_files(running.portal.services, lambda: 60.0)
    assert len(look(running, mailer)) == 1


@pytest.mark.requirement("R63")
def test_a_file_that_changed_keeps_no_other_back(
    running: Running, mailer: Moody, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between reading and writing, one of them was kept longer."""
    changed, other = upload(running, "changed.pdf"), upload(running, "other.pdf")
    running.clock.turn(days=23)
    held = running.portal.services.file_endings.find_held

    def keep_one(ids: list[str]) -> frozenset[str]:
        monkeypatch.undo()
        keep(running, changed, 30)
        return held(ids)

    monkeypatch.setattr(running.portal.services.file_endings, "find_held", keep_one)
    [letter] = look(running, mailer)
    assert letter.subject == "other.pdf goes to the trash soon"
    assert other.id in letter.text
