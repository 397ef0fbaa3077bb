"""Lists of addresses as people paste them: taken apart so that none is lost (R69).

Read is what email programs, tables and web pages put on the clipboard: separated by line breaks, commas,
semicolons, tabs or blanks; bare, quoted, in brackets behind a name (`Doe, John <john@x.example>`) or beside
one. Every `local@domain` of the text is an address, a double of one, or shown as bad. `email.utils` reads
headers by RFC 5322, where most of this is an error that it drops without a word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from portal.domain.characters import show_invisible, show_number, strip_invisible, to_ascii_forms
from portal.domain.contacts.mailboxes import (
    LOCAL,
    address_key,
    normalize,
)

SHOWN_CHARACTERS = 160  # of what is bad; of longer texts each word with an @ is shown
TOKEN = re.compile(
    r"""
    (?P<blank>[ ]+) | (?P<separator>[,;\t])
    | (?P<bracket> <[^<>]*> | \[[^\[\]]*\] ) | (?P<comment> \([^()]*\) )
    | (?P<quoted> "(?=[^\s,;"])(?:[^"\\]|\\.)*" (?=[\s,;<(]|$) )
    | (?P<word> [^\s,;<>()"\[][^\s,;<>()]* ) | (?P<mark> . )
    """,
    re.VERBOSE | re.DOTALL,
)
BEFORE_BRACKET = re.compile(r" *<")
BETWEEN_WORDS = re.compile(r'[\s"()<>\[\],;:]+')
MAILTO = re.compile(r"mailto:", re.IGNORECASE)
# Before an address it is part of a pasted header, and what follows may be a blind copy.
HEADER = re.compile(r"(?<!\S)(?!(?:mailto|e-?mail):)[A-Za-z-]{1,20}: ?[^\s<,;]*@", re.IGNORECASE)
BULLET = re.compile(r"[0-9]+[.:]*|(?:mailto|e-?mail):|and|und|[\W_]+", re.IGNORECASE)
NAME = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*\.?")


@dataclass(frozen=True)
class Reading:
    """What a pasted text holds: the addresses, each once; what came twice; what is bad, as it is shown."""

    addresses: tuple[str, ...]
    doubles: tuple[str, ...]
    bad: tuple[str, ...]


class Token(NamedTuple):
    kind: str
    text: str


class Entry(NamedTuple):
    """What stands between two separators of a line. cell: its column, counted by tabs; ends: the separator
    behind it. mentions: those of its tokens that hold an address, or something like one.
    """

    text: str
    tokens: tuple[Token, ...]
    mentions: tuple[Token, ...]
    cell: int
    ends: str

    @property
    def is_empty(self) -> bool:
        return not self.mentions and not any(each.isalnum() for each in self.text)

    @property
    def begins_with_name(self) -> bool:
        """Whether it is a name and an address in brackets, as `John <john@x.example>`."""
        first = self.mentions[:1]
        return bool(first) and first[0].kind == "bracket" and self.tokens[0] != first[0]


class Item(NamedTuple):
    """An address, or what is bad: then with no address."""

    text: str
    address: str | None = None


def parse_recipients(text: str) -> Reading:
    """Take a pasted text apart. Never raises; what cannot be read is shown in `bad`."""
    addresses: dict[str, str] = {}
    doubles: list[str] = []
    bad: list[str] = []
    for line in text.splitlines():
        for item in read_line(to_ascii_forms(line)):
            if item.address is None:
                bad += show(item.text)
            elif address_key(item.address) in addresses:
                doubles.append(item.address)
            else:
                addresses[address_key(item.address)] = item.address
    return Reading(tuple(addresses.values()), tuple(dict.fromkeys(doubles)), tuple(dict.fromkeys(bad)))


def read_line(line: str) -> list[Item]:
    """The items of one line, in order: each entry's own, and what stands beside them and is nobody's name."""
    if HEADER.search(line):
        return [Item(line)]
    entries = [each for each in split_line(line) if not each.is_empty]
    items = [read_entry(each) for each in entries]
    cells = {each.cell for each in entries if each.mentions}
    addresses = [
        some[-1].address if entry.mentions else None for entry, some in zip(entries, items, strict=True)
    ]
    names = find_names_in_front(entries) | find_names_beside(entries, addresses)
    found: list[Item] = []
    for place, entry in enumerate(entries):
        of_another_column = bool(cells) and entry.cell not in cells
        if not of_another_column and place not in names:
            found += items[place]
    return found


def find_names_in_front(entries: list[Entry]) -> set[int]:
    """The places of what belongs to a name with commas: Doe, in `Doe, John <john@x.example>`."""
    found = set()
    is_name = False
    for place in range(len(entries) - 1, -1, -1):
        if entries[place].mentions:
            is_name = entries[place].begins_with_name
        elif is_name := is_name and entries[place].ends == ",":
            found.add(place)
    return found


def find_names_beside(entries: list[Entry], addresses: list[str | None]) -> set[int]:
    """The places of names whose next address, on either side, repeats them, as in the columns of a table."""
    found = set()
    forwards = range(len(entries))
    for places in (forwards, reversed(forwards)):
        address = None
        for place in places:
            if entries[place].mentions:
                address = addresses[place]
            elif is_name_repeated([entries[place].text], address):
                found.add(place)
    return found


def split_line(line: str) -> Iterator[Entry]:
    tokens: list[Token] = []
    cell, begins, at = 0, 0, 0
    for token in [*split_tokens(line), Token("separator", "")]:
        if token.kind == "separator":
            mentions = tuple(each for each in tokens if "@" in each.text or each.kind == "bracket")
            yield Entry(line[begins:at].strip(), tuple(tokens), mentions, cell, token.text)
            cell += token.text == "\t"
            tokens, begins = [], at + 1
        elif token.kind != "blank":
            tokens.append(token)
        at += len(token.text)


def split_tokens(line: str) -> Iterator[Token]:
    at = 0
    while found := TOKEN.match(line, at):
        token = Token(str(found.lastgroup), found[0])
        if not is_one_thing(token, line, found.end()):
            token = Token("mark", token.text[0])
        elif token.kind == "comment" and "@" in token.text:
            token = Token("bracket", token.text)
        yield token
        at += len(token.text)


def is_one_thing(token: Token, line: str, end: int) -> bool:
    """Whether what stands between two marks is one thing; where not, the marks say nothing, and what is
    between them is read like the rest: in quotes a whole list may stand.
    """
    if token.kind == "quoted":
        return "@" not in token.text or BEFORE_BRACKET.match(line, end) is not None
    if token.text[0] == "[" or (token.kind == "comment" and "@" in token.text):
        return parse_word(token.text[1:-1]) is not None
    return True


def read_entry(entry: Entry) -> list[Item]:
    """Its addresses with what is bad, in order. A stray bracket, or a second address for one name, makes all
    of it bad.
    """
    if not entry.mentions:
        return [Item(entry.text)]
    if is_torn(entry.tokens):
        return [Item(entry.text)]
    items = list(read_words(entry.tokens))
    is_bad = any(each.address is None for each in items)
    return [Item(entry.text)] if is_bad and len(entry.mentions) == 1 else items


def is_torn(tokens: tuple[Token, ...]) -> bool:
    named = False
    for place, token in enumerate(tokens):
        if token.kind == "mark" and token.text in "<>":
            return True
        if token.kind == "bracket":
            follows_bracket = place > 0 and tokens[place - 1].kind == "bracket"
            if follows_bracket and named:
                return True
            named = place > 0 and not follows_bracket
    return False


def read_words(tokens: tuple[Token, ...]) -> Iterator[Item]:
    """One thing after the other: words without an @ wait for the address they may be the name of."""
    words: list[str] = []
    address: str | None = None
    for place, token in enumerate(tokens):
        before_bracket = place + 1 < len(tokens) and tokens[place + 1].kind == "bracket"
        if token.kind == "bracket":
            address = parse_word(token.text[1:-1])
            is_right = all(is_same(each, address) for each in find_addresses(words))
        elif "@" in token.text and token.kind == "word" and not before_bracket:
            address = parse_word(token.text)
            is_right = not words or is_name_repeated(words, address)
        else:
            if token.kind in {"word", "quoted"} and not BULLET.fullmatch(token.text):
                words.append(token.text)
            continue
        yield Item(" ".join([*words, token.text]), address if is_right else None)
        words = []
    if words and not is_name_repeated(words, address):
        yield Item(" ".join(words))


def parse_word(word: str) -> str | None:
    """The address a word is: without the marks, the `mailto:` and the full stop that stand around it."""
    text = strip_invisible(word).strip('"()[]{} ')
    for mark in "'`*":
        text = text[:-1].removeprefix(mark) if text.endswith(mark) else text
    if MAILTO.match(text):
        text, _, query = MAILTO.sub("", text, count=1).partition("?")
        if "@" in query:
            return None  # copies to others
    return normalize(strip_invisible(text).rstrip(".:!?…"))


def find_addresses(words: Iterable[str]) -> Iterator[str]:
    """Every `local@domain` in someone's name."""
    for word in BETWEEN_WORDS.split(" ".join(words)):
        local, at, domain = word.rpartition("@")
        if local and at and domain:
            yield word


def is_same(word: str, address: str | None) -> bool:
    found = parse_word(word)
    return found is not None and address is not None and address_key(found) == address_key(address)


def is_name_repeated(words: Iterable[str], address: str | None) -> bool:
    """Whether words are a name that the address repeats a part of: `Ann Smith ann@x.example`. Where it does
    not, `ann smith@x.example` may be an address with a blank in it.
    """
    if address is None:
        return False
    parts = [part for each in words for part in re.split(r'[\s",]+', each) if part]
    if not all(NAME.fullmatch(part) for part in parts):
        return False
    local = address.rpartition("@")[0].casefold()
    letters = "".join(
        c for c in unicodedata.normalize("NFKD", " ".join(parts)) if not unicodedata.combining(c)
    )
    return any(len(word) > 1 and word in local for word in re.findall(r"[^\W\d_]+", letters.casefold()))


def show(text: str) -> list[str]:
    """What is bad as people see it; of a long text each word with an @, so that one can find it."""
    words = strip_invisible(text).split()
    if len(text) > SHOWN_CHARACTERS and any("@" in each for each in words):
        return [show_word(each) for each in words if "@" in each]
    return [" ".join(show_word(each) for each in words)]


def show_word(word: str) -> str:
    """With what is invisible by its number, and so the first letter before the @ that no address may have: it
    may look like one that may.
    """
    local, at, domain = word.rpartition("@")
    strange = next((c for c in local if not c.isascii()), "")
    if at and strange and not LOCAL.fullmatch(local):
        local = (
            local.replace(strange, strange + show_number(strange), 1)
            if show_invisible(strange) == strange
            else local
        )
    return show_invisible(local + at + domain)
