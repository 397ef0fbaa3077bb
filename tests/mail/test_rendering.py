"""The invitation email: what it says, and what nobody can make it do."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.config.settings import Config
from portal.domain.files.file import SharedFile
from portal.domain.mail.email_message import OutgoingMail
from portal.domain.mail.notifications import Notification, NotificationKind
from portal.domain.shares.digests import DigestEntry
from portal.domain.shares.share import Recipient, Share
from portal.mail.harmless_text import bracket_links, pieces
from portal.mail.rendering import MailRenderer
from tests.builders import make_environment

pytestmark = pytest.mark.requirement("R24", "R56")

LINK = "https://files.example.org/d/token"
SHARE = Share(
    id="share", owner_id="owner", owner_name="Ana Lopes", owner_address="ana.lopes@example.org",
    first_files=(SharedFile("f", "Plan.pdf", 2_400_000, "application/pdf", "v", "k"),),
    message="", created_at=datetime(2026, 11, 20, 9, tzinfo=UTC),
    expires_at=datetime(2026, 11, 27, 18, tzinfo=UTC), download_limit=3, zone="Europe/Lisbon",
)  # fmt: skip
RECIPIENT = Recipient("recipient", "share", "ben@partner.example")
LETTERS = MailRenderer.from_config(
    Config.from_env(make_environment(PORTAL_ORGANISATION_NAME="Marlow Instruments"))
)
NASTY = [
    "<script>alert(1)</script>", "{{7*7}}", "{% raw %}", "{0.__class__}", "%(name)s %s",
    "a\r\nBcc: x@evil.example",
    '"><img src=x onerror=alert(1)>', "\x1b[31m", "\u202egpj.exe", "\ufeff\x00",
]  # fmt: skip


def render_changed(**changes: object) -> OutgoingMail:
    return LETTERS.render_invitation(replace(SHARE, **changes), RECIPIENT, LINK)  # type: ignore[arg-type]


class Seen(HTMLParser):
    """What a email program would act on: where links and pictures lead, which elements there are."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: set[str | None] = set()
        self.tags: set[str] = set()
        self.runs: list[str] = []
        self.tag = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tag = tag
        self.tags.add(tag)
        self.links |= {value for name, value in attrs if name in {"href", "src", "action", "background"}}

    def handle_data(self, data: str) -> None:
        if self.tag not in {"title", "style"}:
            self.runs.append(data)


def test_it_says_who_what_how_large_and_until_when() -> None:
    letter = render_changed(message="As promised.")
    assert letter.subject == "Ana Lopes sent you a file"
    assert letter.from_name == "Ana Lopes via Marlow Instruments"
    assert (letter.to, letter.reply_to) == ("ben@partner.example", "ana.lopes@example.org")
    for body in (letter.text, letter.html):
        for said in ("Plan.pdf", "2.4\N{NO-BREAK SPACE}MB", "Friday 27 Nov, 18:00 (Lisbon time)", LINK):
            assert said in body
        assert "As promised." in body
        assert "You can download each file 3 times." in body


def test_many_files_are_counted() -> None:
    letter = render_changed(first_files=SHARE.first_files * 12)
    assert letter.subject == "Ana Lopes sent you 12 files"
    assert "and 2 more files" in letter.text


def test_it_speaks_the_senders_language() -> None:
    letter = render_changed(language="de")
    assert letter.subject == "Ana Lopes hat Ihnen eine Datei geschickt"
    assert "Freitag, 27. Nov., 18:00 (Ortszeit Lissabon)" in letter.text
    assert '<html lang="de">' in letter.html


@pytest.mark.parametrize("nasty", NASTY)
def test_nothing_written_by_people_becomes_markup_or_a_header(nasty: str) -> None:
    plain = Seen(render_changed(message="Hello", owner_name="Ana").html)
    letter = render_changed(
        message=nasty, owner_name=nasty, first_files=(replace(SHARE.first_files[0], name=nasty),)
    )
    seen = Seen(letter.html)
    assert seen.tags == plain.tags
    assert seen.links == {LINK}
    for header in (letter.subject, letter.from_name, letter.reply_to):
        assert not re.search(r"[\x00-\x1f\x7f<>@\"\u202e\ufeff]", header.replace(letter.reply_to, ""))
    assert "49" not in letter.subject


@pytest.mark.parametrize(
    "address", ["https://evil.example/login", "evil.example", "www.evil.example", "evil\u3002example"]
)
def test_no_mail_program_makes_a_link_of_what_people_wrote(address: str) -> None:
    """Neither in the message nor in a file's or a person's name."""
    files = (replace(SHARE.first_files[0], name="evil.com"),)
    letter = render_changed(message=f"Look: {address}", owner_name=address, first_files=files)
    ours = re.compile(r"https://files\.example\.org/d/token|\S+@\S+")
    linked = re.compile(r"\w[.\u3002][a-z]{2}|://")
    for text in (*Seen(letter.html).runs, letter.text):
        assert not linked.search(ours.sub("", text))
    assert "not links on purpose" in letter.text


FILE_NAMES = [
    "scan.txt",
    "Plan v1.2.PDF",
    "a.tar.gz",
    "archive.zip",
    "photo.jpeg",
    "film.mov",
    "clip.mp4",
    "SCAN.TXT",
]
HOSTS = [
    "evil.com", "evil.example.txt.com", "www.evil.info/scan.txt", "scan.txt.evil.com", "http://scan.txt/",
    "scan.txt/x", "scan.txt@evil.com", "evil.zip", "a.txt:80", "evil\uff0ecom", "scan.com.pdf",
]  # fmt: skip


def news(name: str, count: int) -> OutgoingMail:
    values = {"name": name, "to": "ben@partner.example", "first": "1"}
    notice = Notification(
        "n", NotificationKind.DOWNLOADED, "ana@example.org", "share", "recipient", "owner", values
    )
    return LETTERS.render_digest([DigestEntry(notice, SHARE, RECIPIENT)] * count)


@pytest.mark.parametrize("name", FILE_NAMES)
def test_a_files_name_is_written_as_it_is(name: str) -> None:
    """In every email that names one, in both bodies: R56 is about hosts."""
    for letter in (
        render_changed(first_files=(replace(SHARE.first_files[0], name=name),)),
        news(name, 1),
        news(name, 2),
    ):
        assert name in letter.text
        assert name in re.sub("<[^>]*>", "", letter.html)


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_is_bracketed_wherever_it_is_written(host: str) -> None:
    """With a file's ending in it, before it or behind it; in a name and in a message."""
    linked = re.compile(r"[\w][.\uff0e](?!(txt|pdf)\b(?![.@/:]\w))[a-z]{2}|://")
    assert not linked.search(bracket_links(host))
    assert not linked.search(bracket_links(f"Look at {host}, please."))
    assert "".join(pieces(host)) == host


def test_it_carries_no_picture_that_tells_it_was_opened() -> None:
    assert "img" not in Seen(render_changed().html).tags


@given(message=st.text(max_size=200), name=st.text(max_size=80))
def test_any_text_makes_a_mail(message: str, name: str) -> None:
    letter = render_changed(message=message, owner_name=name)
    assert LINK in letter.text
    assert len(letter.subject) <= 78
    assert "\n" not in letter.subject
