"""A page as a person meets it, and what every page must have, checked for free each time one is opened."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Element:
    name: str
    attributes: dict[str, str]
    inside: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its words, with blanks as a reader sees them."""
        parts = [each if isinstance(each, str) else each.text for each in self.inside]
        return re.sub(r"\s+", " ", " ".join(parts)).strip()

    @property
    def typed(self) -> str:
        """What stands in a textarea; the line break after its tag is no part of it."""
        return re.sub(r"^\r?\n", "", "".join(each for each in self.inside if isinstance(each, str)))

    def all(self, *names: str, **attributes: str) -> list[Element]:
        """Every element of these names (any where none is given) with these attributes, in order."""
        return [
            each
            for each in self.walk()
            if (not names or each.name in names)
            and all(each.attributes.get(name) == value for name, value in attributes.items())
        ]

    def walk(self) -> Iterator[Element]:
        """Every element inside, in order."""
        waiting = self.inside[::-1]
        while waiting:
            each = waiting.pop()
            if isinstance(each, Element):
                yield each
                waiting += reversed(each.inside)

    def one(self, *names: str, **attributes: str) -> Element:
        found = self.all(*names, **attributes)
        assert len(found) == 1, f"{len(found)} elements {names} {attributes}, not one"
        return found[0]


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("document", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        while len(self.open) > 1 and self.open.pop().name != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


class Page:
    """An answer of the portal; where it is HTML, `document` is the page."""

    def __init__(self, answer: Any, path: str) -> None:
        self.answer = answer
        self.path = path
        self.status = int(answer.status_code)
        self.headers = answer.headers
        self.document = Element("document", {})
        if answer.mimetype == "text/html" and answer.text and 200 <= self.status != 302:
            reader = Reader()
            reader.feed(answer.text)
            self.document = reader.open[0]
            if not 300 <= self.status < 400:
                self.check_basics()

    def check_basics(self) -> None:
        """One heading, a title that begins with it, ids used once, scripts with a nonce, nothing inline."""
        elements = list(self.document.walk())
        heading, title = self.document.one("h1").text, self.document.one("title").text
        assert title.startswith(heading), f"{self.path}: the title {title!r} must begin with {heading!r}"
        assert self.document.one("html").attributes.get("lang"), f"{self.path} names no language"
        ids = Counter(each.attributes["id"] for each in elements if "id" in each.attributes)
        assert not [name for name, times in ids.items() if times > 1], f"{self.path}: an id is used twice"
        nonce = re.search(r"'nonce-([^']+)'", self.headers["Content-Security-Policy"])
        assert nonce, f"{self.path} has no nonce in its policy"
        for each in elements:
            inline = [name for name in each.attributes if name == "style" or name.startswith("on")]
            assert not inline, f"{self.path}: <{each.name}> has an inline {inline[0]}; it would not work"
            if each.name == "script":
                assert each.attributes.get("nonce") == nonce[1], f"{self.path}: a script without the nonce"
            assert each.name != "style", f"{self.path} has an inline style sheet"

    @property
    def heading(self) -> str:
        return self.document.one("h1").text

    @property
    def text(self) -> str:
        return self.document.text

    @property
    def location(self) -> str:
        return str(self.headers.get("Location", ""))

    @property
    def links(self) -> dict[str, str]:
        """The addresses of the page's links, by their words."""
        return {each.text: each.attributes.get("href", "") for each in self.document.all("a")}

    def form(self, action: str) -> Element:
        return self.document.one("form", action=action)

    def fields(self, action: str) -> dict[str, str]:
        """What the form would send untouched: hidden and filled-in fields, choices made, the secret."""
        found = {}
        for each in self.form(action).all("input", "textarea"):
            kind = each.attributes.get("type", "text")
            ticked = kind not in {"checkbox", "radio"} or "checked" in each.attributes
            if "name" in each.attributes and ticked and kind not in {"submit", "file"}:
                value = each.typed if each.name == "textarea" else each.attributes.get("value", "")
                found[each.attributes["name"]] = value
        for select in self.form(action).all("select"):
            chosen = [each for each in select.all("option") if "selected" in each.attributes]
            for each in (chosen or select.all("option"))[:1]:
                found[select.attributes["name"]] = each.attributes.get("value", each.text)
        return found
