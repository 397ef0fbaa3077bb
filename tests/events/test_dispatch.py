"""Batches, the minute's tick, and what comes from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from portal.domain.errors import Unavailable
from portal.domain.files.file import FileState
from tests import actions
from tests.builders import Running
from tests.events.conftest import Arrivals
from tests.recorded_events import batch, load_event, object_created

pytestmark = pytest.mark.requirement("R38", "R58", "R60", "T15")

ANA = actions.make_person()


class Away:
    """A table that does not answer; it counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def fail(*_: Any) -> Any:
            self.asked += 1
            raise Unavailable()

        return fail


def abandon_upload(portal: Running) -> str:
    """A file that was announced a while ago and never came; its key."""
    file = actions.reserve_file(portal, ANA)
    portal.clock.turn(hours=25)
    return file.key


def test_during_an_outage_nothing_is_lost(make_arrivals: Callable[..., Arrivals]) -> None:
    arrive = make_arrivals(files=Away())
    key = f"files/{'0' * 26}/{'1' * 26}"
    assert arrive(batch(object_created(key))) == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    with pytest.raises(Unavailable):
        arrive(object_created(key))


def test_a_message_that_failed_is_named(make_arrivals: Callable[..., Arrivals]) -> None:
    """Lambda gives back the named ones only."""
    arrive = make_arrivals(files=Away())
    event = object_created(f"files/{'0' * 26}/{'1' * 26}")
    assert arrive(batch(load_event("s3_test_event"), event)) == {
        "batchItemFailures": [{"itemIdentifier": "1"}]
    }


@pytest.mark.requirement("R59")
def test_without_time_messages_are_put_back(make_arrivals: Callable[..., Arrivals]) -> None:
    """Nothing is begun that Lambda would cut off."""
    away = Away()
    arrive = make_arrivals(files=away)
    event = batch(object_created(f"files/{'0' * 26}/{'1' * 26}"))
    assert arrive(event, seconds_left=3) == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    assert away.asked == 0


@pytest.mark.parametrize("wrap", [batch, lambda tick: tick], ids=["queue", "direct"])
def test_the_tick_does_what_is_due(arrive: Arrivals, portal: Running, wrap: Callable[..., Any]) -> None:
    """An upload that never came is forgotten when the schedule says so."""
    owner_id, file_id = abandon_upload(portal).split("/")[1:]
    arrive(wrap(load_event("scheduled")))
    file = portal.portal.services.files.get(owner_id, file_id)
    assert file is None or file.state is not FileState.PENDING


def test_ticks_that_piled_up_are_one(make_arrivals: Callable[..., Arrivals]) -> None:
    """One sweep does what several would, after everything else in the batch."""
    outbox = Away()
    arrive = make_arrivals(outbox=outbox)
    tick = load_event("scheduled")
    assert arrive(batch(tick, tick, load_event("s3_test_event"), tick)) == {"batchItemFailures": []}
    assert outbox.asked == 1


def test_another_queue_is_refused(arrive: Arrivals, portal: Running) -> None:
    """A queue that someone else wired to the function moves nothing."""
    file = actions.reserve_file(portal, ANA)
    actions.put_object(portal, file, b"twelve bytes")
    event = batch(object_created(file.key))
    event["Records"][0]["eventSourceARN"] = "arn:aws:sqs:eu-central-1:666666666666:portal-events"
    before = actions.list_rows(portal)
    assert arrive(event) == {"refused": True}
    assert actions.list_rows(portal) == before


def test_messages_of_no_known_kind_are_dropped(arrive: Arrivals, portal: Running) -> None:
    """Refused without effect; coming again would not make them known."""
    strange: list[Any] = [{"command": "os.getcwd"}, {"raw_command": "raise SystemExit"}, {}]
    strange += [{"Records": [{"eventSource": "aws:sqs"}]}, {"source": "aws.events", "detail-type": "other"}]
    before = actions.list_rows(portal)
    for body in strange:
        assert arrive(batch(body)) == {"batchItemFailures": []}, body
        assert actions.list_rows(portal) == before, body


def test_nesting_without_end_is_one_bad_message(arrive: Arrivals) -> None:
    """A body that no parser gets through stays by itself."""
    assert arrive(batch("[" * 100_000, load_event("s3_test_event"))) == {
        "batchItemFailures": [{"itemIdentifier": "0"}]
    }
