"""`python -m tools.measure_code`: its figures are those that one counts by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.kinds_of_names import kind_of
from tools.measure_code import figures

RENDER = """
from portal.web.page import told
from portal.domain.rules import Rules

def render(page):
    outcome = told(page)
    if outcome == "gone" or outcome == "":
        return None
    return page(**told(page), **{"a": 1})
"""
PAGE = """
class Page:
    @property
    def heading(self): return "x"

def told(page): return page
def is_open(page): return 0 in failed.places or min(failed.places) == 1
"""


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("parse_name", "verb phrase"), ("need", "verb phrase"), ("_fetch", "verb phrase"),
        ("read", "verb phrase"), ("told", "bare participle"), ("asked_again", "participle phrase"),
        ("mine", "bare pronoun or preposition"), ("from_env", "prepositional phrase"),
        ("is_open", "question"), ("opens", "third person"), ("zone", "noun or other"),
        ("__call__", "special"),
    ],
)  # fmt: skip
def test_a_name_is_told_by_its_first_word(name: str, kind: str) -> None:
    assert kind_of(name) == kind


def test_the_figures_are_what_one_counts(tmp_path: Path) -> None:
    files = {
        "portal/web/render.py": RENDER,
        "portal/web/page.py": PAGE,
        "tests/test_page.py": "def test_it(): 0",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text.strip() + "\n", encoding="utf-8")
    found = list(figures(tmp_path))
    assert found[0] == ("functions in portal, without properties", "3")
    assert set(found[1:4]) == {
        ("- verb phrase", "1 (33.3 %)"), ("- bare participle", "1 (33.3 %)"), ("- question", "1 (33.3 %)"),
    }  # fmt: skip
    said = dict(found)
    assert said["import arrows inside rooms"] == "1"
    assert said["files a folder in portal, median / most"] == "2 / 2"
    assert said["results compared with texts"] == "1"
    assert said["`**` of what a call returned"] == "1"
    assert said["positional conditions, places / files"] == "2 / 1"
    assert said["lines a file in portal, median / most"] == "7 / 8"
    assert said["lines a function in portal, median / most"] == "1 / 5"
