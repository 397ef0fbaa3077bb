"""Killed between any two calls to AWS, an upload is gone on with, or goes without leaving anything (R61)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest

from portal.domain.errors import NotFound
from portal.domain.files import FileState
from portal.workflows.sweep import sweep
from tests.builders import Clock, Running, running
from tests.doing import objects, recorded, somebody, state
from tests.parts import SMALL, WHOLE, announced, assembled, put_part, signed, uploads
from tests.workflows.test_parts import cancel

ANA = somebody("Ana Lopes")
SHA256 = "0" * 64


class Killed(BaseException):
    """The process ended here."""


@pytest.fixture
def portal(aws: None, clock: Clock) -> Running:
    return running(clock, **SMALL)


@contextmanager
def killed_at(portal: Running, call: int) -> Iterator[list[str]]:
    """End the process at its so-manieth call; the list says which were made."""
    made: list[str] = []

    def note(model: Any, **_: Any) -> None:
        if len(made) == call:
            raise Killed
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
    file = announced(portal, ANA)
    file = signed(portal, ANA, file, 1).mine
    parts(file)
    assembled(portal, ANA, file, SHA256)


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
    with killed_at(portal, 99) as made:
        send(portal, put_all(portal))
    assert len(made) <= len(CALLS), made
    assert made[-1] == "TransactWriteItems", made


@pytest.mark.parametrize("call", CALLS)
def test_killed_anywhere_the_browser_goes_on(portal: Running, call: int) -> None:
    """R61: what was announced is sent and completed by asking again: one file, one record, counted once."""
    with killed_at(portal, call):
        send(portal, put_all(portal))
    for file in pending(portal):
        file = signed(portal, ANA, file, 1).mine
        with suppress(KeyError):  # moto's word for an upload that S3 knows no more; completing says why
            put_all(portal)(file)
        assembled(portal, ANA, file, SHA256)
    usage = portal.portal.services.people.usage(ANA.id)
    if call:
        assert (usage.files, usage.bytes) == (1, len(WHOLE))
        assert len(recorded(portal, "file.upload_completed")) == 1
        assert len(objects(portal)) == 1
    assert pending(portal) == []


@pytest.mark.parametrize("call", CALLS)
def test_killed_anywhere_and_never_gone_on_with_it_leaves_nothing(portal: Running, call: int) -> None:
    """R38, R61, I3: after the sweeps no part without a row, no row without its object, nothing held."""
    with killed_at(portal, call):
        send(portal, put_all(portal))
    portal.clock.turn(hours=50)
    portal.clock.now = portal.clock.now.replace(minute=0) + timedelta(hours=1)
    for _ in range(2):
        sweep(portal.portal.services, lambda: 60.0)
    usage = portal.portal.services.people.usage(ANA.id)
    kept = len(objects(portal))
    assert uploads(portal) == []
    assert (usage.files, usage.bytes) == (kept, kept * len(WHOLE))
    rows = [item for item in state(portal) if item["sk"]["S"].startswith("FILE#")]
    assert len(rows) == kept


@pytest.mark.parametrize("call", range(8))
def test_cancelling_killed_anywhere_is_finished_later(portal: Running, call: int) -> None:
    """R38, R61: by pressing again, or by the sweep."""
    file = signed(portal, ANA, announced(portal, ANA), 1).mine
    put_part(portal, file, 1)
    with killed_at(portal, call):
        cancel(portal, file)
    with suppress(NotFound):  # the row is gone already, and with it the rest
        cancel(portal, file)
    assert uploads(portal) == []
    assert portal.portal.services.people.usage(ANA.id).bytes == 0
