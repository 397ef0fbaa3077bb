"""What many people ask of AWS in their busiest second, beside what AWS lets an account have by default.

    python -m benchmarks.sizing

Arithmetic, no measurement: how much one person does is assumed here, what one share needs was counted for
version 0.5 (README, "What it costs"), and the defaults are those of AWS's pages on quotas. Prints the table
of docs/sizing.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

PEOPLE = (100, 10_000, 1_000_000)

# What one person is assumed to do on a working day, and when.
SHARES_A_DAY = 2  # of one file with one recipient each, who downloads it
PAGES_A_SHARE = 10  # looked at beside what sharing needs
BUSIEST_HOUR = 0.2  # of a day's work
BUSIEST_SECOND = 3  # times the mean of that hour
SIGN_INS_IN_BUSIEST_HOUR = 0.5  # of all people

# What one share with its upload, emails and download was counted to need.
CALLS, WRITES, READS, EMAILS = 16, 25, 42, 2
RECORDS = 8  # of the audit log
EVENTS = 6  # of the queue: the object, its access log, and what became of two emails
UNITS_A_WRITE = 4  # a transaction takes two units, an index as many again
REQUEST_SECONDS = 0.25  # the mean of what a request takes, AWS's answers included
EVENT_SECONDS = 0.1


@dataclass(frozen=True)
class Load:
    people: int

    @property
    def shares_a_second(self) -> float:
        """In the busiest second."""
        return self.people * SHARES_A_DAY * BUSIEST_HOUR / 3600 * BUSIEST_SECOND

    @property
    def requests_a_second(self) -> float:
        return self.shares_a_second * (CALLS + PAGES_A_SHARE)

    @property
    def concurrency(self) -> float:
        busy = self.requests_a_second * REQUEST_SECONDS + self.shares_a_second * EVENTS * EVENT_SECONDS
        return busy + 1  # the schedule

    @property
    def sign_ins_a_second(self) -> float:
        return self.people * SIGN_INS_IN_BUSIEST_HOUR / 3600 * BUSIEST_SECOND


@dataclass(frozen=True)
class Quota:
    """default: what an account has that asked for nothing; is_ours: of the code, so nobody can raise it."""

    name: str
    default: int
    need: Callable[[Load], float]
    is_ours: bool = False


QUOTAS = (
    Quota("Lambda: concurrent executions", 1000, lambda load: load.concurrency),
    Quota("API Gateway: requests a second", 10_000, lambda load: load.requests_a_second),
    Quota("DynamoDB: write units a second of the table", 40_000,
          lambda load: load.shares_a_second * WRITES * UNITS_A_WRITE),
    Quota("DynamoDB: read units a second of the table", 40_000, lambda load: load.shares_a_second * READS),
    Quota("SES: emails a day", 50_000, lambda load: load.people * SHARES_A_DAY * EMAILS),
    Quota("SES: emails a second", 14, lambda load: load.shares_a_second * EMAILS),
    Quota("Cognito: sign-ins a second", 120, lambda load: load.sign_ins_a_second),
    Quota("Audit log: records a second, by its 4 shards", 2000,
          lambda load: load.shares_a_second * RECORDS, is_ours=True),
    Quota("Audit log: records of one action a second", 1000, lambda load: load.shares_a_second, is_ours=True),
)  # fmt: skip


def make_table() -> str:
    """As Markdown; bold is what must be asked for, or is beyond the code."""
    head = ["", *(f"{people:,} people" for people in PEOPLE), "by default"]
    rows = [head, ["---"] * len(head)]
    for quota in QUOTAS:
        needs = [ceil(quota.need(Load(people))) for people in PEOPLE]
        shown = [f"**{need:,}**" if need > quota.default else f"{need:,}" for need in needs]
        rows.append([quota.name, *shown, f"{quota.default:,}" + (" (ours)" if quota.is_ours else "")])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


if __name__ == "__main__":
    print(make_table())
