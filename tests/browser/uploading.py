"""Driving the upload page as a person does, and watching what it asks of the portal and of S3."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from playwright.sync_api import Locator, Page, Request, Route, expect

from portal.local.session import LocalPortal

MIB = 1024**2
SIZE = 32 * MIB  # of the large file that most tests send
PART = 6 * MIB
PARTS = 6  # the last is smaller
SignedIn = Callable[..., Page]


def choose(page: Page, files: list[str]) -> None:
    more = page.get_by_role("button", name="Add more")
    if more.count():
        more.click()
    page.locator(".uppy-Dashboard-input").first.set_input_files(files)


def take_out(page: Page, name: str) -> None:
    page.get_by_role("button", name=f"Remove {name}").click()


def send(page: Page) -> None:
    page.locator(".uppy-StatusBar-actionBtn--upload").click()


def uploads_to_bucket(local: LocalPortal) -> re.Pattern[str]:
    return re.compile(re.escape(local.endpoint) + "/.*")


def make_file(path: Path, size: int, seed: int = 1) -> str:
    """A file whose parts all differ, so that one in another's place is noticed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(Random(seed).randbytes(size))  # noqa: S311 - content, not a secret
    return str(path)


def sha256(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def expect_arrived(page: Page, said: str = "One file has arrived.", seconds: float = 30) -> None:
    expect(page.locator("#uploaded")).to_contain_text(said, timeout=seconds * 1000)


@dataclass
class Traffic:
    """What a page asks for. at_once: the most requests to S3 that were under way at the same time."""

    portal: list[str] = field(default_factory=list)
    parts: list[int] = field(default_factory=list)
    open: set[Request] = field(default_factory=set)
    at_once: int = 0

    def begins(self, request: Request) -> None:
        if "/v1/" in request.url:
            self.portal.append(f"{request.method} {request.url.partition('/v1/')[2]}")
        elif request.method in {"PUT", "POST"} and "/v1/" not in request.url:
            found = re.search(r"partNumber=(\d+)", request.url)
            if found and request.method == "PUT":
                self.parts.append(int(found[1]))
            self.open.add(request)
            self.at_once = max(self.at_once, len(self.open))


def watch(page: Page) -> Traffic:
    seen = Traffic()
    page.on("request", seen.begins)
    page.on("requestfinished", lambda request: seen.open.discard(request))
    page.on("requestfailed", lambda request: seen.open.discard(request))
    return seen


def drop(page: Page, paths: list[Path]) -> None:
    """As from the desktop's file manager, folders included: scripts cannot make such a drop up."""
    box = page.locator(".uppy-Dashboard-AddFiles").bounding_box()
    assert box is not None
    devtools = page.context.new_cdp_session(page)
    place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        devtools.send("Input.dispatchDragEvent", {"type": kind, **place, "data": data})
    expect(page.locator(".uppy-Dashboard-Item, #not-uploaded li").first).to_be_visible()


@dataclass
class Bucket:
    """Stands between a page and S3: lets so many requests pass, holds the others until they are let go."""

    passes: int = 0
    held: list[Route] = field(default_factory=list)
    passed: list[Route] = field(default_factory=list)

    def meet(self, route: Route) -> None:
        if route.request.method == "OPTIONS" or len(self.passed) < self.passes:
            self.go(route)
        else:
            self.held.append(route)

    def go(self, route: Route) -> None:
        if route.request.method != "OPTIONS":
            self.passed.append(route)
        route.continue_()

    def open(self) -> None:
        """Everything passes from now on, what is held included; what the page gave up in the meantime is let
        be.
        """
        self.passes = 1_000_000
        while self.held:
            route = self.held.pop()
            if route.request.failure is None:
                self.go(route)


def stand_between(page: Page, local: LocalPortal, passes: int = 0) -> Bucket:
    bucket = Bucket(passes)
    page.route(uploads_to_bucket(local), bucket.meet)
    return bucket


def wait_until(page: Page, done: Callable[[], bool], seconds: float = 20) -> None:
    """Lets the page go on until it is so; the driver sees requests only while it waits for something."""
    for _ in range(int(seconds * 20)):
        if done():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it did not come to that")


def begin(page: Page, path: str) -> None:
    choose(page, [path])
    send(page)


def find_under_way(page: Page) -> Locator:
    return page.locator("#under-way li:visible").filter(has_text="film.mov")


def wait_for_completion(page: Page, path: str) -> None:
    """Waits for the end; the portal was told the SHA-256 of exactly these bytes."""
    expect_arrived(page)
    file_id = page.get_by_role("link", name="Share these files").get_attribute("href").partition("file=")[2]
    page.goto(f"/files/{file_id}")
    expect(page.locator("main")).to_contain_text(sha256(path))
