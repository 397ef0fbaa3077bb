"""Every page a partner sees, on a phone and in both themes: `docs/partner-pages.md` and its pictures.

    python -m tools.show_partner_pages                          the page and its pictures
    python -m tools.show_partner_pages --language de --to DIR   the pictures alone, in German, into DIR

Starts a portal of its own; what was sent is in `sent_links.py`.
"""

from __future__ import annotations

import argparse
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page, Route

from tools.sent_links import links
from tools.stage import Scene, Stage, stage, take

PAGE = Path(__file__).parents[1] / "docs" / "partner-pages.md"
PICTURES = Path(__file__).parents[1] / "docs" / "pictures" / "partner"
PLAN = Path(__file__).parents[1] / "docs" / "site-plan.svg"  # the picture whose preview is shown
WIDTH = 360  # pixels, the narrowest of today's phones
SCHEMES = ("light", "dark")
LOCALES = {"en": "en-GB", "de": "de-DE"}
SETTINGS = {"PORTAL_ORGANISATION_NAME": "Marlow Instruments"}


class Look(NamedTuple):
    """link: in which state the link is; template: what draws the page; words: when one sees it."""

    link: str
    template: str
    words: str
    act: Callable[[Page], object] = lambda page: None


def press(action: str) -> Callable[[Page], object]:
    """Send the first form that leads to `action`, whatever the language of its button."""

    def pressed(page: Page) -> None:
        page.locator(f'form[action*="{action}"] button').first.click()
        page.wait_for_load_state("networkidle")

    return pressed


def wrong_code(page: Page) -> None:
    press("/code")(page)
    page.locator("#code").fill("000000")  # right once in a million
    press("/confirm")(page)


def look_at_it(page: Page) -> None:
    press("/preview")(page)
    page.locator(".viewer img").wait_for()


def download_all(page: Page) -> None:
    """The last file of three does not come, so that the first two can be seen to have come."""
    asked: list[str] = []

    def come(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) < 3:
            route.continue_()

    page.context.route(re.compile(r"X-Amz-Signature"), come)
    page.locator("[data-press]").click()
    page.locator("[data-file]", has_text=re.compile(r"^\w+ 3")).wait_for()


CARD, PROOF, OVER = "pages/partner.html", "pages/confirm.html", "pages/partner_over.html"
VIEWER, MAILS, LOST = "pages/partner_preview.html", "pages/unsubscribe.html", "errors/error.html"
LOOKS = {
    "code": Look("code", PROOF, "A link that checks the address opens with this. No code was sent yet."),
    "code-sent": Look("code", PROOF, "The code is in a separate email.", press("/code")),
    "code-wrong": Look("code", PROOF, "It was not the right one.", wrong_code),
    "password": Look("password", PROOF, "The sender wants a password."),
    "one-file": Look("one", CARD, "One file, three downloads."),
    "several-files": Look("several", CARD, "Several files: one by one, or all as one ZIP."),
    "folders": Look("folders", CARD, "Files that lay in folders; they lie in them in the ZIP, too."),
    "used-up": Look("used", CARD, "One of the files has no download left."),
    "download-all": Look("several", CARD, "All files on their way.", download_all),
    "preview": Look("folders", VIEWER, "Looking at a file without saving it.", look_at_it),
    "expired": Look("expired", OVER, "The share has expired. One can ask for more time."),
    "spent": Look("spent", OVER, "All downloads are used. One can ask for more."),
    "asked": Look("asked", OVER, "The sender was asked."),
    "declined": Look("declined", OVER, "The sender said no."),
    "withdrawn": Look("withdrawn", OVER, "The sender has taken it back."),
    "not-found": Look("/d/no-such-link", LOST, "Any address that is no link of ours."),
    "unsubscribe": Look("mails", MAILS, "For senders: the link in an email that stops emails of its kind."),
    "unsubscribed": Look("mails", MAILS, "And when that is done.", press("/mails/")),
}

INTRODUCTION = """# What partners see

Every page behind a mailed link, on a phone, in both themes. They work without JavaScript, except for the ZIP
of all files. `python -m tools.show_partner_pages` takes the pictures from a running portal and writes this
page."""


def page() -> str:
    """`docs/partner-pages.md`."""
    return "\n\n".join([INTRODUCTION, *map(section, LOOKS)]) + "\n"


def section(name: str) -> str:
    title = name.replace("-", " ")
    shown = " | ".join(
        f"![{title.capitalize()}, {scheme}](pictures/partner/{name}-{scheme}.png)" for scheme in SCHEMES
    )
    return f"## {title.capitalize()}\n\n{LOOKS[name].words}\n\n| light | dark |\n|---|---|\n| {shown} |"


def drawn(browser: Browser) -> bytes:
    shown = browser.new_page(viewport={"width": 640, "height": 400})
    shown.goto(PLAN.as_uri())
    return shown.screenshot()


@contextmanager
def sent(language: str) -> Iterator[Stage]:
    with stage(SETTINGS, LOCALES[language]) as running:
        running.found = links(running.portal.environment, drawn(running.browser))
        yield running


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tools.show_partner_pages", description="Show what partners see."
    )
    parser.add_argument("--language", choices=LOCALES, default="en")
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="pictures alone, into FOLDER")
    parser.add_argument("--only", default="", help="the pages whose name contains this")
    options = parser.parse_args()
    folder: Path = options.to or PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # else it complains of the file that never comes
    with sent(options.language) as running:
        for name, look in LOOKS.items():
            for scheme in SCHEMES if options.only in name else ():
                scene = Scene(name, None, look.link, look.act)
                take(running, scene, folder / f"{name}-{scheme}.png", WIDTH, scheme, whole=True)
    if not options.to:
        PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
