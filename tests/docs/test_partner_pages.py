"""Every page a partner sees is shown, on a phone and in both themes."""

from __future__ import annotations

import re

from tools.list_tests import CHECKOUT
from tools.show_partner_pages import LOOKS, PAGE, PICTURES, SCHEMES, WIDTH, page

VIEWS = CHECKOUT / "portal" / "web"
# The modules whose pages a mailed link leads to, and where refusals become pages.
SHOWN_BY = [
    "pages/partner/link.py",
    "pages/partner/confirmation.py",
    "pages/partner/unsubscribe.py",
    "errors.py",
]
ALL_BYTES = 1_500_000  # the page shows all of them at once


def test_every_page_a_partner_can_see_has_its_pictures() -> None:
    """`python -m tools.show_partner_pages` takes them; a new page of theirs belongs into its LOOKS."""
    source = "".join((VIEWS / each).read_text(encoding="utf-8") for each in SHOWN_BY)
    drawn = set(re.findall(r'"((?:pages|errors)/[\w/]+\.html)"', source))
    assert drawn == {look.template for look in LOOKS.values()}
    mine = set((CHECKOUT / "templates").glob("*/partner*.html")) - {
        CHECKOUT / "templates/layouts/partner.html"
    }
    assert {f"{each.parent.name}/{each.name}" for each in mine} <= drawn


def test_the_pictures_are_those_of_a_phone_and_small() -> None:
    pictures = {each.name: each.read_bytes() for each in PICTURES.glob("*")}
    assert set(pictures) == {f"{name}-{scheme}.png" for name in LOOKS for scheme in SCHEMES}
    assert {int.from_bytes(each[16:20]) for each in pictures.values()} == {WIDTH}
    assert sum(map(len, pictures.values())) <= ALL_BYTES


def test_the_page_shows_each_with_its_words() -> None:
    """`python -m tools.show_partner_pages` writes it again."""
    assert PAGE.read_text(encoding="utf-8") == page()
