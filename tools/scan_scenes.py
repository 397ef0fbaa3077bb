"""Pictures of what the malware scan does to pages, of a portal of their own where a scan is asked for."""

from __future__ import annotations

import io
import zipfile

from playwright.sync_api import FilePayload, Page, expect

from portal.local.people import ADMIN, STAFF
from portal.local.scanner import EICAR
from tools.stage import Scene, Stage


def encrypted_archive() -> bytes:
    """A ZIP whose flags say that it is encrypted."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("plan.txt", b"plan" * 4_000)
    body = bytearray(made.getvalue())
    body[6] |= 1
    body[body.index(b"PK\x01\x02") + 8] |= 1
    return bytes(body)


BODIES = {
    "Site plan.pdf": b"\x01" * 2_400_000,
    "Cost estimate.xlsm": EICAR + b"\n" * 40,
    "Contracts (encrypted).zip": encrypted_archive(),
}
# How each is after the scan, as its page says.
STATES = {
    "Site plan.pdf": "Ready",
    "Cost estimate.xlsm": "Malware found",
    "Contracts (encrypted).zip": "Could not be checked",
}


def upload(page: Page, name: str) -> str:
    """Upload one file; the path of its page."""
    page.goto("/upload")
    body: FilePayload = {"name": name, "mimeType": "application/octet-stream", "buffer": BODIES[name]}
    page.locator(".uppy-Dashboard-input").first.set_input_files(body)
    page.get_by_text("Upload 1 file").wait_for()
    page.locator(".uppy-StatusBar-actionBtn--upload").click()
    page.locator("#uploaded").wait_for(timeout=60_000)
    page.goto("/files")
    return page.get_by_role("link", name=name.split(".")[0]).first.get_attribute("href") or ""


def wait_for_state(page: Page, path: str, words: str) -> None:
    for _ in range(40):
        page.goto(path)
        if page.locator(".facts .chip").first.inner_text().strip() == words:
            return
        page.wait_for_timeout(500)
    expect(page.locator(".facts .chip").first).to_have_text(words)


def use_scanner(stage: Stage) -> None:
    """Three files, one of each kind, and the release of one that an administrator asked for."""
    with stage.visit(STAFF) as page:
        for name, state in STATES.items():
            path = upload(page, name)
            wait_for_state(page, path, state)
            stage.found[state] = path
    with stage.visit(ADMIN) as page:
        page.goto("/admin/quarantine")
        for state, name in {"threat": "Cost estimate", "unscanned": "Contracts"}.items():
            link = page.get_by_role("link", name=name).first
            stage.found[f"quarantined {state}"] = link.get_attribute("href") or ""
        page.goto(stage.found["quarantined unscanned"])
        page.get_by_label("Why may it pass?").fill("Signed contracts; the sender told us the password.")
        page.get_by_role("button", name="Ask for the release").click()
        page.get_by_text("Another administrator has to confirm it.").wait_for()


SCAN_SCENES = (
    Scene("quarantine", ADMIN, "/admin/quarantine", in_readme=False),
    Scene("quarantine-threat", ADMIN, "quarantined threat", in_readme=False),
    Scene("quarantine-asked", ADMIN, "quarantined unscanned", in_readme=False),
    Scene("file-infected", STAFF, "Malware found", in_readme=False),
    Scene("file-unscanned", STAFF, "Could not be checked", in_readme=False),
    Scene("files-scanned", STAFF, "/files", in_readme=False),
)
