"""Bootstrap as it is built for the portal: cut to what the pages use, and to nothing less."""

from __future__ import annotations

import re
from pathlib import Path

PROJECT = Path(__file__).parents[3]
CLASS = re.compile(r"\.(-?[_a-zA-Z][\w-]*)")
WRITTEN = re.compile(r"""class(?:Name)?\s*=\s*(?:"([^"]*)"|'([^']*)'|`([^`]*)`)""")
MADE = {
    "form-control",
    "form-select",
    "form-check-input",
    "btn-primary",
    "btn-danger",
    "is-invalid",
}  # by macros
MOST_BYTES = 25_000


def read_classes(sheet: Path) -> set[str]:
    return set(CLASS.findall(re.sub(r'url\([^)]*\)|"[^"]*"', "", sheet.read_text())))


def read_written() -> set[str]:
    """Every class that a template or a script writes out."""
    sources = [*(PROJECT / "templates").rglob("*.html"), *(PROJECT / "static/js").rglob("*.js")]
    values = ["".join(each) for path in sources for each in WRITTEN.findall(path.read_text())]
    return {word for value in values for word in re.split(r"[\s{}%'\"+~]+", value)}


def test_no_class_that_a_page_writes_is_lost() -> None:
    whole = read_classes(PROJECT / "node_modules/bootstrap/dist/css/bootstrap.min.css")
    wanted = whole & (read_written() | MADE)
    assert len(wanted) > 10
    lost = wanted - read_classes(PROJECT / "static/vendor/bootstrap.css")
    assert not lost, f"{sorted(lost)}: run `make assets`"


def test_nothing_refers_to_a_variable_that_was_cut() -> None:
    sheets = [PROJECT / "static/vendor/bootstrap.css", *(PROJECT / "static/css").glob("*.css")]
    text = "\n".join(path.read_text() for path in sheets)
    referred = set(
        re.findall(r"var\(\s*(--bs-[\w-]+)\s*\)", text)
    )  # those with another value after them may be missing
    defined = set(re.findall(r"(--bs-[\w-]+)\s*:", text))
    whole = (PROJECT / "node_modules/bootstrap/dist/css/bootstrap.min.css").read_text()
    assert referred
    lost = {each for each in referred - defined if re.search(rf"{each}\s*:", whole)}
    assert not lost


def test_what_no_page_uses_is_gone() -> None:
    sheet = PROJECT / "static/vendor/bootstrap.css"
    assert not read_classes(sheet) & {"carousel", "navbar", "offcanvas", "accordion", "toast", "col-lg-4"}
    assert sheet.stat().st_size < MOST_BYTES
