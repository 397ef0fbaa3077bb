"""Recipients as people paste them (R51)."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.addresses import normalized, read


def test_lists_from_mail_programs_are_read() -> None:
    reading = read(
        '"Lopes, Ana" <ana@example.org>, ben@example.org; Cleo <cleo@example.org>\nmailto:dan@example.org\r\n'
    )
    assert reading.addresses == ("ana@example.org", "ben@example.org", "cleo@example.org", "dan@example.org")
    assert not reading.bad
    assert not reading.doubles


def test_the_same_address_counts_once_and_is_named() -> None:
    """R51: case makes no other address, a plus tag does."""
    reading = read("Ana@Example.org\nana@EXAMPLE.org\nana+x@example.org")
    assert reading.addresses == ("Ana@example.org", "ana+x@example.org")
    assert reading.doubles == ("ana@example.org",)


def test_international_domains_become_ascii() -> None:
    assert normalized("ana@bücher.example") == "ana@xn--bcher-kva.example"


BAD = [
    "ana", "ana@", "@example.org", "ana@example", "ana@@example.org", "a b@example.org", "ana@example.org>",
    "ana@-example.org", "ana@exa_mple.org", "ana@example.org\tbcc:eve@example.org", ".ana@example.org",
    "ana..b@example.org", "ana@127.0.0.1", "ana@[127.0.0.1]", "ana\x00@example.org",
    "a" * 65 + "@example.org",
    "ana@" + "a." * 130 + "org", "<>", "Ana <ana@example.org> <eve@example.org>",
]  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_address_is_named(text: str) -> None:
    """R51: no list, header or host trick passes as one address."""
    reading = read(text)
    assert not reading.addresses
    assert reading.bad


def test_a_header_line_is_no_address() -> None:
    """R56: a pasted line break starts a new entry, never a header."""
    assert read("ana@example.org\r\nBcc: eve@example.org").bad == ("Bcc: eve@example.org",)


def test_a_domain_too_long_to_be_one_costs_nothing() -> None:
    """R23: NFKC makes 18 characters of each of these, and IDNA reads them slowly."""
    began = time.process_time()
    assert read("ana@" + "\ufdfa" * 80_000).bad
    assert time.process_time() - began < 0.5


@given(st.text(max_size=300))
def test_reading_never_fails_and_gives_clean_addresses(text: str) -> None:
    for address in read(text).addresses:
        assert address.isascii()
        assert address.count("@") == 1
        assert not set(address) & set(' \t\r\n,;<>"')
