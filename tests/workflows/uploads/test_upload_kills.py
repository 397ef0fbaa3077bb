"""Killed between any two calls to AWS, an upload is gone on with, or goes without leaving anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest

from portal.domain.errors import NotFound
from portal.domain.files.file import FileState
from portal.engine.workflow import run
from portal.workflows.people import account
from portal.workflows.upkeep.sweep import sweep
from tests.actions import (
    list_objects,
    list_records,
    list_rows,
    make_person,
    make_request,
    put_object,
    read_state,
    reserve_file,
)
from tests.builders import Clock, Running, make_running
from tests.parts import SMALL, WHOLE, announce_film, put_part, put_together, sign_film_parts, uploads
from tests.web.signing import session_of
from tests.workflows.uploads.test_parts import cancel

pytestmark = pytest.mark.requirement("R61")

ANA = make_person("Ana Lopes")
SHA256 = "0" * 64


class Killed(BaseException):
    """The process ended here."""


@pytest.fixture
def portal(aws: None, clock: Clock) -> Running:
    return make_running(clock, **SMALL)


@contextmanager
def kill_at(portal: Running, call: int, counted: str = "") -> Iterator[list[str]]:
    """End the process at its nth call, or at the nth of one kind; the list says which were made."""
    made: list[str] = []

    def note(model: Any, **_: Any) -> None:
        if len(made) == call and counted in {"", model.name}:
            raise Killed
        if counted in {"", model.name}:
            made.append(model.name)

    parts: Any = portal.portal.services.parts
    events = [parts.clients.get(each).meta.events for each in ("s3", "dynamodb")]
    for each in events:
        each.register("before-call", note, unique_id="kill")
    try:
        yield made
    except Killed:
        pass
    finally:
        for each in events:
            each.unregister("before-call", unique_id="kill")


def send(portal: Running, parts: Callable[[Any], None]) -> None:
    """Announce, sign, send and complete."""
    file = announce_film(portal, ANA)
    file = sign_film_parts(portal, ANA, file, 1).required_file
    parts(file)
    put_together(portal, ANA, file, SHA256)


def put_all(portal: Running) -> Callable[[Any], None]:
    def put(file: Any) -> None:
        for number in (1, 2, 3):
            put_part(portal, file, number)

    return put


def pending(portal: Running) -> list[Any]:
    return list(portal.portal.services.files.page(ANA.id, FileState.PENDING, "uploaded", True, None, 9).items)


CALLS = range(18)


def test_so_many_calls_are_made(portal: Running) -> None:
    """All of them are tried below."""
    with kill_at(portal, 99) as made:
        send(portal, put_all(portal))
    assert len(made) <= len(CALLS), made
    assert made[-1] == "TransactWriteItems", made


@pytest.mark.parametrize("call", CALLS)
def test_killed_anywhere_the_browser_goes_on(portal: Running, call: int) -> None:
    """What was announced is sent and completed by asking again: one file, one record, counted once."""
    with kill_at(portal, call):
        send(portal, put_all(portal))
    for file in pending(portal):
        file = sign_film_parts(portal, ANA, file, 1).required_file
        with suppress(KeyError):  # moto's word for an upload that S3 knows no more; completing says why
            put_all(portal)(file)
        put_together(portal, ANA, file, SHA256)
    usage = portal.portal.services.people.get_usage(ANA.id)
    if call:
        assert (usage.files, usage.bytes) == (1, len(WHOLE))
        assert len(list_records(portal, "file.upload_completed")) == 1
        assert len(list_objects(portal)) == 1
    assert pending(portal) == []


@pytest.mark.requirement("R38", "I3")
@pytest.mark.parametrize("call", CALLS)
def test_killed_anywhere_and_never_gone_on_with_it_leaves_nothing(portal: Running, call: int) -> None:
    """After the sweeps no part without a row, no row without its object, nothing held."""
    with kill_at(portal, call):
        send(portal, put_all(portal))
    portal.clock.turn(hours=50)
    portal.clock.now = portal.clock.now.replace(minute=0) + timedelta(hours=1)
    for _ in range(2):
        sweep(portal.portal.services, lambda: 60.0)
    usage = portal.portal.services.people.get_usage(ANA.id)
    kept = len(list_objects(portal))
    assert uploads(portal) == []
    assert (usage.files, usage.bytes) == (kept, kept * len(WHOLE))
    rows = [item for item in read_state(portal) if item["pk"]["S"].startswith("FILE#")]
    assert len(rows) == kept


@pytest.mark.requirement("R38")
@pytest.mark.parametrize("call", range(8))
def test_cancelling_killed_anywhere_is_finished_later(portal: Running, call: int) -> None:
    """By pressing again, or by the sweep."""
    file = sign_film_parts(portal, ANA, announce_film(portal, ANA), 1).required_file
    put_part(portal, file, 1)
    with kill_at(portal, call):
        cancel(portal, file)
    with suppress(NotFound):  # the row is gone already, and with it the rest
        cancel(portal, file)
    assert uploads(portal) == []
    assert portal.portal.services.people.get_usage(ANA.id).bytes == 0


@pytest.mark.requirement("R38", "I3")
@pytest.mark.parametrize("call", range(9))
@pytest.mark.parametrize("in_parts", [False, True])
@pytest.mark.parametrize("then", ["sweep", "close the account"])
def test_cancelling_killed_anywhere_leaves_nothing_that_no_sweep_finds(
    portal: Running, call: int, in_parts: bool, then: str
) -> None:
    """Also where the bytes are there already, and nobody presses again."""
    file = (
        sign_film_parts(portal, ANA, announce_film(portal, ANA), 1).required_file
        if in_parts
        else reserve_file(portal, ANA)
    )
    put_object(portal, file, b"twelve bytes")
    session_of(portal, ANA)
    with kill_at(portal, call):
        cancel(portal, file)
    portal.clock.turn(minutes=1)
    if pending(portal):  # killed before anything was done: what came is taken in by its event, not by us
        cancel(portal, file)
    if then == "sweep":
        sweep(portal.portal.services, lambda: 60.0)
    else:
        close_account(portal)
    assert list_objects(portal) == uploads(portal) == []
    assert [item for item in list_rows(portal) if item["pk"]["S"].startswith("FILE#")] == []
    assert portal.portal.services.people.get_usage(ANA.id).bytes == 0
    assert len(list_records(portal, "file.upload_cancelled")) == 1


def close_account(portal: Running) -> None:
    context = account.CloseAccount(make_request(ANA, portal), confirmation=ANA.address)
    run(account.CLOSE_ACCOUNT, context, portal.portal.services)
