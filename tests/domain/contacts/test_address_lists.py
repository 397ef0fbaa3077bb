"""Recipients as people paste them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.contacts.address_lists import parse_recipients
from portal.domain.contacts.mailboxes import normalize, to_unicode
from tests.cpu_time import measure_least

pytestmark = pytest.mark.requirement("R51")


def test_lists_from_mail_programs_are_read() -> None:
    reading = parse_recipients(
        '"Lopes, Ana" <ana@example.org>, ben@example.org; Cleo <cleo@example.org>\nmailto:dan@example.org\r\n'
    )
    assert reading.addresses == ("ana@example.org", "ben@example.org", "cleo@example.org", "dan@example.org")
    assert not reading.bad
    assert not reading.doubles


def test_the_same_address_counts_once_and_is_named() -> None:
    """Case makes no other address, a plus tag does."""
    reading = parse_recipients("Ana@Example.org\nana@EXAMPLE.org\nana+x@example.org")
    assert reading.addresses == ("Ana@example.org", "ana+x@example.org")
    assert reading.doubles == ("ana@example.org",)


def test_international_domains_become_ascii() -> None:
    assert normalize("ana@bücher.example") == "ana@xn--bcher-kva.example"


BAD = [
    "ana", "ana@", "@example.org", "ana@example", "ana@@example.org", "a b@example.org", "ana@example.org>",
    "ana@-example.org", "ana@exa_mple.org", "ana@example.org\tbcc:eve@example.org", ".ana@example.org",
    "ana..b@example.org", "ana@127.0.0.1", "ana@[127.0.0.1]", "ana\x00@example.org",
    "a" * 65 + "@example.org",
    "ana@" + "a." * 130 + "org", "<>", "Ana <ana@example.org> <eve@example.org>",
]  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_address_is_named(text: str) -> None:
    """No list, header or host trick passes as one address."""
    reading = parse_recipients(text)
    assert not reading.addresses
    assert reading.bad


@pytest.mark.requirement("R56")
def test_a_header_line_is_no_address() -> None:
    """A pasted line break starts a new entry, never a header."""
    assert parse_recipients("ana@example.org\r\nBcc: eve@example.org").bad == ("Bcc: eve@example.org",)


@pytest.mark.requirement("R23")
def test_a_domain_too_long_to_be_one_costs_nothing() -> None:
    """NFKC makes 18 characters of each of these, and IDNA reads them slowly."""
    text = "ana@" + "\ufdfa" * 80_000
    assert parse_recipients(text).bad
    assert measure_least(lambda: parse_recipients(text)) < 0.5


@given(st.text(max_size=300))
def test_reading_never_fails_and_gives_clean_addresses(text: str) -> None:
    for address in parse_recipients(text).addresses:
        assert address.isascii()
        assert address.count("@") == 1
        assert not set(address) & set(' \t\r\n,;<>"')


NAMES = ["Ann Smith", "Li Wei", "\u0410\u043d\u043d\u0430", "O'Brien", "Dr. Roe"]
LISTS = ["Doe, John", "Acme; Sales", "Roe, Jane (Acme, Inc.)"]
locals_ = st.from_regex(r"[a-z][a-z0-9]{0,8}([.+_'-][a-z0-9]{1,5})?", fullmatch=True)
domains = st.from_regex(r"[a-z][a-z0-9]{0,6}\.(example|org)", fullmatch=True)
mailboxes = st.builds("{}@{}".format, locals_, domains)
several = st.lists(mailboxes, min_size=1, max_size=6)
INVISIBLE = ["\u200b", "\ufeff", "\u2060", "\u200e", "\u00ad", "\u202a", "\u202c"]
# How one address stands in what people paste.
WRITTEN = [
    "{a}", "<{a}>", '"{a}"', "'{a}'", "\u201c{a}\u201d", "\u201e{a}\u201c", "\u00ab{a}\u00bb", "MAILTO:{a}",
    "mailto:{a}", "{a}.", "({a})", "[{a}]", "\u200b{a}\u200b", "\u202a{a}\u202c", "\ufeff{a}", "{name} <{a}>",
    '"{name}" <{a}>', "\u201c{listed}\u201d <{a}>", '"{listed}" <{a}>', '{name} 5" <{a}>', "'{name}' <{a}>",
    '"{a}" <{a}>', "{a} <mailto:{a}>", "{name} [mailto:{a}]", "{name} ({a})", "\uff1c{a}\uff1e", "\t{a}",
]  # fmt: skip
BETWEEN = [
    ", ", ";", "\n", "\r\n", "\uff0c", "\uff1b", "\u3001", "\u060c", "\u061b", " ; ", ",\n", "\u2028", "\x85",
]  # fmt: skip
BLANKS = [" ", "\t", "\u00a0", "\u3000", "  ", "\u2009"]
MARKS = [*"\"\u201c\u201d'<>()[]:.,;@\\?|", "mailto:", "Bcc:", '5"']


def write_address(draw: st.DrawFn, address: str) -> str:
    name, listed = draw(st.sampled_from(NAMES)), draw(st.sampled_from(LISTS))
    return draw(st.sampled_from(WRITTEN)).format(a=address, name=name, listed=listed)


@st.composite
def paste_addresses(draw: st.DrawFn) -> tuple[str, list[str]]:
    wanted = draw(several)
    parts = [write_address(draw, each) + draw(st.sampled_from(BETWEEN)) for each in wanted]
    return "".join(parts), wanted


def uses(text: str, wanted: list[str]) -> None:
    reading = parse_recipients(text)
    assert reading.bad == ()
    assert list(reading.addresses) == list(dict.fromkeys(wanted))
    assert set(reading.doubles) == {each for each in wanted if wanted.count(each) > 1}


@pytest.mark.requirement("R69")
@given(paste_addresses())
def test_nothing_right_is_refused_or_lost(made: tuple[str, list[str]]) -> None:
    uses(*made)


@pytest.mark.requirement("R69")
@given(
    several,
    st.sampled_from(BLANKS),
    st.sampled_from(["{}", "<{}>", '"{}"']),
)
def test_blanks_part_addresses(wanted: list[str], blank: str, style: str) -> None:
    uses(blank.join(map(style.format, wanted)), wanted)


@pytest.mark.requirement("R69")
@given(several, st.sampled_from(["; ", ", ", "\n"]))
def test_names_with_commas_as_outlook_writes_them(wanted: list[str], between: str) -> None:
    names = ["Doe, John", "Roe, Jane", "Smith, Ann"]
    uses(between.join(f"{names[n % 3]} <{each}>" for n, each in enumerate(wanted)), wanted)


@pytest.mark.requirement("R69")
@given(several, st.permutations(["{}", "Smith, Ann", "Sales 3"]))
def test_columns_of_a_table(wanted: list[str], columns: list[str]) -> None:
    uses("\n".join("\t".join(each.format(address) for each in columns) for address in wanted), wanted)


anything = st.sampled_from([*NAMES, *LISTS, *BETWEEN, *BLANKS, *INVISIBLE, *MARKS])


@pytest.mark.requirement("R69")
@given(st.lists(st.one_of(mailboxes, anything), max_size=20))
def test_every_address_of_a_text_is_used_or_named(parts: list[str]) -> None:
    """Whatever stands around it: in addresses, in doubles, or shown in what is bad."""
    reading = parse_recipients("".join(parts))
    named = [to_unicode(each) for each in (*reading.addresses, *reading.doubles)] + [*reading.bad]
    for part in parts:
        assert "@" not in part or part == "@" or any(part in each for each in named)


SHOWN = [
    ("ann\u200b@x.example", "ann[U+200B]@x.example"), ("an\u202en@x.example", "an[U+202E]n@x.example"),
    ("\u0430nn@x.example", "\u0430[U+0430]nn@x.example"), ("an\x00n@x.example", "an[U+0000]n@x.example"),
    ("m\u00fcller@x.example", "m\u00fc[U+00FC]ller@x.example"),
    ("ann@x.example\u200bbob@x.example", "ann@x.example[U+200B]bob@x.example"),
    ("ann@x\u200cy.example", "ann@x[U+200C]y.example"),
    ("Ana; Ben <ben@x.example>", "Ana"), ("ana, ben@x.example", "ana"),
    *[(each, each) for each in (
        '"john doe"@x.example', "john smith@x.example", "ann @x.example", "ann@ x.example",
        '"bob@x.example" <ann@x.example>', "bob@y.example <ann@x.example>", "ann@x.example|bob@x.example",
        "<ann@x.example, bob@x.example>", "mailto:ann@x.example?cc=bob@x.example",
    )],
]  # fmt: skip


@pytest.mark.requirement("R69")
@pytest.mark.parametrize(("text", "shown"), SHOWN)
def test_what_is_refused_shows_why(text: str, shown: str) -> None:
    assert parse_recipients(text).bad == (shown,)


@pytest.mark.requirement("R69")
def test_a_long_text_names_each_of_its_addresses() -> None:
    long = f"{'x' * 64}@{'y' * 60}.{'z' * 60}.example"
    reading = parse_recipients("Bcc: " + " ".join([*(f"person{n}@x.example" for n in range(50)), long]))
    assert reading.bad == (*(f"person{n}@x.example" for n in range(50)), long)


HOSTILE = [
    '"',
    "(",
    "<",
    "[",
    "a@",
    '"a ',
    "\u200b",
    "a,",
    "a\t",
    "a,a@b.cc,",
    '"a\\',
    "a: ",
    "(a@",
    '"a@" ',
    "a\u00fc@",
]


@pytest.mark.requirement("R23")
@pytest.mark.parametrize("piece", HOSTILE)
def test_reading_takes_no_longer_than_the_text(piece: str) -> None:
    """Twice the text takes about twice the time, however it is nested: a text of squares would take four."""
    texts = [piece * (letters // len(piece)) for letters in (25_000, 50_000)]
    short, long = (measure_least(lambda text=text: parse_recipients(text)) for text in texts)
    assert long < 3 * short + 0.3
