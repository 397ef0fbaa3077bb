"""Sizes and times as people say them, and the accent that is adjusted until it can be read."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import formatting
from portal.accent import DARK, LIGHT, Palette, accent, contrast
from portal.web.wording import formats

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
AT = datetime(2026, 11, 27, 18, tzinfo=UTC)
LISBON, BERLIN = ZoneInfo("Europe/Lisbon"), ZoneInfo("Europe/Berlin")
TOKENS = Path(__file__).parents[3] / "static" / "css" / "tokens.css"


@pytest.mark.parametrize(
    ("size", "language", "said"),
    [
        (0, "en", "0 bytes"),
        (1, "en", "1 byte"),
        (999, "de", "999 Byte"),
        (1000, "en", "1.0 kB"),
        (999_949, "en", "999.9 kB"),
        (999_950, "en", "1.0 MB"),
        (2_400_000_000, "en", "2.4 GB"),
        (2_400_000_000, "de", "2,4 GB"),
        (5 * 10**18, "en", "5,000.0 PB"),
    ],
)
def test_a_size_has_one_decimal_and_the_unit_people_read(size: int, language: str, said: str) -> None:
    assert formatting.size(size, language).replace("\N{NO-BREAK SPACE}", " ") == said


def test_a_time_is_said_in_the_zone_and_the_language() -> None:
    assert formatting.weekday(AT, LISBON, "en", NOW) == "Friday 27 Nov, 18:00"
    assert formatting.weekday(AT, BERLIN, "de", NOW) == "Freitag, 27. Nov., 19:00"
    assert formatting.date(AT, LISBON, "en", NOW) == "27 Nov"


def test_another_year_is_named() -> None:
    later = AT.replace(year=2027)
    assert formatting.moment(later, LISBON, "en", NOW) == "27 Nov 2027, 18:00"


@pytest.mark.requirement("R47")
def test_the_year_is_that_of_the_zone_not_of_utc() -> None:
    """Half past eleven on New Year's Eve in UTC is next year in Berlin."""
    eve = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert formatting.date(eve, BERLIN, "en", NOW) == "1 Jan 2027"


def test_the_exact_time_names_its_offset() -> None:
    assert formatting.exact(AT, BERLIN, "en") == "Fri, 27 Nov 2026, 19:00:00 (UTC+0100)"
    assert formatting.exact(AT, ZoneInfo("UTC"), "en").endswith("18:00:00 (UTC)")


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ana Lopes", "AL"), ("ana", "AN"), ("Ana Maria da Silva", "AS"), ("", "?"), ("(x) Ö", "Ö")],
)
def test_initials(name: str, letters: str) -> None:
    assert formats.initials(name) == letters


@given(colour=st.integers(0, 0xFFFFFF), palette=st.sampled_from([LIGHT, DARK]))
def test_any_accent_can_be_read_in_both_themes(colour: int, palette: Palette) -> None:
    """WCAG 2.2, 1.4.3 and 1.4.11: whatever colour an organisation has."""
    made = accent(f"#{colour:06x}", palette)
    for background in (palette.paper, palette.surface, palette.sunken, made.soft):
        assert contrast(made.text, background) >= 4.5
    assert contrast(made.on_fill, made.fill) >= 4.5
    assert contrast(made.on_fill, made.hover) >= 4.5
    assert contrast(made.fill, palette.surface) >= 3


def test_a_readable_accent_stays_as_the_organisation_chose_it() -> None:
    assert accent("#2457d6", LIGHT).fill == "#2457d6"


@pytest.mark.parametrize(("palette", "theme"), [(LIGHT, 0), (DARK, 1)])
def test_the_palettes_are_those_of_the_style_sheet(palette: Palette, theme: int) -> None:
    """Emails and the accent's contrast use the colours pages have; change both together."""
    for name, colour in vars(palette).items():
        assert re.findall(rf"--{name}: (#\w+);", TOKENS.read_text())[theme] == colour, name


def test_only_the_tokens_hold_colours() -> None:
    for sheet in TOKENS.parent.glob("*.css"):
        if sheet != TOKENS:
            found = re.findall(r":[^;{}]*(?:#[0-9a-fA-F]{3,8}\b|rgb|hsl)[^;]*", sheet.read_text())
            assert not found, (
                f"{sheet.name} holds a colour: give it a name in tokens.css, then use var(--name)"
            )
