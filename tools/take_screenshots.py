"""Take the README's pictures from a running portal, or look at every page in every look.

    make screenshots                                the README's, into docs/pictures
    make screenshots ARGS="--all build/pictures"    each page at 360 and 1280 pixels, light and dark, whole

Starts a portal of its own in a folder that is removed afterwards, and does what people do: uploads, shares,
downloads. Nothing in the pictures is drawn by hand.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import FilePayload, Page

from portal.local.people import ADMIN, COLLEAGUE, STAFF, Person
from tools.account_scenes import ACCOUNT_SCENES
from tools.group_scenes import GROUP_SCENES, make_group
from tools.scan_scenes import SCAN_SCENES, use_scanner
from tools.stage import Scene, Stage, stage, take

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
LOOKS = [(width, scheme) for width in (360, 1280) for scheme in ("light", "dark")]
KILO = 1000
FILES = {
    "Site plan.pdf": 2_400 * KILO, "Facade photographs.zip": 4_800 * KILO, "Cost estimate.xlsx": 184 * KILO,
    "Walk through the ground floor.mp4": 7_100 * KILO, "Minutes of the kick-off.docx": 46 * KILO,
}  # fmt: skip
LONG = "A name as long as names get when everybody adds a date and their initials 2026-11-20 final v3 AL.pdf"
MESSAGE = "Here are the drawings we talked about.\nPlease check the stairs before Thursday."
PARTNER = "partner@example.org"  # whose browser has confirmed the address
PARTNERS = [PARTNER, "second.partner@example.net", COLLEAGUE.email]


def contents(names: list[str]) -> list[FilePayload]:
    return [
        {"name": name, "mimeType": "application/octet-stream", "buffer": b"\x01" * FILES.get(name, 5_200)}
        for name in names
    ]


def choose(page: Page, names: list[str] = list(FILES)) -> None:  # noqa: B006 (read only)
    page.locator(".uppy-Dashboard-input").first.set_input_files(contents(names))
    page.get_by_text(f"Upload {len(names)} file").wait_for()


def upload(page: Page, names: list[str]) -> None:
    page.goto("/upload")
    choose(page, names)
    page.locator(".uppy-StatusBar-actionBtn--upload").click()
    page.locator("#uploaded").wait_for(timeout=60_000)


def answer(page: Page, recipients: list[str] = PARTNERS, limit: str = "3") -> None:
    page.get_by_label("To", exact=True).fill("\n".join(recipients))
    page.get_by_label("Message").fill(MESSAGE)
    page.get_by_label("Download limit").fill(limit)


def review(page: Page, recipients: list[str] = PARTNERS, limit: str = "3") -> None:
    answer(page, recipients, limit)
    page.locator("main").get_by_role("button", name="Review").click()
    page.get_by_role("heading", name="Check and share").wait_for()


def share(page: Page, recipients: list[str], limit: str) -> str:
    """Share what was just uploaded; the share's path."""
    page.get_by_role("link", name="Share these files").click()
    review(page, recipients, limit)
    page.get_by_role("button", name="Share", exact=True).click()
    page.wait_for_url(re.compile(r"/shares/(?!new)"))
    return page.url.partition("//")[2].partition("/")[2]


def sign_in(stage: Stage, person: Person) -> None:
    with stage.visit(None) as page:
        page.goto("/login")
        page.locator("#username").fill(person.email)
        page.locator("#password").fill(person.password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/files")
        stage.signed_in[person.email] = page.context.storage_state()


def use(stage: Stage) -> None:
    """What has happened before the pictures: two uploads, three shares, one download, one withdrawal."""
    for person in (STAFF, COLLEAGUE, ADMIN):
        sign_in(stage, person)
    with stage.visit(STAFF) as page:
        upload(page, [LONG])
        stage.found["withdrawn"] = "/" + share(page, ["withdrawn@example.org"], "")
        page.get_by_text("Withdraw from all").click()
        page.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
        page.get_by_text("This share is withdrawn").wait_for()
        upload(page, ["Minutes of the kick-off.docx", "Cost estimate.xlsx"])
        share(page, ["partner@example.org"], "")
        upload(page, list(FILES)[:3])
        stage.found["share"] = "/" + share(page, PARTNERS, "3")
        stage.found["change"] = stage.found["share"] + "/edit"
        stage.found["add"] = stage.found["share"] + "/recipients"
        page.goto("/files")
        stage.found["file"] = page.get_by_role("link", name="Site plan").first.get_attribute("href") or ""
        stage.found["admin file"] = "/admin" + stage.found["file"]
        stage.found["admin hold"] = stage.found["admin file"].replace("/files/", "/holds/file/")
        page.goto("/shares/new?" + stage.found["file"].replace("/files/", "file="))
        stage.found["new share"] = page.url
    with stage.visit(ADMIN) as page:
        stage.found["organisation group"] = make_group(page, PARTNERS[:2])
    find_links(stage)
    with stage.visit(None) as page:
        come_in(stage, page)
        with page.expect_download():
            page.locator(".file-list").get_by_role("button", name="Download").first.click()


def find_links(stage: Stage) -> None:
    """The links in the emails, as their recipients would follow them."""
    for mail in stage.portal.outbox():
        link = re.search(r"http\S+/d/\S+", mail["text"])
        if link is None:
            continue  # told to a sender
        if mail["to"] == PARTNER:
            stage.found["card"] = link[0]


def ask_for_code(page: Page) -> None:
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code", exact=True).wait_for()


def come_in(stage: Stage, page: Page) -> None:
    """Open the partner's link with a code, and stay in: later pictures are of the same browser."""
    page.goto(stage.found["card"])
    ask_for_code(page)
    code = re.search(r"\b[0-9]{6}\b", stage.portal.outbox()[-1]["text"])
    assert code
    page.get_by_label("Code", exact=True).fill(code[0])
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Download").first.wait_for()
    stage.signed_in[PARTNER] = page.context.storage_state()


def tick_two(page: Page) -> None:
    for box in page.get_by_role("row").get_by_role("checkbox").all()[1:3]:
        box.check()


def open_menu(page: Page) -> None:
    page.locator("main [data-menu]").first.click()


def wrong_address(page: Page) -> None:
    answer(page, ["ana@example.org", "nobody at all", "team@"], "1000")
    page.locator("main").get_by_role("button", name="Review").click()
    page.locator(".error-summary").wait_for()


def withdraw(page: Page) -> None:
    page.get_by_text("Withdraw from all").click()


def try_policy(page: Page) -> None:
    page.get_by_label("Highest download limit", exact=True).fill("2")
    page.get_by_label("Highest download limit: what it is").select_option("Default")
    page.get_by_role("button", name="Try it").click()
    page.get_by_text("Nothing is saved yet").wait_for()


def set_policies(page: Page) -> None:
    """Once; the same again changes nothing."""
    page.get_by_label("Longest share life", exact=True).fill("30")
    page.get_by_label("Longest share life: what it is").select_option("Locked")
    page.get_by_label("Blocked recipients", exact=True).fill("rival.example\nsomeone@example.net")
    page.get_by_label("Blocked recipients: what it is").select_option("Default")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="History").click()
    page.get_by_text("In force").wait_for()


def contradict(page: Page) -> None:
    page.get_by_label("Default share life", exact=True).fill("500")
    page.get_by_label("Default share life: what it is").select_option("Default")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".error-summary").wait_for()


def open_person(page: Page) -> None:
    page.get_by_role("link", name=STAFF.name, exact=True).click()
    page.get_by_role("heading", name=STAFF.name, exact=True).wait_for()


def invite_list(page: Page) -> None:
    page.get_by_label("People, one a line").fill(
        f"{STAFF.email};{STAFF.name}\nnobody at all\n=1+1;x@example.org"
    )
    page.get_by_role("button", name="Invite", exact=True).last.click()
    page.get_by_text("lines are invited").wait_for()


def in_german(page: Page) -> None:
    page.get_by_role("button", name="Deutsch").click()
    page.wait_for_load_state("networkidle")


SCENES = (
    Scene("home", None, "/"),
    Scene("upload", STAFF, "/upload", choose),
    Scene("files", STAFF, "/files"),
    Scene("file", STAFF, "file"),
    Scene("new-share", STAFF, "new share", answer),
    Scene("review", STAFF, "new share", review),
    Scene("shares", STAFF, "/shares"),
    Scene("share", STAFF, "share"),
    Scene("partner", PARTNER, "card"),
    Scene("partner-code", None, "card", ask_for_code),
    Scene("received", COLLEAGUE, "/shared-with-me"),
    Scene("account", STAFF, "/account"),
    Scene("admin", ADMIN, "/admin"),
    Scene("admin-month", ADMIN, "/admin?days=30", in_readme=False),
    Scene("admin-usage", ADMIN, "/admin/usage", in_readme=False),
    Scene("admin-emails", ADMIN, "/admin/emails", in_readme=False),
    Scene("outbox", STAFF, "/local/outbox"),
    Scene("admin-files", ADMIN, "/admin/files?owner=" + STAFF.email, in_readme=False),
    Scene("admin-file", ADMIN, "admin file", in_readme=False),
    Scene("admin-shares", ADMIN, "/admin/shares", in_readme=False),
    Scene("admin-hold", ADMIN, "admin hold", in_readme=False),
    Scene("admin-holds", ADMIN, "/admin/holds", in_readme=False),
    Scene("upload-empty", STAFF, "/upload", in_readme=False),
    Scene("upload-done", STAFF, "/upload", lambda page: upload(page, list(FILES)[:2]), in_readme=False),
    Scene("upload-plain", STAFF, "/upload?plain=1", in_readme=False),
    Scene("files-chosen", STAFF, "/files", tick_two, in_readme=False),
    Scene("files-menu", STAFF, "/files", open_menu, in_readme=False),
    Scene("files-none", ADMIN, "/files", in_readme=False),
    Scene("files-search", STAFF, "/files?q=site", in_readme=False),
    Scene("trash-none", STAFF, "/files?trash=1", in_readme=False),
    Scene("choose", STAFF, "/shares/new", in_readme=False),
    Scene("new-share-wrong", STAFF, "new share", wrong_address, in_readme=False),
    Scene("shares-none", ADMIN, "/shares", in_readme=False),
    Scene("group", STAFF, "/groups/new", in_readme=False),
    *GROUP_SCENES,
    *ACCOUNT_SCENES,
    Scene("share-change", STAFF, "change", in_readme=False),
    Scene("share-add", STAFF, "add", in_readme=False),
    Scene("share-dialog", STAFF, "share", withdraw, in_readme=False),
    Scene("share-withdrawn", STAFF, "withdrawn", in_readme=False),
    Scene("received-none", ADMIN, "/shared-with-me", in_readme=False),
    Scene("admin-policies", ADMIN, "/admin/policies", in_readme=False),
    Scene("admin-policies-tried", ADMIN, "/admin/policies", try_policy, in_readme=False),
    Scene("admin-policies-wrong", ADMIN, "/admin/policies", contradict, in_readme=False),
    Scene("admin-policies-history", ADMIN, "/admin/policies", set_policies, in_readme=False),
    Scene("admin-policies-group", ADMIN, "/admin/policies?group=board", in_readme=False),
    Scene("admin-people", ADMIN, "/admin/people", in_readme=False),
    Scene("admin-people-person", ADMIN, "/admin/people", open_person, in_readme=False),
    Scene("admin-people-invite", ADMIN, "/admin/people/invite", invite_list, in_readme=False),
    Scene("files-german", STAFF, "/files", in_german, in_readme=False),
    Scene("share-german", STAFF, "share", in_german, in_readme=False),
)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="make screenshots", description="Take pictures of the portal's pages."
    )
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every page in every look, into FOLDER")
    parser.add_argument("--only", help="the scenes whose name contains this")
    options = parser.parse_args()
    folder: Path = options.all or PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    scenes = [
        each for each in SCENES if (options.all or each.in_readme) and (options.only or "") in each.name
    ]
    looks = LOOKS if options.all else [(1280, "light")]
    if scenes:
        with stage() as running:
            use(running)
            take_all(running, scenes, folder, looks, whole=bool(options.all))
    scanned = [each for each in SCAN_SCENES if options.all and (options.only or "") in each.name]
    if scanned:
        with stage({"PORTAL_SCAN_REQUIRED": "on"}) as running:
            for person in (STAFF, ADMIN):
                sign_in(running, person)
            use_scanner(running)
            take_all(running, scanned, folder, looks, whole=True)


def take_all(
    running: Stage, scenes: Sequence[Scene], folder: Path, looks: Sequence[tuple[int, str]], *, whole: bool
) -> None:
    for scene in scenes:
        for width, scheme in looks:
            path = folder / (f"{scene.name}-{width}-{scheme}.png" if whole else f"{scene.name}.png")
            take(running, scene, path, width, scheme, whole)
            print(path, flush=True)


if __name__ == "__main__":
    main()
