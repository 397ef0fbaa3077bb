"""Someone who is signed in: their browser's session, and who the portal takes them for."""

from __future__ import annotations

from typing import Any

from portal.domain.ids import derive_person_id
from portal.domain.people.person import Person
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.provider import make_account

# What people, and those who mean harm, put where text is asked for (R24).
CORPUS = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "{% raw %}", "${7*7}",
    "{0.__class__}", "%s %(name)s %n", "a\r\nBcc: x@example.org", "\x1b[31mred", "\u202egnp.exe",
    "e" + "\u0301" * 900,
    "&lt;b&gt;", "'; DROP TABLE x;--", "\ufeffbom", "javascript:alert(1)",
]  # fmt: skip


def sign_in(browser: Browser, name: str = "Ana Lopes", *groups: str, **claims: Any) -> Person:
    """Sign in through the provider's page."""
    who = make_account(name, *groups, **claims)
    assert browser.sign_in(who).status == 303
    assert browser.provider is not None
    subject = who.subject
    return Person(
        derive_person_id(browser.provider.url, subject), subject, name, str(who.claims["email"]), True
    )


class Calls:
    """Counts the calls to DynamoDB that a block of a test makes; `names` says which."""

    def __init__(self, running: Running) -> None:
        shares: Any = running.portal.services.shares
        self.events = shares.table.clients.get("dynamodb").meta.events
        self.names: list[str] = []

    def __enter__(self) -> Calls:
        self.events.register("before-call.dynamodb", self.note, unique_id="calls")
        return self

    def __exit__(self, *_: object) -> None:
        self.events.unregister("before-call.dynamodb", unique_id="calls")

    def note(self, model: Any, **_: Any) -> None:
        self.names.append(model.name)
