"""By keyboard alone: whoever presses Tab sees where they are, on every page, however small the window.

WCAG 2.2, 2.4.7 "Focus Visible" and 2.4.11 "Focus Not Obscured". A window of 1280 pixels at 200 % zoom is one
of 640.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from portal.local.people import ADMIN, STAFF
from tests.parts import SMALL
from tools.stage import Scene, Stage, stage
from tools.take_screenshots import PARTNER, SCENES, tick_two, use

pytestmark = pytest.mark.requirement("R82")
LOOK = (Path(__file__).parent / "focus.js").read_text(encoding="utf-8")
SIZES = [(320, 568), (360, 640), (1280, 800), (640, 400)]
MOST_STOPS = 250


def tick_all(page: Page) -> None:
    page.evaluate("document.querySelectorAll('main details').forEach((each) => { each.open = true; })")
    for box in page.locator("main :is([type=checkbox], [type=radio]):visible").all():
        box.check(force=True)


MORE = (
    Scene("not-found", STAFF, "/no/such/page"),
    Scene("not-found-stranger", None, "/d/nothing"),
    Scene("groups", STAFF, "/groups"),
    Scene("card-stranger", None, "card"),
    Scene("account-ticked", STAFF, "/account", tick_all),
    Scene("new-share-ticked", STAFF, "new share", tick_all),
    Scene("files-all-chosen", STAFF, "/files", tick_all),
    Scene("partner-open", PARTNER, "card", tick_all),
    Scene("admin-files", ADMIN, "/files"),
)
# Their own act ends on another page that is there already, or in German.
LEFT_OUT = {"outbox", "files-german", "share-german", "upload-done"}
PAGES = [each for each in (*SCENES, *MORE) if each.name not in LEFT_OUT]


@pytest.fixture(scope="module")
def running(headless_shell: Browser) -> Iterator[Stage]:
    with stage(SMALL, browser=headless_shell) as made:
        use(made)
        yield made


def tab_through(page: Page) -> list[str]:
    """What is wrong with each tab stop of the page as it is."""
    page.evaluate("document.activeElement?.blur(); scrollTo(0, 0)")
    wrong, seen = [], set[str]()
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        found = page.evaluate(LOOK)
        if found is None and not seen:
            continue  # a dialog's first Tab may leave it for the browser's own buttons
        if found is None or found["stop"] in seen:
            break
        seen.add(found["stop"])
        if not found["hasOutline"]:
            wrong.append(f"no outline: {found['name']}")
        if not found["isInWindow"]:
            wrong.append(f"not in the window: {found['name']}")
        if found["coveredBy"]:
            wrong.append(f"under {found['coveredBy']}: {found['name']}")
    assert seen
    return wrong


@pytest.mark.parametrize("scene", PAGES, ids=[each.name for each in PAGES])
def test_every_tab_stop_is_seen(running: Stage, scene: Scene) -> None:
    wrong = []
    with running.visit(scene.who) as page:
        page.goto(running.found.get(scene.at, scene.at))
        page.wait_for_load_state("networkidle")
        scene.act(page)
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            wrong += [f"{width} x {height}: {each}" for each in tab_through(page)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_box_changes_when_it_has_the_focus(running: Stage, scheme: str) -> None:
    """In pixels: a checked one had a border of the colour that it got when focused."""
    with running.visit(STAFF, scheme=scheme) as page:
        page.goto("/files")
        tick_two(page)
        for state in (True, False):
            box = page.get_by_role("row").get_by_role("checkbox").nth(1)
            box.set_checked(state)
            frame = box.bounding_box()
            assert frame
            clip = {"x": frame["x"] - 6, "y": frame["y"] - 6, "width": 32, "height": 32}
            page.evaluate("document.activeElement.blur()")
            page.mouse.move(0, 0)
            before = page.screenshot(clip=clip)
            box.press("Shift")
            box.focus()
            assert page.screenshot(clip=clip) != before, f"checked: {state}"
