"""How fast the schedule may send emails, so that none is refused for its rate and pages keep their part: a
token bucket for the second, and what is left of the day.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal.domain.clock import Clock

# The rest is for pages: who asks for a code waits for it.
OF_A_SECOND, OF_A_DAY = 0.8, 0.9


@dataclass(frozen=True)
class SendingQuota:
    """What the mail service lets the account send: emails a second, in 24 hours (None: without end), and how
    many it sent in the last 24 hours.
    """

    a_second: float
    a_day: float | None
    sent: float

    @property
    def left(self) -> float:
        """How many more the schedule may send by now."""
        return float("inf") if self.a_day is None else self.a_day * OF_A_DAY - self.sent


class SendingPace:
    """Tokens come with the time, one second's at most; `wait` takes one."""

    def __init__(self, quota: SendingQuota, clock: Clock) -> None:
        self.clock = clock
        self.a_second = max(quota.a_second * OF_A_SECOND, 0.1)
        self.left = quota.left
        self.tokens = max(self.a_second, 1.0)
        self.at = clock.monotonic()

    @property
    def is_used_up(self) -> bool:
        return self.left < 1

    def wait(self) -> None:
        """Until the next email may go."""
        self.fill()
        if self.tokens < 1:
            self.clock.sleep((1 - self.tokens) / self.a_second)
            self.fill()
        self.tokens -= 1
        self.left -= 1

    def fill(self) -> None:
        now = self.clock.monotonic()
        self.tokens = min(max(self.a_second, 1.0), self.tokens + (now - self.at) * self.a_second)
        self.at = now
