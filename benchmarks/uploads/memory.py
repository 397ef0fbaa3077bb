"""How much memory a tab takes: the private memory of the process that draws it, its workers included."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path
from types import TracebackType

from playwright.sync_api import Page

EVERY = 0.1  # seconds between two looks
PRIVATE = re.compile(r"^Private_\w+: +(\d+) kB", re.MULTILINE)  # Private_Clean, _Dirty and _Hugetlb


class Tab:
    """Watches the browser's renderers from a thread, as long as the block lasts. With one page open that is
    the page's own, and perhaps a spare one, which is counted too."""

    def __init__(self, page: Page) -> None:
        browser = page.context.browser
        assert browser
        self.session = browser.new_browser_cdp_session()
        told = self.session.send("SystemInfo.getProcessInfo")["processInfo"]
        self.processes = [int(each["id"]) for each in told if each["type"] == "renderer"]
        self.peak = 0
        self.over = threading.Event()

    def __enter__(self) -> Tab:
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.over.set()
        self.thread.join()
        self.session.detach()

    def watch(self) -> None:
        while not self.over.wait(EVERY):
            self.peak = max(self.peak, self.private())

    def private(self) -> int:
        return sum(map(private_bytes, self.processes))

    def settled(self) -> int:
        """What it takes while nothing goes on: the least of two seconds."""
        seen = []
        for _ in range(20):
            seen.append(self.private())
            time.sleep(EVERY)
        return min(seen)


def private_bytes(process: int) -> int:
    try:
        said = Path(f"/proc/{process}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0  # the spare one may go
    return sum(int(each) * 1024 for each in PRIVATE.findall(said))
