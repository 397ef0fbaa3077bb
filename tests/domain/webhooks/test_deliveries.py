"""When what did not arrive is tried again, and when it is given up."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from portal.domain.webhooks.deliveries import (
    BACKOFF_SECONDS,
    LIFE,
    LONGEST_PAUSE,
    MAX_ATTEMPTS_KEPT,
    Answer,
    Delivery,
    DeliveryState,
)
from portal.domain.webhooks.event_types import EventType
from tests.moments import BEGINS

DOWN = Answer(500, "status")


def draft(now: datetime = BEGINS) -> Delivery:
    return Delivery("d", "w", "o", "evt_1", EventType.TEST, now, now, "{}", due=now)


def fail_until_given_up(delivery: Delivery, answer: Answer = DOWN) -> list[timedelta]:
    """When each try was, counted from the beginning."""
    began, now, tries = delivery.queued_at, delivery.queued_at, list[timedelta]()
    while delivery.state is DeliveryState.QUEUED:
        delivery = delivery.add_answer(answer, now)
        tries.append(now - began)
        now = delivery.due or now
    assert delivery.due is None
    return tries


def test_pauses_grow_and_the_last_try_is_when_its_life_is_over() -> None:
    tries = fail_until_given_up(draft())
    pauses = [round((later - sooner).total_seconds()) for sooner, later in pairwise(tries)]
    assert pauses[: len(BACKOFF_SECONDS)] == list(BACKOFF_SECONDS)
    assert tries[-1] == LIFE


@pytest.mark.parametrize("answer", [Answer(200), Answer(204), Answer(299)])
def test_what_arrived_is_over(answer: Answer) -> None:
    done = draft().add_answer(answer, BEGINS)
    assert (done.state, done.due, done.tries) == (DeliveryState.DELIVERED, None, 1)


def test_gone_is_over_too() -> None:
    assert draft().add_answer(Answer(410, "status"), BEGINS).state is DeliveryState.FAILED


def test_a_receiver_can_ask_for_a_pause_and_not_for_an_endless_one() -> None:
    for asked, given in ((timedelta(seconds=1), 60), (timedelta(hours=1), 3600)):
        after = draft().add_answer(Answer(503, "status", pause=asked), BEGINS)
        assert after.due == BEGINS + timedelta(seconds=given)
    after = draft().add_answer(Answer(503, "status", pause=timedelta(days=9)), BEGINS)
    assert after.due == BEGINS + LONGEST_PAUSE


def test_asked_for_again_it_has_all_its_time_again() -> None:
    given_up = draft()
    for hour in range(30):
        given_up = given_up.add_answer(DOWN, BEGINS + timedelta(hours=hour))
    assert len(given_up.attempts) == MAX_ATTEMPTS_KEPT
    later = BEGINS + timedelta(days=9)
    again = given_up.queue_again(later)
    assert again.is_due(later)
    assert fail_until_given_up(again) == fail_until_given_up(draft(later))
