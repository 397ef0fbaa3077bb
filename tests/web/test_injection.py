"""One text in every field that a person, a browser or an email server fills in: it stays text everywhere.

Pages are compared with what they are for plain words: the same elements with the same attributes.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from portal.domain.files.file import File, SharedFile
from portal.domain.files.names import make_safe_folder, make_safe_name
from portal.domain.mail.email_message import plain_line, single_line
from portal.domain.people.person import Person
from portal.domain.policy.limits import Limits
from portal.domain.shares import share_rules
from portal.engine.workflow import run
from portal.workflows.contacts.recipient_groups import MAKE_GROUP, SaveGroup
from portal.workflows.mail.mail_jobs import record_feedback
from portal.workflows.shares.sharing import ShareFiles
from tests.actions import link_token, make_request, share_files, upload_file
from tests.builders import Clock, Running, make_running
from tests.mail.test_rendering import Seen
from tests.web.browser import Browser
from tests.web.page import Element, Page
from tests.web.provider import Provider
from tests.web.signed_in import sign_in
from tools.show_mails import SHARE, VALUES, letters

CAROL = "carol@partner.example"
COMBINING = "e" + "\u0301" * 5000  # 10 kB
TEXTS = {
    "html": "\"><img src=x onerror=alert(1)>'",
    "closing tags": "</title></textarea></script><script>alert(1)",
    "templates": "{{1234567*7}}${1234567*7}{% raw %}{#",
    "formats": "{0.__class__}{} %s %(name)s %n %d %",
    "headers": "a\r\nBcc: x@evil.example\r\n\r\nb\nSet-Cookie: c=d",
    "encodings": "&lt;b&gt;&#60;i =?utf-8?q?=0aBcc:_x?=",
    "unseen": "a\x00\x1b[31m\x07\x7f\x85\u2028b\u202egnp.\u2066exe\u200b\ufeff",
    "combining": COMBINING,
}
WORKED_OUT = re.compile(r"8641969|class &#39;|&lt;class|<class|<built-in")
# What may neither stand in a page nor in an email, but for the line breaks and what is typed again in a form.
UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff]")


@dataclass
class Journey:
    """A share from its form to its end, with one text in all that is said on the way."""

    portal: Running
    provider: Provider
    text: str
    colleague: str  # their address
    pages: dict[str, Page] = field(default_factory=dict)

    def browser(self) -> Browser:
        return Browser(self.portal, self.provider)

    def look(self, browser: Browser, path: str, status: int = 200, called: str = "") -> Page:
        page = browser.ask("GET", path, status)
        self.pages[called or path.partition("?")[0]] = page
        return page

    def go(self) -> dict[str, Page]:
        staff = self.browser()
        found = sign_in(staff, self.text, email="ana@example.org")
        me = replace(found, name=single_line(self.text) or "Ana")  # as signing in keeps it
        files = [self.upload(me, f"{self.text}.txt", self.text), self.upload(me, "b.txt", "")]
        mine = make_request(me, self.portal)
        named = SaveGroup(mine, name=self.text[:50], recipients_text=self.colleague)
        group = run(MAKE_GROUP, named, self.portal.portal.services).required_result
        terms = {"message": self.text[:2000], "recipients_text": CAROL, "download_limit": 1}
        made = share_files(self.portal, me, files, group_ids=[group.id], **terms)
        self.partner(f"/d/{link_token(self.portal, made)}")
        self.share_with_code(me, files, terms)
        self.came_back(made)
        self.portal.clock.turn(seconds=1)
        for called, path in {
            "files": "/files", "file": f"/files/{files[0].id}", "shares": "/shares",
            "share": f"/shares/{made.about}", "edit": f"/shares/{made.about}/edit",
            "add": f"/shares/{made.about}/recipients",
            "new": f"/shares/new?file={files[0].id}", "account": "/account", "groups": "/groups",
            "group": f"/groups/{group.id}", "addresses": "/account/addresses", "received": "/shared-with-me",
        }.items():  # fmt: skip
            self.look(staff, path, called=called)
        self.send_wrong_forms(staff, files[0].id)
        colleague = self.browser()
        sign_in(colleague, self.colleague, email=self.colleague)
        self.look(colleague, "/shared-with-me", called="shared with me")
        return self.pages

    def upload(self, me: Person, name: str, folder: str) -> File:
        self.portal.clock.turn(seconds=1)  # so that lists have one order
        return upload_file(self.portal, me, name, folder=folder)

    def partner(self, link: str) -> None:
        """Who opens, looks, downloads until nothing is left, and asks for more, by a browser of any name."""
        browser = self.browser()
        agent = " ".join(each for each in self.text.splitlines() if each).replace("\x00", "")
        browser.client.environ_base = {"HTTP_USER_AGENT": agent.encode().decode("latin-1")}
        card = self.look(browser, link, called="card")
        forms = [
            form.all("input")
            for form in card.document.all("form")
            if form.attributes["action"].startswith(link)
        ]
        for place, form in enumerate(forms):
            fields = {each.attributes["name"]: each.attributes["value"] for each in form}
            action = "preview" if place == 0 else "download"
            self.pages[f"press {place}"] = browser.ask("POST", f"{link}/{action}", data=fields)
        self.look(browser, link, 410, "spent")
        browser.page = self.pages["spent"]
        browser.submit(f"{link}/ask", 303, note=self.text[:300])
        self.look(browser, link, 410, "asked")

    def share_with_code(self, me: Person, files: list[File], terms: dict[str, Any]) -> None:
        """Another share, whose link asks for a code."""
        self.portal.clock.turn(seconds=1)
        browser, made = self.browser(), share_files(self.portal, me, files, confirm=True, **terms)
        link = f"/d/{link_token(self.portal, made)}"
        self.look(browser, link, called="code")
        browser.submit(f"{link}/code")
        self.look(browser, link, called="code sent")
        self.pages["wrong code"] = browser.follow(browser.submit(f"{link}/confirm", code=self.text))

    def came_back(self, made: ShareFiles) -> None:
        """An email server that says why in words of its own."""
        services, recipient = self.portal.portal.services, made.recipients[0]
        found = services.shares.get_with_recipient(made.about, recipient.id)
        assert found is not None
        assert found[1].mail.message_id
        record_feedback(services, "soft_bounce", found[1].mail.message_id, self.portal.clock(), self.text)

    def send_wrong_forms(self, staff: Browser, file_id: str) -> None:
        """What is wrong comes back with what was typed, on the page and in JSON."""
        staff.get(f"/shares/new?file={file_id}")
        typed = {
            "recipients": f"{self.text}, @",
            "message": self.text,
            "download_limit": self.text,
            "step": "share",
        }
        self.pages["refused"] = staff.submit("/shares/new", 400, file=file_id, **typed)
        secret = {"X-CSRFToken": staff.page.fields("/shares/new")["csrf_token"]} if staff.page else {}
        self.pages["/v1/recipients"] = staff.get("/v1/recipients", query_string={"q": self.text[:20]})
        announced = {"files": [{"name": self.text, "size": -1, "folder": self.text}]}
        self.pages["/v1/uploads"] = staff.ask("POST", "/v1/uploads", json=announced, headers=secret)


def structure(element: Element) -> list[tuple[str, list[str]]]:
    """Every element with the names of its attributes, in order."""
    return [(each.name, sorted(each.attributes)) for each in element.all()]


@pytest.fixture
def journey(aws: None, clock: Clock, provider: Provider) -> Any:
    """A journey through a portal whose organisation has the text for its name, too."""

    def made(text: str) -> dict[str, Page]:
        portal = make_running(
            clock,
            PORTAL_OIDC_METADATA_URL=f"{provider.url}/.well-known/openid-configuration",
            PORTAL_ORGANISATION_NAME=text,
        )
        return Journey(portal, provider, text, f"dave.{len(text)}@example.net").go()

    return made


@pytest.mark.requirement("R24", "R56")
@pytest.mark.parametrize("kind", TEXTS)
def test_it_stays_text_on_every_page_and_in_json(journey: Any, kind: str) -> None:
    """Names of people, organisations, files, folders and groups, messages, notes, devices, codes,
    recipients; also where an email of the portal's goes on its way.
    """
    plain, nasty = journey("words"), journey(TEXTS[kind])
    for called, page in nasty.items():
        assert page.status == plain[called].status, called
        assert structure(page.document) == structure(plain[called].document), called
        assert not WORKED_OUT.search(page.answer.text), called
        assert not [name for name, value in page.headers.items() if re.search(r"[\r\n\x00]", name + value)], (
            called
        )
        assert "Bcc" not in page.headers
        if called != "refused":  # there stands again what was typed
            assert not UNSEEN.search(page.answer.text), called
        if page.answer.mimetype.endswith("json"):
            json.loads(page.answer.text)


@pytest.mark.requirement("R24", "R56")
@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", TEXTS)
def test_it_stays_text_in_every_mail(kind: str, language: str) -> None:
    """Of every kind there is, in all it says of people, files and email servers, in both bodies."""
    text = TEXTS[kind]
    (first, *_) = SHARE.first_files
    named: tuple[SharedFile, ...] = (
        replace(first, name=make_safe_name(text), folder=make_safe_folder(text)),
        first,
    )
    message = share_rules.message(text[:2000], Limits())
    share = replace(SHARE, owner_name=text, message=message, first_files=named)
    line = plain_line(text)[:300]
    values = {about: dict.fromkeys(told, line) | keep_ours(told) for about, told in VALUES.items()}
    plain = letters(language)
    for about, letter in letters(language, share, values, PORTAL_ORGANISATION_NAME=text).items():
        for header in (letter.subject, letter.from_name, letter.reply_to, letter.to, letter.unsubscribe):
            assert not re.search(r"[\r\n]", header), about
            assert not [each for each in header if unicodedata.category(each) in {"Cc", "Cf", "Zl", "Zp"}], (
                about
            )
            assert "=?" not in header, about
            assert len(header) < 400, about
        assert letter.to == plain[about].to
        seen, wanted = Seen(letter.html), Seen(plain[about].html)
        assert seen.tags <= wanted.tags | {"span", "br"}, about
        assert {each for each in seen.links if each} == {each for each in wanted.links if each}, about
        for body in (letter.text, letter.html):
            assert not WORKED_OUT.search(body), about
            assert not UNSEEN.search(body), about
            assert len(body) < 60_000, about


def keep_ours(told: dict[str, str]) -> dict[str, str]:
    """What is ours to say in a notice, such as an id, and an address, which has no such text in it."""
    ours = {"first", "state", "to", "people", "file", "webhook", "whose", "why", "draft", "language", "words"}
    return {name: value for name, value in told.items() if name in ours}
