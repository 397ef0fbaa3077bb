"""A list of people to invite, as typed or as a CSV file: an address and a name a line, and what is wrong with
each line that is none.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from portal.domain.characters import strip_invisible

MAX_LINES = 500  # at a time
MAX_LINE_CHARACTERS = 500
HEADINGS = {"email", "e-mail", "address", "mail", "adresse", "e-mail-adresse"}
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet would compute


class Fate(StrEnum):
    """What became of a line."""

    WAITING = "waiting"
    INVITED = "invited"
    THERE = "there"
    TWICE = "twice"
    NO_ADDRESS = "no_address"
    FORMULA = "formula"
    REFUSED = "refused"
    LATER = "later"


@dataclass(frozen=True)
class InvitationLine:
    """number: in the list, from 1; text: the line as it was; address: empty where it has none."""

    number: int
    text: str
    address: str = ""
    name: str = ""
    fate: Fate = Fate.WAITING


@dataclass(frozen=True)
class InvitationList:
    """The first lines, and those beyond as they were, for another time."""

    lines: tuple[InvitationLine, ...]
    rest: tuple[str, ...] = ()


def parse_list(text: str) -> InvitationList:
    """However long it is, only so many lines are read at a time."""
    lines = text.replace("\ufeff", "").splitlines()
    written = [place for place, each in enumerate(lines) if each.strip()]
    most = MAX_LINES + (bool(written) and is_heading(lines[written[0]]))
    end = written[most] if len(written) > most else len(lines)
    rest = tuple(lines[place] for place in written[most:])
    return InvitationList(tuple(parse_invitations("\n".join(lines[:end]))), rest)


def parse_invitations(text: str) -> list[InvitationLine]:
    """Each line that is not empty; the headings of a CSV file are passed over."""
    found, seen = list[InvitationLine](), set[str]()
    for number, line in enumerate(text.replace("\ufeff", "").splitlines(), 1):
        if not line.strip() or (not found and is_heading(line)):
            continue
        each = parse_line(number, line.strip()[:MAX_LINE_CHARACTERS])
        if each.address and each.address.casefold() in seen:
            each = InvitationLine(number, each.text, each.address, each.name, Fate.TWICE)
        seen.add(each.address.casefold())
        found.append(each)
    return found


def is_heading(line: str) -> bool:
    words = {cell.strip().casefold() for cell in split_cells(line)}
    return "@" not in line and not words.isdisjoint(HEADINGS)


def parse_line(number: int, line: str) -> InvitationLine:
    cells = [cell for cell in map(clean, split_cells(line)) if cell]
    addresses = [cell for cell in cells if "@" in cell.strip("@") and " " not in cell]
    if len(addresses) != 1:
        return InvitationLine(number, line, fate=Fate.NO_ADDRESS)
    names = [cell for cell in cells if cell != addresses[0]]
    fate = Fate.FORMULA if any(cell.startswith(FORMULA) for cell in cells) else Fate.WAITING
    return InvitationLine(number, line, addresses[0], " ".join(names), fate)


def split_cells(line: str) -> list[str]:
    """By the first of semicolon, tab and comma that stands in the line."""
    delimiter = next((each for each in ";\t," if each in line), ",")
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return [line]


def clean(cell: str) -> str:
    return strip_invisible(cell).strip().strip("<>")


def list_waiting(lines: list[InvitationLine]) -> Iterator[InvitationLine]:
    return (each for each in lines if each.fate is Fate.WAITING)
