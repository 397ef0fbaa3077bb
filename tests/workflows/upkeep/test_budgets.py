"""No kind of scheduled work starves another, whatever each has to do; what is left is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from portal.domain.audit.record import Action, Actor, AuditRecord
from portal.domain.errors import Unavailable
from portal.domain.mail.email_message import OutgoingMail
from portal.engine.budgets import MIN_REMAINING_SECONDS, SecondsLeft, run_in_turn
from portal.engine.services import Services
from portal.engine.workflow import run
from portal.workflows.files import owned_files
from portal.workflows.upkeep import sweep
from tests.actions import list_mails, list_objects, make_person, make_request, share_files, upload_file
from tests.builders import Running
from tests.figures import read_figures, watch_figures

pytestmark = pytest.mark.requirement("R77")

ANA, BEN = make_person("Ana Lopes"), make_person("Ben Okoro")


@dataclass
class Time:
    """An invocation's time, which passes only by the work that is done in it."""

    left: float = 29.0

    def seconds_left(self) -> float:
        return self.left


@dataclass
class Work:
    """One kind of work: so many pieces, each of which takes so long, or fails at once."""

    time: Time
    pieces: int
    seconds: float
    failure: Exception | None = None
    done: int = 0
    began_at: list[float] = field(default_factory=list)

    def __call__(self, services: Services, seconds_left: SecondsLeft) -> None:
        if self.failure:
            raise self.failure
        while self.done < self.pieces and seconds_left() >= MIN_REMAINING_SECONDS:
            self.began_at.append(self.time.left)
            self.time.left -= self.seconds
            self.done += 1


LOADS: list[dict[str, Any]] = [
    {"pieces": 10_000, "seconds": 0.1},
    {"pieces": 3, "seconds": 0.1},
    {"pieces": 10_000, "seconds": 2.0},
    {"pieces": 0, "seconds": 1.0, "failure": Unavailable()},
    {"pieces": 0, "seconds": 1.0, "failure": KeyError()},
]


@pytest.mark.parametrize("order", list(permutations(range(len(LOADS))))[::7])
def test_every_kind_has_its_turn_in_every_order(portal: Running, order: tuple[int, ...]) -> None:
    time = Time()
    works = {place: Work(time, **LOADS[place]) for place in order}
    run_in_turn([works[place] for place in order], portal.portal.services, time.seconds_left)
    assert works[1].done == 3
    assert works[0].done >= 20
    assert works[2].done >= 1
    assert (
        MIN_REMAINING_SECONDS - 2.0 <= time.left < MIN_REMAINING_SECONDS
    )  # no time is given away, and none is overdrawn
    assert all(at >= MIN_REMAINING_SECONDS for work in works.values() for at in work.began_at)


@pytest.mark.parametrize("left", [0.0, 5.0, MIN_REMAINING_SECONDS, 10.1])
def test_nothing_is_begun_without_time(portal: Running, left: float) -> None:
    work = Work(Time(left), 5, 1.0)
    run_in_turn([work], portal.portal.services, work.time.seconds_left)
    assert work.done == 0


def mailing_by(portal: Running, send: Callable[[OutgoingMail], str]) -> Running:
    mailer = type("Mailer", (), {"send": staticmethod(send)})()
    services = replace(portal.portal.services, mailer=mailer)
    return replace(portal, portal=replace(portal.portal, services=services))


def slow_mail(portal: Running, time: Time) -> Running:
    """Its mail service takes two seconds for an email."""
    send = portal.portal.services.mailer.send

    def slowly(letter: OutgoingMail) -> str:
        time.left -= 2.0
        return send(letter)

    return mailing_by(portal, slowly)


def offline(portal: Running) -> Running:
    def down(letter: OutgoingMail) -> str:
        raise Unavailable

    return mailing_by(portal, down)


def test_files_expire_and_accounts_close_beside_a_long_outbox(portal: Running) -> None:
    kept, gone = upload_file(portal, ANA), upload_file(portal, ANA, "old.pdf")
    run(
        owned_files.TRASH,
        owned_files.ChangeFile(make_request(ANA, portal), file_id=gone.id),
        portal.portal.services,
    )
    portal.clock.turn(days=15)
    upload_file(portal, BEN)
    people = ", ".join(f"partner-{number}@example.com" for number in range(40))
    share_files(offline(portal), ANA, [kept], recipients_text=people)
    now = portal.clock.turn(minutes=5)
    closed = AuditRecord(now, Action.ACCOUNT_CLOSED, Actor("person", BEN.id), BEN.id)
    portal.portal.services.people.record_visit(BEN, now, closed)
    portal.portal.services.people.close(BEN, now, closed)
    time = Time()
    sweep.sweep(slow_mail(portal, time).portal.services, time.seconds_left)
    assert list_objects(portal) == [kept.key]
    assert portal.portal.services.people.list_closing(1) == []
    assert 4 <= len(list_mails(portal)) < 40


def test_what_fails_is_passed_by(portal: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than one query's rows, and all of the first query's fail."""
    made = [upload_file(portal, ANA, f"{number}.pdf") for number in range(28)]
    for each in made:
        run(
            owned_files.TRASH,
            owned_files.ChangeFile(make_request(ANA, portal), file_id=each.id),
            portal.portal.services,
        )
        portal.clock.turn(seconds=2)
    portal.clock.turn(days=15)
    failing = {each.key for each in made[:26]}
    remove = portal.portal.services.objects.remove

    def refused(key: str, version_id: str = "") -> None:
        if key in failing:
            raise PermissionError
        remove(key, version_id)

    monkeypatch.setattr(portal.portal.services.objects, "remove", refused)
    sweep.sweep(portal.portal.services, lambda: 60.0)
    assert set(list_objects(portal)) == failing


@pytest.fixture
def figures(caplog: pytest.LogCaptureFixture) -> Callable[[], dict[str, Any]]:
    """The metrics of one kind that the log holds, as CloudWatch reads them."""

    def found() -> dict[str, Any]:
        lines = [line for line in read_figures(caplog) if "OldestDueSeconds" in line]
        for line in lines:
            [directive] = line["_aws"]["CloudWatchMetrics"]
            assert directive["Dimensions"] == [["service"], ["service", "kind"]]
        return {line["kind"]: line["OldestDueSeconds"] for line in lines}

    watch_figures(caplog)
    return found


def test_the_age_of_the_oldest_of_each_kind_is_a_metric(
    portal: Running, figures: Callable[[], dict[str, Any]]
) -> None:
    """Here nothing can be done for want of time, so that all stays due."""
    file = upload_file(portal, ANA)
    share_files(offline(portal), ANA, [file])
    run(
        owned_files.TRASH,
        owned_files.ChangeFile(make_request(ANA, portal), file_id=file.id),
        portal.portal.services,
    )
    portal.clock.turn(days=14, minutes=10)
    sweep.sweep(portal.portal.services, lambda: 1.0)
    days = int(timedelta(days=14, minutes=10).total_seconds())
    assert figures() == {"mail": days - 30, "file": 600, "reminder": days}
