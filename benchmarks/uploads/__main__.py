"""Uploads from real Chromium to a real S3, side by side with other ways to send the same bytes.

    python -m benchmarks.uploads [--only large,straight,many,memory] [--size 1024] [--rounds 3] [--write]

Starts Ceph's radosgw, a slow network before it (20 MB/s a connection, 100 ms a request), the whole portal and
Chromium, and prints a table. Ratios are medians of rounds in which every way had its turn; seconds hold for
one machine. `--write` puts the table into docs/uploads.md. All of it takes about half an hour.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.radosgw import end_in_order
from benchmarks.uploads.measures import MIB, Line, large, many, memory, straight
from benchmarks.uploads.stage import Stage, stage
from benchmarks.uploads.table import table, write

SLOW, STRAIGHT = ("large", "many"), ("straight", "memory")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.uploads", description="How fast uploads are.")
    parser.add_argument("--only", default=",".join(SLOW + STRAIGHT), help="which of them, with commas")
    parser.add_argument("--size", type=int, default=1024, help="MiB of the large file (1024)")
    parser.add_argument("--memory-size", type=int, default=2048, help="MiB of the file for memory (2048)")
    parser.add_argument("--files", type=int, default=1000, help="small files (1000)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="put the table into docs/uploads.md")
    asked = parser.parse_args()
    chosen = asked.only.split(",")
    if unknown := set(chosen) - {*SLOW, *STRAIGHT}:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    end_in_order()
    lines, browser = measured(asked, chosen)
    print(f"\n{table(lines)}")
    if asked.write:
        write(lines, " ".join(["python -m benchmarks.uploads", *sys.argv[1:]]), browser)


def measured(asked: argparse.Namespace, chosen: list[str]) -> tuple[list[Line], str]:
    lines: list[Line] = []
    browser = ""
    for names, slow in ((SLOW, True), (STRAIGHT, False)):
        if not (mine := [name for name in names if name in chosen]):
            continue
        with stage(slow=slow) as here, tempfile.TemporaryDirectory() as folder:
            browser = here.browser.version
            for name in mine:
                print(name, flush=True)
                lines += measure(name, here, asked, Path(folder))
    return lines, browser


def measure(name: str, here: Stage, asked: argparse.Namespace, folder: Path) -> Iterator[Line]:
    if name == "large":
        return large(here, asked.size * MIB, asked.rounds)
    if name == "many":
        return many(here, asked.files, 10 * 1024, asked.rounds)
    if name == "straight":
        return straight(here, asked.size * MIB, asked.rounds)
    return memory(here, asked.memory_size * MIB, folder)


if __name__ == "__main__":
    main()
