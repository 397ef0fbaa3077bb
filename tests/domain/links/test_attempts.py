"""How long a press goes on: a minute whatever happens, then while its bytes have not all gone out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from portal.domain.files.file import SharedFile
from portal.domain.links.attempts import Attempt
from portal.domain.policy.limits import Limits

BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(microseconds=700_000)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MOMENT = timedelta(microseconds=1)
FILM, TEXT = ("film.mp4", "video/mp4"), ("text.txt", "text/plain")
pytestmark = pytest.mark.requirement("R79")


@pytest.mark.parametrize(
    ("what", "looks", "age", "addresses", "delivered", "goes_on"),
    [
        (TEXT, False, MINUTE - MOMENT, 1, True, True),
        (TEXT, False, MINUTE, 1, True, False),
        (TEXT, False, DAY - MOMENT, 49, False, True),
        (TEXT, True, DAY - MOMENT, 49, False, True),
        (TEXT, False, DAY, 1, False, False),
        (TEXT, False, MINUTE / 2, 50, False, False),
        (FILM, False, MINUTE, 1, True, False),
        (FILM, False, MINUTE, 50, False, False),
        (FILM, True, HOUR - MOMENT, 50, True, True),
        (FILM, True, HOUR, 50, True, False),
        (FILM, True, 4 * HOUR, 319, False, True),
        (FILM, True, 4 * HOUR, 320, False, False),
        (FILM, True, DAY, 2, False, False),
    ],
)
def test_when_a_press_goes_on(
    what: tuple[str, str], looks: bool, age: timedelta, addresses: int, delivered: bool, goes_on: bool
) -> None:
    file = SharedFile("f", what[0], 12, what[1], "v", "key")
    seen = BEGAN.replace(microsecond=0) if delivered else BEGAN - timedelta(seconds=2)
    attempt = Attempt(BEGAN, addresses, seen)
    assert attempt.goes_on(file, BEGAN + age, Limits(), looks=looks) is goes_on
