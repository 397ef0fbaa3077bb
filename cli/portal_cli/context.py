"""What every command is handed: where to write, and the portal as whoever signed in."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from portal_cli.credentials import find_token
from portal_cli.http import Api
from portal_cli.problems import Problem
from portal_cli.settings import find_address

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass
class Context:
    """out: what was asked for; err: everything said besides. as_json: for scripts."""

    address: str = ""
    as_json: bool = False
    quiet: bool = False
    connections: int = 8
    err: Console = field(default_factory=lambda: Console(stderr=True, highlight=False))

    def open_api(self) -> Api:
        address = find_address(self.address)
        return Api(address, find_token(address), self.connections)

    def say(self, words: str) -> None:
        """To people, beside what was asked for."""
        if not self.quiet and not self.as_json:
            self.err.print(Text(clean(words)), soft_wrap=True)

    def show(self, told: Any, *lines: str) -> None:
        """The result: JSON for scripts, else these lines."""
        click.echo(json.dumps(told, ensure_ascii=False) if self.as_json else "\n".join(map(clean, lines)))

    def show_table(self, told: Any, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A row a line, by tabs where no terminal reads it."""
        if self.as_json:
            click.echo(json.dumps(told, ensure_ascii=False))
        elif not sys.stdout.isatty():
            click.echo("\n".join("\t".join(map(clean, row)) for row in rows), nl=bool(rows))
        else:
            table = Table(*titles, box=None, pad_edge=False)
            for row in rows:
                table.add_row(*(Text(clean(each)) for each in row))
            Console(highlight=False).print(table)

    def fail(self, problem: Problem) -> None:
        if self.as_json:
            click.echo(json.dumps({"error": problem.describe()}, ensure_ascii=False), err=True)
        else:
            click.echo(f"portal: {clean(problem.detail)}", err=True)


def clean(text: str) -> str:
    """Names and messages are other people's: none of them steers this terminal."""
    return CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


def format_size(count: int) -> str:
    size, units = float(count), iter(("B", "kB", "MB", "GB", "TB"))
    unit = next(units)
    while size >= 1000 and unit != "TB":
        size, unit = size / 1000, next(units)
    return f"{count} B" if unit == "B" else f"{size:.1f} {unit}"
