"""Domains by IDNA 2008: two owners' domains are never one."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.contacts.address_lists import parse_recipients
from portal.domain.contacts.mailboxes import address_key, ascii_domain, normalize, to_unicode
from portal.domain.contacts.suggestions import KnownAddress, find_matches

# What UTS #46 calls deviations: IDNA 2003 mapped these to the second form, or to nothing.
DEVIATIONS = [
    ("fa\u00df.example", "fass.example"),
    ("\u03b2\u03cc\u03bb\u03bf\u03c2.example", "\u03b2\u03cc\u03bb\u03bf\u03c3.example"),
    ("\u0dc1\u0dca\u200d\u0dbb\u0dd3.example", "\u0dc1\u0dca\u0dbb\u0dd3.example"),
    ("\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.example", "\u0646\u0627\u0645\u0647\u0627\u06cc.example"),
]
AT = datetime(2026, 11, 20, tzinfo=UTC)
pytestmark = pytest.mark.requirement("R68")


@pytest.mark.parametrize(("one", "other"), DEVIATIONS)
def test_a_deviation_is_a_domain_of_its_own(one: str, other: str) -> None:
    assert None not in (ascii_domain(one), ascii_domain(other))
    assert ascii_domain(one) != ascii_domain(other)
    assert address_key(f"ben@{one}") != address_key(f"ben@{other}")
    assert len(parse_recipients(f"ben@{one}, ben@{other}").addresses) == 2
    assert to_unicode(f"ben@{ascii_domain(one)}") == f"ben@{one}"


@given(st.text(st.sampled_from("abs\u00df\u03c3\u03c2\u00fc\u212a\u017f"), min_size=1, max_size=12))
def test_domains_are_one_only_where_their_ascii_form_is(label: str) -> None:
    """Sharp s, final sigma, the Kelvin sign and the long s are what folding case gets wrong."""
    address, ascii_form = f"ben@{label}.example", ascii_domain(f"{label}.example")
    assert ascii_form is not None
    assert address_key(address) == address_key(f"BEN@{ascii_form.upper()}") == f"ben@{ascii_form}"
    folded = label.replace("\u00df", "ss").replace("\u03c2", "\u03c3")
    assert (address_key(address) == address_key(f"ben@{folded}.example")) == (folded == label)


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("B\u00dcCHER.example", "xn--bcher-kva.example"),
        ("b\u00fccher\u3002example", "xn--bcher-kva.example"),
        ("XN--FA-HIA.example", "xn--fa-hia.example"), ("example.org.", "example.org"),
        ("\uff45xample.org", "example.org"), ("ex\u00adample.org", "example.org"),
        ("r3---sn.example.org", "r3---sn.example.org"),
    ],
)  # fmt: skip
def test_spellings_of_one_domain(written: str, read_as: str) -> None:
    assert ascii_domain(written) == read_as


@pytest.mark.parametrize(
    "domain",
    ["", "org", ".", "..", "a..b", "-a.example", "exa_mple.org", "xn--a.example", "xn--.example",
     "a\u200cb.example", "127.0.0.1", "a.1", "\u00fc" * 64 + ".example", "\ufdfa" * 250, "ex ample.org"],
)  # fmt: skip
def test_what_is_no_domain(domain: str) -> None:
    assert ascii_domain(domain) is None


def test_a_local_part_is_the_same_in_ascii_case_only() -> None:
    assert address_key("Ben@Example.org") == address_key("bEN@eXAMPLE.ORG")
    assert address_key("stra\u00dfe@example.org") != address_key("strasse@example.org")
    assert address_key("\u212aim@example.org") != address_key("kim@example.org")
    assert normalize("Ben <ben@example.org>") is None


def test_a_domain_is_suggested_as_people_write_it_and_no_other() -> None:
    known = [KnownAddress(f"ben@{each}", "s", AT) for each in ("xn--fa-hia.example", "fass.example")]
    expected = {"fa\u00df": known[:1], "BEN@FA\u00df": known[:1], "FASS": known[1:], "ben": known}
    assert {typed: find_matches(typed, known, [])[1] for typed in expected} == expected


def test_an_ordinary_domain_costs_no_tables() -> None:
    """They take as long to import as all of a page; a cold start must not wait for them."""
    reader = "from portal.domain.contacts.address_lists import parse_recipients"
    code = f"{reader}; parse_recipients('a@example.org'); print('idna' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
