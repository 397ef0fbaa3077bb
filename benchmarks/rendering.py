"""What pages cost in processor time, beside the least that Flask needs for such a page.

    python -m benchmarks.rendering [--rounds 25]

`/files` with 30 rows and a partner's page of one file, each with all that its request does, beside a plain
Flask app that makes a bare list of 30 rows out of memory. "without AWS" leaves out what boto3 takes for the
page's calls, whose answers embedded AWS gives in a process of its own. Rounds are taken in turn, so that the
ratios hold on a busy machine; the figures are medians.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.client import BaseClient
from flask import Flask, render_template_string, url_for

from benchmarks.pages import Bench, add_files, bench, make_share, token_of

ROWS = 30
PLAIN = """<!doctype html><title>Files</title><table>{% for name, size, at in rows %}
<tr><td><a href="{{ url_for('index', name=name) }}">{{ name }}</a><td>{{ size }}<td>{{ at }}</tr>
{% endfor %}</table>"""


@dataclass
class Figures:
    whole: list[float] = field(default_factory=list)  # milliseconds
    without_aws: list[float] = field(default_factory=list)


class AwsTime:
    """The processor time that calls of AWS took so far, in seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0

    @contextmanager
    def measure(self) -> Iterator[None]:
        plain = BaseClient._make_api_call  # type: ignore[attr-defined]

        def timed(*arguments: Any, **named: Any) -> Any:
            begun = time.process_time()
            try:
                return plain(*arguments, **named)
            finally:
                self.seconds += time.process_time() - begun

        BaseClient._make_api_call = timed  # type: ignore[attr-defined]
        yield
        BaseClient._make_api_call = plain  # type: ignore[attr-defined]


def make_plain_list() -> Callable[[], object]:
    app = Flask("plain")
    rows = [(f"Quarterly report {number:06}.pdf", 1000 + number, "27 Nov") for number in range(ROWS)]
    app.add_url_rule("/", "index", lambda: render_template_string(PLAIN, rows=rows, url_for=url_for))
    client = app.test_client()
    return lambda: client.get("/")


def list_pages(bench: Bench) -> dict[str, Callable[[], object]]:
    files = add_files(bench.portal, 2 * ROWS)
    token = token_of(bench, make_share(bench, files[:1]))
    partner = bench.app.test_client()
    for client in (bench.staff, partner):
        client.set_cookie("zone", "Europe/Lisbon", domain="127.0.0.1")
    assert bench.staff.get("/files", base_url=bench.portal.config.public_url).text.count("data-menu=") == ROWS
    return {
        "plain Flask, 30 rows": make_plain_list(),
        "/files, 30 rows": bench.get(bench.staff, "/files"),
        "/d/<token>, one file": bench.get(partner, f"/d/{token}"),
    }


def measure(pages: dict[str, Callable[[], object]], rounds: int) -> dict[str, Figures]:
    found, aws = {page: Figures() for page in pages}, AwsTime()
    for ask in pages.values():
        ask()
    with aws.measure():
        for _ in range(rounds):
            for page, ask in pages.items():
                before, begun = aws.seconds, time.process_time()
                ask()
                spent = time.process_time() - begun
                found[page].whole.append(spent * 1000)
                found[page].without_aws.append((spent - (aws.seconds - before)) * 1000)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=25)
    rounds = parser.parse_args().rounds
    with bench() as running:
        found = measure(list_pages(running), rounds)
    floor = statistics.median(next(iter(found.values())).whole)
    title = f"page, median of {rounds} rounds"
    print(f"{title:<36}{'ms':>8}{'x plain':>9}{'without AWS':>13}{'x plain':>9}")
    for page, figures in found.items():
        whole, rest = statistics.median(figures.whole), statistics.median(figures.without_aws)
        print(f"{page:<36}{whole:>8.1f}{whole / floor:>9.1f}{rest:>13.1f}{rest / floor:>9.1f}")


if __name__ == "__main__":
    main()
