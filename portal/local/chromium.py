"""Which browser the tests and the screenshots drive: the system's Chromium, otherwise Playwright's own.

Run as a module it makes sure that there is one, fetching Playwright's where it must, or fails with a
sentence.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# The same engine without a browser's own windows, tabs and viewers: an empty page takes it a sixth of the
# processor time.
SHELL_NAME = "chromium-headless-shell"
# Root needs --no-sandbox (containers, CI). The rest keeps the browser from calling its maker's servers.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
NONE_TO_BE_HAD = (
    "The browser tests need Chromium. There is none on PATH, and Playwright's own could not be fetched.\n"
    "On Debian and Ubuntu: apt-get install chromium"
)


def find_chromium() -> str | None:
    """The executable's path, for Playwright's `launch(executable_path=...)`; None if there is none."""
    return next((path for path in map(shutil.which, NAMES) if path), None) or _playwrights_own()


def find_headless_shell() -> str | None:
    """The path of what opens pages with less work; where there is none, the browser's."""
    return shutil.which(SHELL_NAME) or find_chromium()


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def main() -> int:
    if find_chromium():
        return 0
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if find_chromium():
        return 0
    print(NONE_TO_BE_HAD, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
