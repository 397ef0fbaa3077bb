"""Programs with a token: no cookies, no Referer, JSON both ways."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from werkzeug.test import Client

from portal.domain.people.person import Person
from portal.engine.workflow import run
from portal.web.edge.public_address import set_public_address
from portal.workflows.people.access_tokens import MAKE_TOKEN, MakeToken
from tests.actions import make_id, make_request
from tests.builders import Running
from tests.web.page import Page


def make_token(running: Running, person: Person, *scopes: str, days: int = 90) -> str:
    """An access token of theirs; the portal must know the person."""
    services = running.portal.services
    known = services.people.get(person.id) or person
    context = MakeToken(
        make_request(replace(known, scopes=None), running), submission_id=make_id(running), name="Nightly",
        scopes=[str(each) for each in scopes], days=days,
    )  # fmt: skip
    return run(MAKE_TOKEN, context, services).made[1].text


class Program:
    """A program that shows one token."""

    def __init__(self, running: Running, token: str = "") -> None:
        self.client = Client(set_public_address(running.app, running.config), use_cookies=False)
        self.origin = running.config.public_url
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def open(self, method: str, path: str, **details: Any) -> Page:
        """One request; any answer is taken."""
        headers = {**self.headers, **details.pop("headers", {})}
        if details.get("json", ...) is None:
            details.pop("json")
        answer = self.client.open(
            path, method=method, base_url=self.origin, headers=headers, buffered=True,
            environ_base={"REMOTE_ADDR": "192.0.2.44"}, **details,
        )  # fmt: skip
        return Page(answer, path)

    def ask(self, method: str, path: str, status: int = 200, **details: Any) -> Any:
        """What comes back with this status, read as JSON; None where it is empty."""
        page = self.open(method, path, **details)
        assert page.status == status, (
            f"{method} {path}: {page.status}, not {status}: {page.answer.text[:600]}"
        )
        return json.loads(page.answer.text) if page.answer.text else None

    def get(self, path: str, status: int = 200, **details: Any) -> Any:
        return self.ask("GET", path, status, **details)
