"""Signing in at the embedded user pool, and staying what one is there."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from portal.local.people import ADMIN
from portal.local.session import LocalPortal
from tests.builders import Running
from tests.integration.client import Client
from tests.web.browser import Browser


@pytest.mark.requirement("R10")
def test_an_administrator_stays_one(local: LocalPortal, beside: Running) -> None:
    """Every refreshed token names the groups, as Cognito's do."""
    browser = Browser(beside)
    begun = browser.ask("GET", "/login", 302)
    pages = Client(local.url)
    pages.get(begun.location)
    # The portal that runs beside did not begin this sign-in and leaves its code alone.
    pages.submit("/login", username=ADMIN.email, password=ADMIN.password)
    back = urlsplit(pages.answer.url)
    assert browser.ask("GET", f"{back.path}?{back.query}", 303)
    browser.get("/admin")
    for _ in range(3):
        beside.clock.turn(minutes=16)
        browser.get("/admin")
