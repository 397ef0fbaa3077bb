"""Sending in a real browser: in four clicks, after its page is closed, with thousands of files."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route, expect

from portal.local.people import STAFF
from portal.local.session import LocalPortal
from tests.browser.test_journey import assert_usable
from tests.browser.uploading import SignedIn, make_file, uploads_to_bucket

COUNT_CLICKS = """addEventListener("click", ({isTrusted}) => {
  if (isTrusted) sessionStorage.clicks = Number(sessionStorage.clicks ?? 0) + 1;
}, true)"""
# Nothing is announced any more, until the page is loaded again.
HOLD_BACK = """() => {
  const ask = window.fetch;
  window.fetch = (address, ...more) => (
    String(address).endsWith("/v1/uploads") ? new Promise(() => {}) : ask(address, ...more)
  );
}"""
# Drops files on the page, and says how many rows were put in between two turns of the page.
DROP = """async (many) => {
  const data = new DataTransfer();
  for (let at = 0; at < many; at += 1) {
    data.items.add(new File([`file ${at}`], `photo ${at}.jpg`, { lastModified: at }));
  }
  const rows = document.querySelector("[data-list]");
  const pieces = [];
  new MutationObserver((changes) => pieces.push(changes.length)).observe(rows, { childList: true });
  document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
  const until = performance.now() + 20_000;
  while (rows.children.length < many && performance.now() < until) {
    await new Promise((done) => setTimeout(done, 20));
  }
  return pieces.length;
}"""


def choose(page: Page, *files: str) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_text("Choose files", exact=True).click()
    chooser.value.set_files(list(files))


def wait_for_text(page: Page, where: str, text: str) -> None:
    """As `expect` does, which looks at thousands of rows each time, and leaves the page none for itself."""
    looking = "([where, text]) => document.querySelector(where)?.textContent.includes(text)"
    page.wait_for_function(looking, arg=[where, text], polling=100)


def open_page(signed_in: SignedIn, **look: Any) -> Page:
    page = signed_in(STAFF, "/send", **look)
    page.locator("form[data-ready]").wait_for()
    return page


def add_person(page: Page, address: str) -> None:
    page.get_by_label("To", exact=True).fill(address)
    page.get_by_label("To", exact=True).press("Enter")
    expect(page.get_by_role("button", name=f"Remove {address}")).to_be_visible()


def test_a_small_file_and_a_known_person_take_four_clicks(signed_in: SignedIn, tmp_path: Path) -> None:
    """The first time the address is typed; the second time it is suggested, and clicks are counted."""
    page = open_page(signed_in)
    choose(page, make_file(tmp_path / "first.txt", 100))
    add_person(page, "click.counter@partner.example")
    assert_usable(page)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("Sent to 1 person.")

    page.get_by_role("link", name="Send", exact=True).click()
    page.locator("form[data-ready]").wait_for()
    page.evaluate("sessionStorage.clicks = 0")
    page.evaluate(COUNT_CLICKS)
    choose(page, make_file(tmp_path / "second.txt", 100, seed=2))
    expect(page.get_by_label("To", exact=True)).to_be_focused()  # what comes next has the focus
    page.keyboard.type("click.c")
    page.get_by_role("option", name="click.counter@partner.example").click()
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url(re.compile("/shares/"))
    assert int(page.evaluate("sessionStorage.clicks")) <= 4


def test_a_closed_page_sends_all_the_same(local: LocalPortal, signed_in: SignedIn, tmp_path: Path) -> None:
    """Nobody confirmed that its last byte came: the bucket's event takes it in, and it goes out."""
    page = open_page(signed_in)
    held: list[Route] = []
    page.route("**/v1/uploads/*/complete", lambda route: held.append(route))
    page.route("**/v1/uploads/complete", lambda route: held.append(route))
    page.route(uploads_to_bucket(local), lambda route: held.append(route))
    choose(page, make_file(tmp_path / "plan.txt", 200, seed=3))
    add_person(page, "closed.page@partner.example")
    page.get_by_role("button", name="Send when uploaded").click()
    expect(page.get_by_text("Goes out automatically once everything has arrived")).to_be_visible()
    page.wait_for_url(re.compile("/send/"))
    [upload] = [each for each in held if each.request.url.startswith(local.endpoint)]
    upload.continue_()
    page.wait_for_timeout(500)  # the bytes reach the bucket
    address = page.url.replace(local.url, "")
    page.close()

    other = signed_in(STAFF, "/shares")
    until = time.monotonic() + 60
    while time.monotonic() < until:
        other.goto(address)
        if "/shares/" in other.url:
            break
        other.wait_for_timeout(500)
    expect(other.get_by_text("closed.page@partner.example").first).to_be_visible()
    expect(other.get_by_text("plan.txt").first).to_be_visible()


def type_whom_and_what(page: Page) -> None:
    """With a mistake that is seen at once, and mended."""
    page.locator("#to").fill("eva@partner.example joe@partner")
    page.locator("#to").press("Enter")
    wait_for_text(page, ".to-chip:last-child", "no email address")
    wait_for_text(page, ".recipients .field-error", "Not an email address: joe@partner")
    page.keyboard.press("Backspace")  # what was typed last can be mended
    page.keyboard.type(".example")
    page.keyboard.press("Tab")
    wait_for_text(page, ".to-chip:last-child", "joe@partner.example")
    page.locator("#message").focus()
    page.keyboard.type("For Thursday")
    with page.expect_response(lambda answer: "For Thursday" in (answer.request.post_data or "")):
        page.keyboard.press("Tab")
    wait_for_text(page, "[data-saved]", "Saved as a draft")
    page.wait_for_url(re.compile("/send/"))


def test_thousands_of_files_by_keyboard_and_a_draft_that_stays(signed_in: SignedIn, tmp_path: Path) -> None:
    """They are listed piece by piece; too many for one share is said, and what is wrong is seen before it is
    sent; a reload keeps what was typed, and a file is taken out by its cross.
    """
    page = open_page(signed_in)
    page.evaluate(HOLD_BACK)
    assert page.evaluate(DROP, 5000) > 5, "they are put in at once, and the page does not answer meanwhile"
    wait_for_text(page, "[data-count]", "5,000 files")
    wait_for_text(page, "[data-announced]", "Added: 5,000")
    wait_for_text(page, ".send-files > .field-error", "at most 40 files")

    type_whom_and_what(page)
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.get_by_label("Message (optional)")).to_have_value("For Thursday")
    expect(page.get_by_role("button", name="Remove eva@partner.example")).to_be_visible()

    page.locator("[data-input]").set_input_files(
        [make_file(tmp_path / f"{n}.txt", 50, seed=n) for n in (4, 5)]
    )
    expect(page.locator("[data-count]")).to_contain_text("All have arrived.")
    page.get_by_role("button", name="Remove 4.txt").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove 5.txt")).to_be_focused()
    page.get_by_text("Change", exact=True).focus()
    page.locator("[data-settings] summary").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Download limit (optional)").fill("3")
    expect(page.locator("[data-settings-words]")).to_contain_text("3 downloads each")
    assert_usable(page)
    page.get_by_role("button", name="Send", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Sent to 2 people.")


def test_it_is_taken_back_and_without_scripts_a_form(
    local: LocalPortal, signed_in: SignedIn, tmp_path: Path
) -> None:
    """ "Do not send yet" gives the draft back; small files come along with the form where no script runs."""
    page = open_page(signed_in, viewport={"width": 360, "height": 800}, color_scheme="dark")
    page.route(uploads_to_bucket(local), lambda route: None)
    choose(page, make_file(tmp_path / "plan.txt", 200, seed=6))
    page.get_by_role("button", name="Send when uploaded").click()
    expect(page.get_by_text("Add at least one recipient.")).to_be_visible()
    expect(page.get_by_label("To", exact=True)).to_be_focused()
    add_person(page, "taken.back@partner.example")
    page.get_by_role("button", name="Send when uploaded").click()
    page.get_by_role("button", name="Do not send yet").click()
    expect(page.get_by_role("button", name="Send when uploaded")).to_be_focused()
    assert_usable(page)

    plain = signed_in(STAFF, "/send", java_script_enabled=False)
    plain.get_by_label("Files to send").set_input_files(make_file(tmp_path / "small.txt", 300, seed=7))
    plain.get_by_label("To", exact=True).fill("no.scripts@partner.example")
    plain.get_by_role("button", name="Send", exact=True).click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("Check and share")
    plain.get_by_role("button", name="Share").last.click()
    expect(plain.get_by_text("no.scripts@partner.example").first).to_be_visible()


def test_a_page_loaded_again_presses_nothing_by_itself(
    local: LocalPortal, signed_in: SignedIn, tmp_path: Path
) -> None:
    """It has no password to send along, and knows only files that were announced. Review keeps the files."""
    page = open_page(signed_in)
    page.route(uploads_to_bucket(local), lambda route: None)
    choose(page, make_file(tmp_path / "plan.txt", 200, seed=8))
    add_person(page, "loaded.again@partner.example")
    with page.expect_response(lambda answer: answer.url.endswith("/send") and answer.ok):
        page.get_by_role("button", name="Send when uploaded").click()
    page.wait_for_url(re.compile("/send/"))
    assert_usable(signed_in(STAFF, "/shares?drafts=1", viewport={"width": 360, "height": 800}))
    pressed: list[str] = []
    page.on("request", lambda asked: pressed.append(asked.url) if asked.url.endswith("/send") and
            asked.method == "POST" else None)  # fmt: skip
    page.on("framenavigated", lambda _: pressed.clear())  # what the page before it asked for
    page.reload()
    page.locator("form[data-ready]").wait_for()
    page.wait_for_timeout(1500)
    assert pressed == []
    choose(page, make_file(tmp_path / "more.txt", 200, seed=10))
    expect(page.get_by_text("Files were added after Send was pressed")).to_be_visible()
    expect(page.get_by_role("button", name="Send when uploaded")).to_be_visible()

    other = open_page(signed_in)
    choose(other, make_file(tmp_path / "reviewed.txt", 200, seed=9))
    add_person(other, "reviewed@partner.example")
    other.get_by_role("button", name="Review first").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Check and share")
    expect(other.get_by_text("reviewed.txt").first).to_be_visible()


def test_two_pages_of_one_draft(signed_in: SignedIn, tmp_path: Path) -> None:
    """What one of them sent, the other tells of, and goes on with what it has. While somebody else is signed
    in, it says so, and goes on afterwards.
    """
    one = open_page(signed_in)
    choose(one, make_file(tmp_path / "plan.txt", 200, seed=11))
    add_person(one, "first@partner.example")
    one.wait_for_url(re.compile("/send/"))
    expect(one.get_by_text("All have arrived.").first).to_be_visible()
    two = one.context.new_page()
    two.goto(one.url)
    two.locator("form[data-ready]").wait_for()
    one.get_by_role("button", name="Send", exact=True).click()
    expect(one.get_by_role("status").first).to_contain_text("Sent to 1 person.")

    refusal = {"reason": "other_person", "detail": "Somebody else is signed in."}
    elsewhere = re.compile("/v1/(drafts|session)")
    two.route(elsewhere, lambda route: route.fulfill(status=409, json=refusal))
    two.get_by_role("textbox", name="Message").fill("For both of you.")
    add_person(two, "second@partner.example")
    expect(two.get_by_text("Somebody else is signed in.")).to_be_visible()
    two.unroute(elsewhere)
    two.get_by_role("textbox", name="Message").fill("For both of you!")
    expect(two.get_by_text("plan.txt to first@partner.example")).to_be_visible()
    assert two.url != one.url
    expect(two.get_by_role("textbox", name="Message")).to_have_value("For both of you!")
    two.get_by_role("button", name="Send", exact=True).click()
    expect(two.get_by_role("status").first).to_contain_text("Sent to 2 people.")


DROP_ON_LIST = """() => {
  const data = new DataTransfer();
  data.items.add(new File(["dropped on the list"], "dropped.txt"));
  const drop = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
  document.body.dispatchEvent(drop);
  return drop.defaultPrevented;
}"""


def test_files_dropped_on_the_list_are_sent_from_there(signed_in: SignedIn) -> None:
    """The page for it takes the list's place, with what was dropped."""
    page = signed_in(STAFF, "/files")
    page.get_by_text("drop them here").wait_for()
    assert page.evaluate(DROP_ON_LIST), "the browser would open it instead"
    page.wait_for_url(re.compile("/send"))
    expect(page.locator("[data-count]")).to_contain_text("All have arrived.")
    assert_usable(page)
    add_person(page, "dropped@partner.example")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("Sent to 1 person.")
    page.goto(page.url.partition("/shares")[0] + "/files")
    expect(page.get_by_role("link", name="dropped.txt").first).to_be_visible()
