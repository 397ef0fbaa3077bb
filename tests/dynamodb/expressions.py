"""Expressions as trees: conditions, key conditions, filters, updates and projections.

Source: "Using expressions in DynamoDB" in the developer guide. A tree knows no names and values yet, so one
text is parsed once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

from tests.dynamodb.errors import invalid

TOKEN = re.compile(r"\s*([#:][A-Za-z0-9_]+|[A-Za-z_][A-Za-z0-9_]*|[0-9]+|<>|<=|>=|[=<>(),.\[\]+-])")
COMPARATORS = {"=", "<>", "<", "<=", ">", ">="}
FUNCTIONS = {
    "attribute_exists": 1,
    "attribute_not_exists": 1,
    "attribute_type": 2,
    "begins_with": 2,
    "contains": 2,
}
EXPRESSION_BYTES = 4096


class Path(NamedTuple):
    """Names (`#name` or plain) and places in lists."""

    steps: tuple[str | int, ...]


class Given(NamedTuple):
    """A value by its placeholder."""

    name: str


class Call(NamedTuple):
    function: str
    arguments: tuple[Any, ...]


class Compare(NamedTuple):
    sign: str
    left: Any
    right: Any


class Between(NamedTuple):
    operand: Any
    low: Any
    high: Any


class Among(NamedTuple):
    operand: Any
    options: tuple[Any, ...]


class Not(NamedTuple):
    condition: Any


class Both(NamedTuple):
    left: Any
    right: Any


class Either(NamedTuple):
    left: Any
    right: Any


class Update(NamedTuple):
    """sets: path and what it becomes; adds and deletes: path and value."""

    sets: tuple[tuple[Path, Any], ...]
    removes: tuple[Path, ...]
    adds: tuple[tuple[Path, Given], ...]
    deletes: tuple[tuple[Path, Given], ...]


class Reader:
    """Reads one text, token by token."""

    def __init__(self, text: str) -> None:
        if not text.strip():
            raise invalid("Invalid expression: The expression can not be empty;")
        if len(text.encode()) > EXPRESSION_BYTES:
            raise invalid("Invalid expression: Expression size has exceeded the maximum allowed size;")
        self.tokens, place = [], 0
        while place < len(text.rstrip()):
            match = TOKEN.match(text, place)
            if match is None:
                raise invalid(f'Invalid expression: Syntax error; token: "{text[place : place + 10]}"')
            self.tokens.append(match[1])
            place = match.end()
        self.place = 0

    @property
    def next(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self) -> str:
        self.place += 1
        return self.tokens[self.place - 1] if self.place <= len(self.tokens) else ""

    def accept(self, token: str) -> bool:
        """Take this token or keyword where it is next."""
        found = self.next.upper() == token
        self.place += found
        return found

    def expect(self, token: str) -> None:
        if not self.accept(token):
            raise self.complain()

    def complain(self) -> Exception:
        return invalid(f'Invalid expression: Syntax error; token: "{self.next or "<EOF>"}"')

    def read_separated(self, read: Callable[[], Any]) -> tuple[Any, ...]:
        found = [read()]
        while self.accept(","):
            found.append(read())
        return tuple(found)

    def path(self) -> Path:
        steps: list[str | int] = [self.name()]
        while self.next in {".", "["}:
            if self.take() == ".":
                steps.append(self.name())
            else:
                if not self.next.isdigit():
                    raise self.complain()
                steps.append(int(self.take()))
                self.expect("]")
        return Path(tuple(steps))

    def name(self) -> str:
        token = self.next
        if not (token.startswith("#") or re.match(r"[A-Za-z_]", token)):
            raise self.complain()
        if token.upper() in list_reserved_words():
            raise invalid(
                f"Invalid expression: Attribute name is a reserved keyword; reserved keyword: {token}"
            )
        return self.take()

    def read_value(self) -> Given:
        if not self.next.startswith(":"):
            raise self.complain()
        return Given(self.take())

    def operand(self) -> Any:
        """A value, `size` of something, or a path."""
        if self.next.startswith(":"):
            return self.read_value()
        if self.next == "size" and self.tokens[self.place + 1 : self.place + 2] == ["("]:
            return self.call(self.take(), 1)
        return self.path()

    def call(self, function: str, count: int) -> Call:
        self.expect("(")
        arguments = self.read_separated(self.operand)
        self.expect(")")
        if len(arguments) != count:
            raise invalid(f"Invalid expression: Incorrect number of operands for {function}")
        return Call(function, arguments)

    def either(self) -> Any:
        found = self.read_conjunction()
        while self.accept("OR"):
            found = Either(found, self.read_conjunction())
        return found

    def read_conjunction(self) -> Any:
        found = self.read_negation()
        while self.accept("AND"):
            found = Both(found, self.read_negation())
        return found

    def read_negation(self) -> Any:
        return Not(self.read_negation()) if self.accept("NOT") else self.single()

    def single(self) -> Any:
        if self.accept("("):
            return self.in_parentheses()
        if self.next in FUNCTIONS and self.tokens[self.place + 1 : self.place + 2] == ["("]:
            function = self.take()
            return self.call(function, FUNCTIONS[function])
        return self.comparison(self.operand())

    def in_parentheses(self) -> Any:
        """DynamoDB takes no parentheses right around others."""
        first, found = self.place, self.either()
        if self.tokens[first] == "(" and self.closing(first) == self.place - 1:
            raise invalid("Invalid ConditionExpression: The expression has redundant parentheses;")
        self.expect(")")
        return found

    def closing(self, opening: int) -> int:
        """Where the parenthesis that opens here is closed."""
        depth = 0
        for place in range(opening, len(self.tokens)):
            depth += {"(": 1, ")": -1}.get(self.tokens[place], 0)
            if not depth:
                return place
        return -1

    def comparison(self, operand: Any) -> Any:
        if self.accept("BETWEEN"):
            low = self.operand()
            self.expect("AND")
            return Between(operand, low, self.operand())
        if self.accept("IN"):
            self.expect("(")
            options = self.read_separated(self.operand)
            self.expect(")")
            return Among(operand, options)
        if self.next not in COMPARATORS:
            raise self.complain()
        return Compare(self.take(), operand, self.operand())

    def end(self, found: Any) -> Any:
        if self.next:
            raise self.complain()
        return found

    def update(self) -> Update:
        kinds = {"SET": self.assignment, "REMOVE": self.path, "ADD": self.pair, "DELETE": self.pair}
        found: dict[str, tuple[Any, ...]] = {}
        while self.next:
            kind = self.take().upper()
            if kind not in kinds or kind in found:
                raise invalid(f'Invalid UpdateExpression: Syntax error; token: "{kind}"')
            found[kind] = self.read_separated(kinds[kind])
        return Update(*(found.get(kind, ()) for kind in kinds))

    def pair(self) -> tuple[Path, Given]:
        return self.path(), self.read_value()

    def assignment(self) -> tuple[Path, Any]:
        path = self.path()
        self.expect("=")
        return path, self.sum()

    def sum(self) -> Any:
        left = self.term()
        if self.next in {"+", "-"}:
            return Call(self.take(), (left, self.term()))
        return left

    def term(self) -> Any:
        if self.next in {"if_not_exists", "list_append"}:
            function = self.take()
            self.expect("(")
            arguments = self.read_separated(self.term)
            self.expect(")")
            if len(arguments) != 2:
                raise invalid(f"Invalid UpdateExpression: Incorrect number of operands for {function}")
            return Call(function, arguments)
        return self.read_value() if self.next.startswith(":") else self.path()


@lru_cache
def list_reserved_words() -> frozenset[str]:
    return frozenset(map(str.upper, ReservedKeywords.get_reserved_keywords()))


@lru_cache(maxsize=2048)
def parse_condition(text: str) -> Any:
    reader = Reader(text)
    return reader.end(reader.either())


@lru_cache(maxsize=2048)
def parse_update(text: str) -> Update:
    return Reader(text).update()


@lru_cache(maxsize=256)
def parse_projection(text: str) -> tuple[Path, ...]:
    reader = Reader(text)
    found: tuple[Path, ...] = reader.end(reader.read_separated(reader.path))
    return found


def placeholders(tree: Any) -> set[str]:
    """The names and values with `#` or `:` that a tree speaks of."""
    if isinstance(tree, Given):
        return {tree.name}
    if isinstance(tree, Path):
        return {step for step in tree.steps if isinstance(step, str) and step.startswith("#")}
    if isinstance(tree, tuple):
        return set().union(*map(placeholders, tree)) if tree else set()
    return set()
