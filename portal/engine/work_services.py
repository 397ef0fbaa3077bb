"""What the schedule plans its work with: the queue between it and its workers, and who is at what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol


class WorkQueue(Protocol):
    @property
    def is_there(self) -> bool:
        """Whether there is a queue; without one, the schedule does everything itself."""

    def send(self, lanes: Sequence[str]) -> None:
        """Have these worked. Raises Unavailable; some of them may have been taken then."""


class Lanes(Protocol):
    """Each kind of work is a lane: one worker at a time, whatever comes twice."""

    def plan(self, lane: str, now: datetime) -> bool:
        """Note that it is planned; False where it is already, or somebody is at it."""

    def begin(self, lane: str, worker: str, now: datetime) -> bool:
        """Take it; False while another worker has it. One that died has it until its lease ends."""

    def end(self, lane: str, worker: str) -> None:
        """Leave it, unless another has it by now."""
