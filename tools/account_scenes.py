"""Pictures of what hangs on the account: addresses, access tokens, and what programs can do with these."""

from __future__ import annotations

from playwright.sync_api import Page

from portal.local.people import STAFF
from tools.stage import Scene


def make_token(page: Page) -> None:
    page.get_by_label("What it is for").fill("Nightly reports to Carol")
    page.get_by_label("Share files").check()
    page.get_by_role("button", name="Make the token").click()
    page.get_by_role("heading", name="Your new access token").wait_for()


def make_webhook(page: Page) -> None:
    page.get_by_label("What it is for").fill("Orders to the archive")
    page.get_by_label("Address to post to").fill("https://hooks.example.org/portal")
    page.get_by_role("button", name="Make the webhook").click()
    page.get_by_role("heading", name="The webhook's secret").wait_for()


def open_webhook(page: Page) -> None:
    known = page.get_by_role("link", name="Orders to the archive")
    if not known.count():
        make_webhook(page)
    known.first.click()
    page.get_by_role("heading", name="Orders to the archive").wait_for()


def open_first(page: Page) -> None:
    page.locator("summary").nth(3).click()


PROGRAM = f"port=49321&challenge={'v' * 43}&state=s&name=portal+on+laptop&scopes=read+upload+share+delete"
ACCOUNT_SCENES = (
    Scene("addresses", STAFF, "/account/addresses", in_readme=False),
    Scene("tokens-none", STAFF, "/account/tokens", in_readme=False),
    Scene("token-made", STAFF, "/account/tokens", make_token, in_readme=False),
    Scene("tokens", STAFF, "/account/tokens", in_readme=False),
    Scene("webhooks-none", STAFF, "/account/webhooks", in_readme=False),
    Scene("webhook-made", STAFF, "/account/webhooks", make_webhook, in_readme=False),
    Scene("webhooks", STAFF, "/account/webhooks", in_readme=False),
    Scene("webhook", STAFF, "/account/webhooks", open_webhook, in_readme=False),
    Scene("program-sign-in", STAFF, f"/account/tokens/authorize?{PROGRAM}", in_readme=False),
    Scene("api", STAFF, "/docs/api", open_first, in_readme=False),
)
