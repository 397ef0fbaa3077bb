"""What holds on every route at once, made from the map of routes: a new one is tried without being listed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import Client

from portal.domain.audit.marks import write_in_address
from portal.domain.contacts.recipient_groups import Group
from portal.domain.files.file import File
from portal.domain.mail.email_message import single_line
from portal.domain.mail.suppression import hash_address
from portal.domain.people.person import Person
from portal.domain.shares.drafts import Draft
from portal.engine.workflow import run
from portal.web.app import create_front
from portal.workflows.contacts.recipient_groups import MAKE_GROUP, SaveGroup
from portal.workflows.files.owned_files import TRASH, ChangeFile
from portal.workflows.shares.drafts import SAVE_DRAFT, SaveDraft
from portal.workflows.shares.sharing import ShareFiles
from tests.actions import (
    link_token,
    list_mails,
    list_objects,
    list_records,
    list_rows,
    make_id,
    make_person,
    make_request,
    read_state,
    share_files,
    upload_file,
)
from tests.builders import Running
from tests.query_stub import put_report
from tests.receiver import name_webhook
from tests.web.browser import Browser
from tests.web.odd_answers import FIELDS, ODD
from tests.web.page import Page
from tests.web.signed_in import CORPUS, sign_in
from tests.workflows.contacts.groups import save_organisation_group

BEN = make_person("Ben Okoro")
# What a form may not decide, under the names that the table has for it (R12).
FORBIDDEN = {
    "id": "0" * 26, "owner_id": BEN.id, "owner_name": "Ben Okoro", "owner_address": BEN.address,
    "person_id": BEN.id, "role": "admin", "roles": "admin", "groups": "admins", "is_admin": "1",
    "state": "ready", "status": "ready", "key": "files/x/y", "version_id": "x", "etag": "x",
    "content_type": "text/html", "most_bytes": "1", "scan_status": "clean", "download_count": "-5",
    "downloads": "{}", "generation": "7", "created_at": "2001-01-01", "keep_until": "2999-01-01",
    "expires_at": "2999-01-01T00:00:00+00:00", "version": "9", "zone": "UTC+99",
}  # fmt: skip


@dataclass(frozen=True)
class World:
    """A portal with something in every place: a member of staff with files and a share, and its link."""

    portal: Running
    ana: Person
    file: File
    trashed: File
    made: ShareFiles
    group: Group
    shared_group: Group
    draft_id: str
    mark: str
    report_id: str
    webhook: tuple[str, str]
    browsers: dict[str, Browser]

    @property
    def ids(self) -> dict[str, str]:
        """What the parts of an address stand for."""
        return {
            "file_id": self.file.id, "share_id": self.made.about, "recipient_id": self.made.recipients[0].id,
            "token": link_token(self.portal, self.made), "filename": "js/main.js", "group_id": self.group.id,
            "held_id": hash_address("held@example.com"), "user_id": "me",
            "draft_id": self.draft_id, "person_id": self.ana.id, "session_id": "0" * 26, "mark": self.mark,
            "record_id": self.mark,
            "hold_id": "0" * 26, "kind": "file", "thing_id": self.file.id, "day": "2026-02-03",
            "export_id": self.draft_id, "shared_group_id": self.shared_group.id, "token_id": "0" * 26,
            "report_id": self.report_id, "webhook_id": self.webhook[0], "delivery_id": self.webhook[1],
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
    ana = sign_in(browsers["owner"])
    sign_in(browsers["colleague"], "Ben Okoro", "staff")
    sign_in(browsers["admin"], "Ida Minh", "admins")
    file, trashed = upload_file(portal, ana), upload_file(portal, ana, "old.pdf")
    run(TRASH, ChangeFile(make_request(ana, portal), file_id=trashed.id), portal.portal.services)
    made = share_files(portal, ana, [file], recipients_text="carol@partner.example, ben@example.org")
    named = SaveGroup(make_request(ana, portal), name="Board", recipients_text="carol@partner.example")
    group = run(MAKE_GROUP, named, portal.portal.services).required_result
    shared = save_organisation_group(portal, keepers_text=ana.address)
    draft = Draft(make_id(portal), ana.id, portal.clock(), (file.id,), {"message": "Hello"})
    run(SAVE_DRAFT, SaveDraft(make_request(ana, portal), draft=draft), portal.portal.services)
    newest = portal.portal.services.audit.list_newest(portal.clock(), None, 1).items[0]
    mark = write_in_address(newest.mark)
    report_id = put_report(portal, ana).id
    webhook = name_webhook(portal, ana)
    return World(
        portal, ana, file, trashed, made, group, shared, draft.id, mark, report_id, webhook, browsers
    )


@pytest.mark.requirement("R16", "R42")
@pytest.mark.parametrize("who", ["visitor", "owner", "colleague", "admin"])
def test_looking_changes_nothing_anywhere(world: World, who: str) -> None:
    """Every address, by GET and HEAD, twice; the audit log notes that a link was opened, once. A state of a
    sign-in that was made up is counted, as a guess.
    """

    def everything() -> tuple[Any, ...]:
        return read_state(world.portal), list_objects(world.portal), len(list_mails(world.portal))

    def kept() -> int:
        beside = (
            "RATE#sign-in#",
            "ONCE#",
            "SEEN#",
        )  # a guess is counted, and a record kept to once, with when its recipient was there
        return sum(not row["pk"]["S"].startswith(beside) for row in list_rows(world.portal))

    before, known = everything(), kept()
    asked = [*world.routes("GET", "HEAD"), *world.routes("GET", file_id=world.trashed.id)] * 2
    more = ("/files?trash=1", "/files?q=report", "/shares?drafts=1", f"/shares/new?file={world.file.id}")
    for method, address in [*asked, *(("GET", path) for path in more)]:
        answer = world.browsers[who].ask(method, address)
        assert answer.status < 500, f"{method} {address}: {answer.status}"
    noted = len(list_records(world.portal, "recipient.link_opened"))
    assert noted == (0 if who == "owner" else 1)
    assert everything() == before
    assert kept() == known + noted


@pytest.mark.requirement("R23", "R25")
@pytest.mark.parametrize("who", ["visitor", "owner"])
def test_odd_answers_are_refused_and_never_a_failure(world: World, who: str) -> None:
    """Every route with every field odd, in the address, the query, the form or the JSON."""
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


@pytest.mark.requirement("R12", "R49")
@pytest.mark.parametrize("odd", [{"download_limit": "three"}, {"until": "soon"}, {"last_day": "never"}])
def test_a_rule_that_cannot_be_read_is_never_left_out(world: World, odd: dict[str, str]) -> None:
    """A share sent past its review is refused, not made without the limit or the day."""
    owner = world.browsers["owner"]
    owner.get(f"/shares/new?file={world.file.id}")
    before = read_state(world.portal)
    answers = {"recipients": "dave@partner.example", "file": world.file.id, "step": "share"}
    owner.submit("/shares/new", 400, **(answers | odd))
    assert read_state(world.portal) == before


def list_of_others(world: World) -> list[dict[str, Any]]:
    """What is not the owner's; the totals are everyone's, and move with what anyone announces, and a share's
    title names the share alone.
    """
    found = [item for item in read_state(world.portal) if world.ana.id not in str(item)]
    return [item for item in found if item["sk"]["S"] not in {"TOTALS", "TITLE"}]


@pytest.mark.requirement("R12")
def test_a_form_decides_only_what_it_asks_for(world: World) -> None:
    """On every route that writes, with what the table calls its own."""
    browser, secret = world.browsers["owner"], world.secret("owner")
    others = list_of_others(world)
    posted = FORBIDDEN | {"csrf_token": secret, "name": "new.pdf", "days": "30", "size": "12"}
    passed_over = ("/account", "/logout", "/files/purge", "/files/trash")
    mailing = ("/mail", "/remind")  # of one's own share, again: what that leaves names nobody
    for _, address in world.routes("POST"):
        if address.startswith(passed_over) or address.endswith(mailing):
            continue
        is_json = address.startswith("/v1/")
        kind: dict[str, Any] = {"json": posted | {"size": 12}} if is_json else {"data": posted}
        answer = browser.ask("POST", address, headers={"X-CSRFToken": secret}, **kind)
        assert answer.status < 500, address
    files = [item for item in read_state(world.portal) if item["pk"]["S"].startswith("FILE#")]
    assert len(files) > 3
    for item in files:
        assert item["owner_id"]["S"] == world.ana.id
        assert item["id"]["S"] == item["pk"]["S"].removeprefix("FILE#") != FORBIDDEN["id"]
        assert item["content_type"]["S"] == "application/pdf"
        is_pending = item["state"]["S"] == "pending"
        assert (item["version_id"]["S"] == "") == is_pending, "only S3 says what a file's version is"
    sent_along = {FORBIDDEN["keep_until"], FORBIDDEN["zone"]}  # random ids hold "2999", but not these
    assert not [item for item in read_state(world.portal) if any(text in str(item) for text in sent_along)]
    browser.get("/admin", 403)
    assert list_of_others(world) == others


@pytest.mark.requirement("R24")
@pytest.mark.parametrize("text", CORPUS)
def test_what_people_write_stays_text_everywhere(
    portal: Running, new_browser: Callable[[], Browser], text: str
) -> None:
    """As a file's name, a message, a sender's name, a recipient and a search: on pages and in mails."""
    plain, nasty = (journey(portal, new_browser(), each) for each in ("words", text))
    for one, other in zip(plain, nasty, strict=True):
        assert tags(one) == tags(other), one.path
        if one.path != "/shares/new":  # there stands again what was typed
            assert not set("\x1b\u202e\ufeff\x00") & set(other.answer.text), one.path
    for mail in list_mails(portal)[-2:]:
        assert not {"\r", "\n"} & set(mail.source + mail.subject)
        assert mail.destinations["ToAddresses"] == ["carol@partner.example"]
        assert "<script>alert" not in mail.body


def journey(portal: Running, browser: Browser, text: str) -> list[Page]:
    """Every page that shows what someone wrote, with this text in all of it."""
    found = sign_in(browser, text, email="ana@example.org")
    me = replace(found, name=single_line(text) or "Ana")  # as signing in keeps it
    file = upload_file(portal, me, f"{text}.pdf")
    made = share_files(portal, me, [file], message=text, recipients_text="carol@partner.example")
    paths = [
        f"/d/{link_token(portal, made)}", f"/files/{file.id}", f"/shares/{made.about}", "/account", "/shares",
        f"/shares/new?file={file.id}", "/files?trash=1",
    ]  # fmt: skip
    browser.get(f"/shares/new?file={file.id}")
    refused = browser.submit("/shares/new", 400, recipients=text, step="review", file=file.id)
    return [*map(browser.get, paths), refused, browser.get("/shares/new", query_string={"search": text})]


def tags(page: Page) -> list[str]:
    """The page's elements of the kinds that people's words would bring along."""
    return [each.name for each in page.document.all("script", "img", "b", "iframe", "style")]


@pytest.mark.requirement("R18")
def test_a_choice_of_language_leads_back_to_the_page(world: World) -> None:
    """Through the front, where partners have an app of their own that knows no other page."""
    browser, secret = world.browsers["owner"], world.secret("owner")
    session, parts = str(browser.cookie("session")), world.portal.portal
    browser.client = Client(create_front(parts.config, parts.services, parts.sessions))
    browser.set_cookie("session", session)
    for back in ("/files?sort=name", f"/d/{world.ids['token']}", "/account"):
        answers = {"csrf_token": secret, "language": "de", "back": back}
        assert browser.ask("POST", "/language", 303, data=answers).location == back


@pytest.mark.requirement("R80")
@pytest.mark.parametrize("who", ["visitor", "owner", "admin"])
def test_what_answers_a_form_leads_back_to_a_page(world: World, who: str) -> None:
    """It cannot be reloaded or come back to itself: the history keeps the form's page for it (main.js)."""
    browser = world.browsers[who]
    headers = {"X-CSRFToken": world.secret(who)}
    answered, begun = 0, browser.page
    for _, address in world.routes("POST"):
        if address.startswith(("/account/sign-out", "/logout")):
            continue
        answer = browser.ask("POST", address, data={}, headers=headers)
        if answer.status // 100 == 3:
            browser.page = begun  # one is led away from a page that may have been deleted
        is_page = answer.status // 100 != 3 and answer.answer.mimetype == "text/html"
        if not is_page or address.startswith("/mails/"):  # which opens with another token
            continue
        answered += 1
        body = answer.document.one("body")
        led_to = browser.ask("GET", body.attributes["data-history"]).status
        assert led_to not in {400, 405}, address
        assert led_to != 404 or answer.status in {403, 404}, address  # what is not theirs has no page either
    assert answered > 3
