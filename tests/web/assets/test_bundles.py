"""Which scripts a page gets: a bundle by kind of page, and modules that the page itself names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
IMPORTED = re.compile(r'from "\.\./\.\./static/js/([a-z-]+)\.js"')
ENHANCED = re.compile(r'data-module="([a-z-]+)"')
NAMED = re.compile(r"name_module\('([a-z-]+)'\)")


def read_bundle(name: str) -> set[str]:
    return set(IMPORTED.findall((PROJECT / f"assets/pages/{name}.js").read_text())) - {"main"}


def read_pages() -> str:
    sources = [*(PROJECT / "templates").rglob("*.html"), *(PROJECT / "portal/web").rglob("*.py")]
    return "\n".join(path.read_text() for path in sources)


def test_every_module_that_a_page_asks_for_is_in_a_bundle_or_named_by_it() -> None:
    asked = set(ENHANCED.findall(read_pages()))
    assert asked
    assert asked <= read_bundle("staff") | read_bundle("partner"), (
        "add it to assets/pages/, or write data-module=\"{{ name_module('...') }}\""
    )
    assert read_bundle("staff") | read_bundle("partner") <= asked, "nothing asks for it any more"


@pytest.mark.parametrize("layout", ["plain", "partner"])
def test_pages_of_strangers_ask_for_nothing_that_only_the_other_bundle_has(layout: str) -> None:
    pages = [path.read_text() for path in (PROJECT / "templates").rglob("*.html")]
    theirs = "\n".join(text for text in pages if f'"layouts/{layout}.html"' in text)
    components = set(re.findall(r'"components/([a-z_]+)\.html"', theirs)) - {"frame", "menu"}
    theirs += "\n".join((PROJECT / f"templates/components/{each}.html").read_text() for each in components)
    assert set(ENHANCED.findall(theirs)) <= read_bundle("partner")


def test_what_a_page_names_beside_its_bundle_is_there() -> None:
    named = set(NAMED.findall(read_pages()))
    assert named
    assert [each for each in sorted(named) if not (PROJECT / f"static/js/{each}.js").is_file()] == []
    assert not named & (read_bundle("staff") | read_bundle("partner"))


def test_the_bundles_are_made_of_the_scripts_that_there_are() -> None:
    """Browsers get the bundle, so a script that was changed since is not what the other tests try."""
    built = (PROJECT / "static/vendor/staff.js").stat().st_mtime
    scripts = [*(PROJECT / "static/js").glob("*.js"), *(PROJECT / "assets/pages").glob("*.js")]
    newer = [path.name for path in scripts if path.stat().st_mtime > built]
    assert newer == [], "run `make assets`"
