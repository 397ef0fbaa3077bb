"""A browser without a window: it keeps cookies, sends the Referer, fills in forms and signs in over HTTP."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests
from werkzeug.test import Client

from portal.web.edge.public_address import set_public_address
from tests.builders import Running
from tests.web.page import Page
from tests.web.provider import Account, Provider


class Browser:
    """Every page it opens is checked for what all pages have (see `Page.check_basics`)."""

    def __init__(self, running: Running, provider: Provider | None = None) -> None:
        self.config = running.config
        self.provider = provider
        self.client = Client(set_public_address(running.app, running.config))
        self.origin = running.config.public_url.removesuffix(running.config.base_path)
        self.page: Page | None = None

    def ask(self, method: str, path: str, status: int | None = None, **details: Any) -> Page:
        """One request. `status`: what must come back; without it any answer is taken."""
        headers = dict(details.pop("headers", {}))
        headers.setdefault("Referer", self.origin + (self.page.path if self.page else "/"))
        answer = self.client.open(
            path,
            method=method,
            base_url=self.origin,
            headers=headers,
            buffered=True,
            environ_base={"REMOTE_ADDR": "127.0.0.1"},
            **details,
        )
        page = Page(answer, path)
        if status is not None:
            assert page.status == status, f"{method} {path}: {page.status}, not {status}: {answer.text[:500]}"
        if method == "GET" and page.status == 200 and answer.mimetype == "text/html":
            self.page = page
        return page

    def get(self, path: str, status: int = 200, **details: Any) -> Page:
        return self.ask("GET", path, status, **details)

    def follow(self, page: Page, status: int = 200) -> Page:
        """Go where an answer redirects to, on our own pages."""
        assert 300 <= page.status < 400, f"{page.path}: {page.status} is no redirect"
        assert page.location.startswith("/"), f"{page.location} is not a page of ours"
        return self.get(page.location, status)

    def submit(self, action: str, status: int = 303, **values: Any) -> Page:
        """Fill in the form on the page that is open and send it."""
        assert self.page is not None, "open a page first"
        return self.ask("POST", action, status, data=self.page.fields(action) | values)

    def sign_in(self, who: Account | None = None, next_page: str = "") -> Page:
        """Through /login and the provider's page, back to the portal; returns the callback's answer."""
        return self.come_back(self.to_provider(who, next_page))

    def to_provider(self, who: Account | None = None, next_page: str = "") -> str:
        """Go to the provider's page and sign in there; returns the address it sends the browser back to."""
        assert self.provider is not None, "this browser knows no provider"
        if who:
            self.provider.account = who
        begun = self.ask(
            "GET",
            f"{self.config.base_path}/login",
            302,
            query_string={"next": next_page} if next_page else {},
        )
        return self.through_provider(begun)

    def come_back(self, address: str) -> Page:
        parts = urlsplit(address)
        return self.ask("GET", f"{parts.path}?{parts.query}", headers={"Referer": ""})

    def open_page(self, path: str) -> Page:
        """A page as someone opens it who is led to the provider and back on the way, and sees none of it."""
        page = self.ask("GET", path)
        while page.status in (302, 303):
            if page.location.startswith("/"):
                page = self.ask("GET", page.location)
            else:
                page = self.come_back(self.through_provider(page))
        return page

    def through_provider(self, page: Page) -> str:
        """Where the provider sends the browser that an answer of ours led to it."""
        return requests.get(page.location, allow_redirects=False, timeout=5).headers["Location"]

    def cookie(self, which: str) -> str | None:
        """The value of one of the portal's cookies, by its name without prefix."""
        name = f"__Host-{which}" if self.config.is_https else which
        found = self.client.get_cookie(name, urlsplit(self.config.public_url).hostname or "")
        return found.value if found else None

    def set_cookie(self, which: str, value: str) -> None:
        name = f"__Host-{which}" if self.config.is_https else which
        self.client.set_cookie(name, value, domain=urlsplit(self.config.public_url).hostname or "")
