"""What holds on every route at once, made from the map of routes: a new one is tried without being listed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import Client

from portal.domain.drafts import Draft
from portal.domain.files import File
from portal.domain.letters import single_line
from portal.domain.people import Person
from portal.domain.recipient_groups import Group
from portal.domain.suppression import mark
from portal.web.app import create_front
from portal.workflows.drafts import SAVE_DRAFT, SaveDraft
from portal.workflows.engine import run
from portal.workflows.files import TRASH, ChangeFile
from portal.workflows.recipient_groups import MAKE_GROUP, SaveGroup
from portal.workflows.share import ShareFiles
from tests.builders import Running
from tests.doing import (
    asked_by,
    mails,
    new_id,
    objects,
    recorded,
    rows,
    shared,
    somebody,
    state,
    token_of,
    uploaded,
)
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.signed_in import CORPUS, signed_in

BEN = somebody("Ben Okoro")
# What a form may not decide, under the names that the table has for it (R12).
FORBIDDEN = {
    "id": "0" * 26, "owner_id": BEN.id, "owner_name": "Ben Okoro", "owner_address": BEN.address,
    "person_id": BEN.id, "role": "admin", "roles": "admin", "groups": "admins", "is_admin": "1",
    "state": "ready", "status": "ready", "key": "files/x/y", "version_id": "x", "etag": "x",
    "content_type": "text/html", "most_bytes": "1", "scan_status": "clean", "download_count": "-5",
    "downloads": "{}", "generation": "7", "created_at": "2001-01-01", "keep_until": "2999-01-01",
    "expires_at": "2999-01-01T00:00:00+00:00", "version": "9", "zone": "UTC+99",
}  # fmt: skip
ODD = [
    "", "x", "0" * 26, "a" * 3000, "\x00", "\u202e", "\ufdfa" * 80, "-1", "9" * 400, "../..", "[]", "'",
    "2030-13-45", "9999-12-31", "0001-01-01", "share", "choose", "name", "-size", "AAAA", "//evil.example",
    "/files?cursor=x", "\r\nBcc: x@example.org", "\uff12", "con", ".", "date", "true",
]  # fmt: skip
FIELDS = [
    "q", "sort", "trash", "cursor", "file", "step", "search", "plain", "state", "code", "error", "next",
    "back", "language", "name", "days", "submission_id", "attempt_id", "file_id", "recipients", "message",
    "last_day", "expires_on", "download_limit", "until", "confirmation", "sure", "by_hand", "groups", "way",
    "here", "notify", "preview", "confirm", "password", "drafts", "groups", "share",
    "version",
]  # fmt: skip


@dataclass(frozen=True)
class World:
    """A portal with something in every place: a member of staff with files and a share, and its link."""

    portal: Running
    ana: Person
    file: File
    trashed: File
    made: ShareFiles
    group: Group
    draft_id: str
    browsers: dict[str, Browser]

    @property
    def ids(self) -> dict[str, str]:
        """What the parts of an address stand for."""
        return {
            "file_id": self.file.id, "share_id": self.made.about, "recipient_id": self.made.recipients[0].id,
            "token": token_of(self.portal, self.made), "filename": "js/main.js", "group_id": self.group.id,
            "held_id": mark("held@example.com"),
            "draft_id": self.draft_id,
        }  # fmt: skip

    def routes(self, *methods: str, **values: str) -> Iterator[tuple[str, str]]:
        """Method and address of every route."""
        adapter = self.portal.app.url_map.bind("files.example.org")
        for rule in self.portal.app.url_map.iter_rules():
            given = {name: (self.ids | values)[name] for name in rule.arguments}
            for method in sorted((rule.methods or set()) & set(methods)):
                if not rule.rule.startswith(("/probe", "/admin/probe", "/v1/probe")):
                    yield method, adapter.build(rule.endpoint, given, method=method)

    def secret(self, who: str) -> str:
        """The secret that this browser's forms carry."""
        page = self.browsers[who].get(f"/d/{self.ids['token']}" if who == "visitor" else "/account")
        return page.document.all("input", name="csrf_token")[0].attributes["value"]


@pytest.fixture
def world(portal: Running, new_browser: Callable[[], Browser]) -> World:
    browsers = {name: new_browser() for name in ("visitor", "owner", "colleague", "admin")}
    ana = signed_in(browsers["owner"])
    signed_in(browsers["colleague"], "Ben Okoro", "staff")
    signed_in(browsers["admin"], "Ida Minh", "admins")
    file, trashed = uploaded(portal, ana), uploaded(portal, ana, "old.pdf")
    run(TRASH, ChangeFile(**asked_by(ana, portal), file_id=trashed.id), portal.portal.services)
    made = shared(portal, ana, [file], recipients_text="carol@partner.example, ben@example.org")
    named = SaveGroup(**asked_by(ana, portal), name="Board", recipients_text="carol@partner.example")
    group = run(MAKE_GROUP, named, portal.portal.services).wanted
    draft = Draft(new_id(portal), ana.id, portal.clock(), (file.id,), {"message": "Hello"})
    run(SAVE_DRAFT, SaveDraft(**asked_by(ana, portal), draft=draft), portal.portal.services)
    return World(portal, ana, file, trashed, made, group, draft.id, browsers)


@pytest.mark.parametrize("who", ["visitor", "owner", "colleague", "admin"])
def test_looking_changes_nothing_anywhere(world: World, who: str) -> None:
    """R16, R42: every address, by GET and HEAD, twice; the audit log notes that a link was opened, once."""

    def everything() -> tuple[Any, ...]:
        return state(world.portal), objects(world.portal), len(mails(world.portal))

    before, known = everything(), len(rows(world.portal))
    asked = [*world.routes("GET", "HEAD"), *world.routes("GET", file_id=world.trashed.id)] * 2
    more = ("/files?trash=1", "/files?q=report", "/shares?drafts=1", f"/shares/new?file={world.file.id}")
    for method, address in [*asked, *(("GET", path) for path in more)]:
        answer = world.browsers[who].ask(method, address)
        assert answer.status < 500, f"{method} {address}: {answer.status}"
    noted = len(recorded(world.portal, "recipient.link_opened"))
    assert noted == (0 if who == "owner" else 1)
    assert everything() == before
    assert len(rows(world.portal)) == known + noted


@pytest.mark.parametrize("who", ["visitor", "owner"])
def test_odd_answers_are_refused_and_never_a_failure(world: World, who: str) -> None:
    """R23, R25: every route with every field odd, in the address, the query, the form or the JSON."""
    browser, headers = world.browsers[who], {"X-CSRFToken": world.secret(who)}
    for place, odd in enumerate(ODD):
        fields: dict[str, Any] = dict.fromkeys(FIELDS, odd)
        part = quote(odd, safe="") or "x"
        asked = [*world.routes("GET"), *world.routes("GET", file_id=part, share_id=part, token=part)]
        for method, address in asked[place % 7 :: 7]:  # each on some routes, and each route with some
            answer = browser.ask(method, address, query_string=fields)
            assert answer.status < 500, f"{method} {address} {odd!r}"
        asked = [*world.routes("POST", "DELETE", file_id=part), *world.routes("POST", recipient_id=part)]
        for method, address in asked[place % 5 :: 5]:
            kind = {"json": {"name": odd, "size": odd}} if address.startswith("/v1/") else {"data": fields}
            if not address.startswith(("/account", "/logout")):
                answer = browser.ask(method, address, headers=headers, **kind)
                assert answer.status < 500, f"{method} {address} {odd!r}: {answer.status}"


@pytest.mark.parametrize("odd", [{"download_limit": "three"}, {"until": "soon"}, {"last_day": "never"}])
def test_a_rule_that_cannot_be_read_is_never_left_out(world: World, odd: dict[str, str]) -> None:
    """R12, R49: a share sent past its review is refused, not made without the limit or the day."""
    owner = world.browsers["owner"]
    owner.get(f"/shares/new?file={world.file.id}")
    before = state(world.portal)
    answers = {"recipients": "dave@partner.example", "file": world.file.id, "step": "share"}
    owner.submit("/shares/new", 400, **(answers | odd))
    assert state(world.portal) == before


def of_others(world: World) -> list[dict[str, Any]]:
    """What is not the owner's; the totals are everybody's, and move with what anybody announces."""
    found = [item for item in state(world.portal) if world.ana.id not in str(item)]
    return [item for item in found if item["sk"]["S"] != "TOTALS"]


def test_a_form_decides_only_what_it_asks_for(world: World) -> None:
    """R12: on every route that writes, with what the table calls its own."""
    browser, secret = world.browsers["owner"], world.secret("owner")
    others = of_others(world)
    posted = FORBIDDEN | {"csrf_token": secret, "name": "new.pdf", "days": "30", "size": "12"}
    passed_over = ("/account", "/logout", "/files/purge", "/files/trash")
    for _, address in [each for each in world.routes("POST") if not each[1].startswith(passed_over)]:
        is_json = address.startswith("/v1/")
        kind: dict[str, Any] = {"json": posted | {"size": 12}} if is_json else {"data": posted}
        answer = browser.ask("POST", address, headers={"X-CSRFToken": secret}, **kind)
        assert answer.status < 500, address
    files = [item for item in state(world.portal) if item["sk"]["S"].startswith("FILE#")]
    assert len(files) > 3
    for item in files:
        assert item["owner_id"]["S"] == world.ana.id
        assert item["id"]["S"] == item["sk"]["S"].removeprefix("FILE#") != FORBIDDEN["id"]
        assert item["content_type"]["S"] == "application/pdf"
        is_pending = item["state"]["S"] == "pending"
        assert (item["version_id"]["S"] == "") == is_pending, "only S3 says what a file's version is"
    assert not [item for item in state(world.portal) if "2999" in str(item) or "UTC+99" in str(item)]
    browser.get("/admin", 403)
    assert of_others(world) == others


@pytest.mark.parametrize("text", CORPUS)
def test_what_people_write_stays_text_everywhere(
    portal: Running, new_browser: Callable[[], Browser], text: str
) -> None:
    """R24: as a file's name, a message, a sender's name, a recipient and a search: on pages and in mails."""
    plain, nasty = (journey(portal, new_browser(), each) for each in ("words", text))
    for one, other in zip(plain, nasty, strict=True):
        assert tags(one) == tags(other), one.path
        if one.path != "/shares/new":  # there stands again what was typed
            assert not set("\x1b\u202e\ufeff\x00") & set(other.answer.text), one.path
    for mail in mails(portal)[-2:]:
        assert not {"\r", "\n"} & set(mail.source + mail.subject)
        assert mail.destinations["ToAddresses"] == ["carol@partner.example"]
        assert "<script>alert" not in mail.body


def journey(portal: Running, browser: Browser, text: str) -> list[Page]:
    """Every page that shows what somebody wrote, with this text in all of it."""
    found = signed_in(browser, text, email="ana@example.org")
    me = replace(found, name=single_line(text) or "Ana")  # as signing in keeps it
    file = uploaded(portal, me, f"{text}.pdf")
    made = shared(portal, me, [file], message=text, recipients_text="carol@partner.example")
    paths = [
        f"/d/{token_of(portal, made)}", f"/files/{file.id}", f"/shares/{made.about}", "/account", "/shares",
        f"/shares/new?file={file.id}", "/files?trash=1",
    ]  # fmt: skip
    browser.get(f"/shares/new?file={file.id}")
    refused = browser.submit("/shares/new", 400, recipients=text, step="review", file=file.id)
    return [*map(browser.get, paths), refused, browser.get("/shares/new", query_string={"search": text})]


def tags(page: Page) -> list[str]:
    """The page's elements of the kinds that people's words would bring along."""
    return [each.name for each in page.document.all("script", "img", "b", "iframe", "style")]


def test_a_choice_of_language_leads_back_to_the_page(world: World) -> None:
    """R18: through the front, where partners have an app of their own that knows no other page."""
    browser, secret = world.browsers["owner"], world.secret("owner")
    session, parts = str(browser.cookie("session")), world.portal.portal
    browser.client = Client(create_front(parts.config, parts.services, parts.sessions))
    browser.set_cookie("session", session)
    for back in ("/files?sort=name", f"/d/{world.ids['token']}", "/account"):
        answers = {"csrf_token": secret, "language": "de", "back": back}
        assert browser.ask("POST", "/language", 303, data=answers).location == back
