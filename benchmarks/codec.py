"""What turning DynamoDB's typed JSON into Python's values costs, beside the page of a list that needs it.

    python -m benchmarks.codec [--rows 30]

The milliseconds hold for one machine; the share of the page holds more widely: it is the most that another
way of reading items could save.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks.pages import SENDER, Bench, add_files, bench
from portal.aws.client.table import plain
from portal.aws.client.writes import wire

ROUNDS = 60


def milliseconds(ask: Callable[[], Any]) -> float:
    ask()
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        ask()
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def measure(running: Bench, rows: int) -> None:
    items = [running.portal.services.files.item(file) for file in add_files(running.portal, rows)]  # type: ignore[attr-defined]
    typed = [wire(item) for item in items]
    page = milliseconds(running.get(running.staff, "/files"))
    files = running.portal.services.files
    read = milliseconds(lambda: files.page(SENDER.id, "ready", "uploaded", True, None, rows))
    turned = milliseconds(lambda: [plain(item) for item in typed])
    print(f"{rows} rows: page {page:.1f} ms, its query {read:.1f} ms, types {turned:.2f} ms")
    print(f"types are {turned / page:.1%} of the page")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=30, help="files in the list (30)")
    asked = parser.parse_args()
    with bench() as running:
        measure(running, asked.rows)


if __name__ == "__main__":
    main()
