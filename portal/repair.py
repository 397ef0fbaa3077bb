"""`python -m portal.repair FIRST [LAST] [--write]`: whether the counters of these days (as 2026-02-03, UTC)
are what the audit log says; with --write they are put right. Reads the portal's own environment.

Exit code 0: nothing differs, or it was put right; 1: something differs; 2: it could not be told.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from portal.bootstrap import build, read_config
from portal.config.parsing import ConfigurationError
from portal.domain.errors import Unavailable
from portal.domain.usage.drift import Drift
from portal.engine.services import Services
from portal.workflows.upkeep.recount import mend_day, recount_day

MAX_ATTEMPTS = 5


def main(arguments: Sequence[str] | None = None) -> int:
    asked = parse_arguments(arguments)
    try:
        services = build(read_config(os.environ)).services
    except ConfigurationError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    return repair(asked.first, asked.last or asked.first, services, write=asked.write)


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m portal.repair", description=__doc__)
    parser.add_argument("first", type=date.fromisoformat, metavar="FIRST", help="the first day")
    parser.add_argument("last", type=date.fromisoformat, metavar="LAST", nargs="?", help="the last day")
    parser.add_argument("--write", action="store_true", help="put right what differs")
    return parser.parse_args(arguments)


def repair(first: date, last: date, services: Services, *, write: bool) -> int:
    found = 0
    for day in list_days(first, last):
        try:
            drift = recount_day(day, services).drift
            for each in drift:
                sys.stdout.write(f"{describe_drift(each)}\n")
            found += len(drift)
            if drift and write:
                mend(day, services)
        except Unavailable:
            sys.stderr.write(f"{day}: it is being written to all the time. Try again later.\n")
            return 2
    outcome = f"{found} differences {'put right' if write else 'found'}." if found else "Nothing differs."
    sys.stdout.write(f"{outcome}\n")
    return 1 if found and not write else 0


def mend(day: date, services: Services) -> None:
    for _ in range(MAX_ATTEMPTS):
        if mend_day(recount_day(day, services), services):
            return
    raise Unavailable()


def list_days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=each) for each in range((last - first).days + 1))


def describe_drift(drift: Drift) -> str:
    whose = f" {drift.subject.kind.lower()} {drift.subject.id}" if drift.subject else ""
    return f"{drift.day}{whose} {drift.figure}: counted {drift.counted}, recorded {drift.recorded}"


if __name__ == "__main__":
    sys.exit(main())
