"""docs/requirements.md defines each number that the code, its tests and its documents name."""

from __future__ import annotations

import re

import pytest

from tests.rules.tracked import texts
from tools.list_tests import CHECKOUT

PAGE = CHECKOUT / "docs" / "requirements.md"
ITEM = re.compile(r"^- \*\*([IRT]\d+)\*\* (.+?)(?=\n(?:-|\n|\Z))", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"(?<![\w.&#-])[RIT][1-9]\d?\b(?![\w.-])")
# Where a number is meant and not, say, a variable of a script or a key in a picture.
SPOKEN = ("portal/**/*.py", "infrastructure/*", "tests/**/*.py", "tools/*.py", "docs/*.md", "README.md")


def list_defined() -> list[str]:
    return [number for number, _ in ITEM.findall(PAGE.read_text(encoding="utf-8"))]


@pytest.mark.requirement("R66")
@pytest.mark.parametrize(("letter", "last"), [("I", 12), ("R", 85), ("T", 17)])
def test_every_number_is_defined_once_and_in_order(letter: str, last: int) -> None:
    numbers = [each for each in list_defined() if each.startswith(letter)]
    assert numbers == [f"{letter}{each}" for each in range(1, last + 1)]


@pytest.mark.requirement("R66")
def test_every_definition_is_a_sentence() -> None:
    for number, text in ITEM.findall(PAGE.read_text(encoding="utf-8")):
        assert len(text.split()) >= 6, number
        assert text.rstrip().endswith("."), number


@pytest.mark.requirement("R66")
def test_no_number_is_named_that_is_not_defined() -> None:
    known = set(list_defined())
    unknown = {
        f"{path}: {number}"
        for path, text in texts(SPOKEN)
        for number in NUMBER.findall(text)
        if number not in known
    }
    assert not unknown, "define it in docs/requirements.md"
