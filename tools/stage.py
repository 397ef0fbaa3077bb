"""A portal that is started to be looked at: who is signed in, where they are, and their pictures."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, StorageState, sync_playwright

from portal.local.chromium import ARGUMENTS, find_chromium
from portal.local.people import Person
from portal.local.session import LocalPortal, local_portal
from tools.small_png import small_png

HEIGHT = 800


@dataclass
class Stage:
    """The running portal, who is signed in, and the addresses that came up while it was used."""

    portal: LocalPortal
    browser: Browser
    locale: str = "en-GB"
    signed_in: dict[str, StorageState] = field(default_factory=dict)
    found: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def visit(self, who: Person | str | None, width: int = 1280, scheme: str = "light") -> Iterator[Page]:
        context: BrowserContext = self.browser.new_context(
            base_url=self.portal.url, viewport={"width": width, "height": HEIGHT},
            color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce",
            timezone_id="Europe/Berlin", locale=self.locale,
            storage_state=self.signed_in.get(who if isinstance(who, str) else who.email) if who else None,
        )  # fmt: skip
        yield context.new_page()
        context.unroute_all(behavior="ignoreErrors")
        context.close()


@dataclass(frozen=True)
class Scene:
    """One picture: whose page, which address (or the name of one that was found), and what is done there."""

    name: str
    who: Person | str | None
    at: str
    act: Callable[[Page], object] = lambda page: None
    in_readme: bool = True


@contextmanager
def stage(
    settings: Mapping[str, str] | None = None, locale: str = "en-GB", browser: Browser | None = None
) -> Iterator[Stage]:
    """One of its own, in a folder that is removed afterwards; `settings` are further PORTAL_ variables.
    browser: one that runs already, since a process can start Playwright only once at a time.
    """
    with (
        tempfile.TemporaryDirectory() as state,
        local_portal(Path(state), settings=settings) as portal,
        nullcontext(browser) if browser else launch_browser() as driven,
    ):
        yield Stage(portal, driven, locale)


@contextmanager
def launch_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        yield browser
        browser.close()


def take(stage: Stage, scene: Scene, path: Path, width: int, scheme: str, whole: bool) -> None:
    with stage.visit(scene.who, width, scheme) as page:
        page.goto(stage.found.get(scene.at, scene.at))
        page.wait_for_load_state("networkidle")
        scene.act(page)
        page.mouse.move(0, 0)
        page.evaluate("scrollTo(0, 0)")
        if whole:
            # By a window as high as the page, so that what is fixed to its edges is where it belongs.
            height = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": width, "height": max(height, HEIGHT)})
        path.write_bytes(small_png(page.screenshot(animations="disabled")))
