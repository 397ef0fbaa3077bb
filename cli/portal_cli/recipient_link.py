"""A recipient's link: what it offers, showing whose it is, and addresses of its files.

What this program has shown is in cookies, as a browser's; they are kept for an hour, so that a code that was
mailed can be typed in a second run, and a download that was cut off goes on without another. What was offered
is kept as well: once the last download is used the link offers nothing any more, also while that one goes on.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests

from portal_cli.http import TIMEOUT, check_address, make_session, read_json, try_again
from portal_cli.problems import CodeNeeded, NotThere, Problem, UsageProblem, explain_answer
from portal_cli.settings import find_folder, read_object, write_private

LINK = re.compile(r"(?P<portal>https?://[^?#]+?)/d/(?P<token>[\w.~-]+)/?(?:[?#].*)?", re.ASCII)
KEPT_SECONDS = 3600


class Address(NamedTuple):
    url: str
    ends_at: float  # by time.monotonic, with some seconds in hand


@dataclass(frozen=True)
class Offered:
    """A file of a link. attempt_id: of the press that fetches it; closed: why it cannot be had, or empty."""

    file_id: str
    name: str
    folder: str
    size: int
    sha256: str
    attempt_id: str
    closed: str
    downloads_left: int | None


class RecipientLink:
    def __init__(self, text: str) -> None:
        found = LINK.fullmatch(text.strip())
        if found is None:
            raise UsageProblem("That is no link to files. It reads https://.../d/...", reason="link")
        self.portal = check_address(found["portal"])
        self.path = f"{self.portal}/d/{found['token']}"
        self.session = make_session()
        parts = urlsplit(self.portal)
        # Which page asks: our own, as a browser would say it of the link's page.
        said = {"Accept": "application/json", "Origin": f"{parts.scheme}://{parts.netloc}"}
        self.session.headers.update(said)
        self.secret = ""
        self.offered: list[dict[str, Any]] = []
        self.name = hashlib.sha256(self.path.encode()).hexdigest()[:32]
        self.kept_at = find_folder() / "links" / f"{self.name}.json"
        self.recall()

    def recall(self) -> None:
        kept = read_object(self.kept_at)
        self.offered = kept.get("files", [])
        if time.time() - float(kept.get("at", 0)) < KEPT_SECONDS:
            for name, value in kept["cookies"].items():
                self.session.cookies.set(name, value, domain=urlsplit(self.portal).hostname, path="/")

    def keep(self) -> None:
        cookies = {each.name: each.value for each in self.session.cookies}
        kept = {"at": time.time(), "cookies": cookies, "files": self.offered}
        write_private(self.kept_at, json.dumps(kept))

    def ask(self, method: str, step: str = "", fields: dict[str, str] | None = None) -> Any:
        """What the portal says; what it refuses is raised. The secret for the next press comes with it."""

        def call() -> requests.Response:
            return self.session.request(
                method, self.path + step, data=fields, headers={"X-CSRFToken": self.secret}, timeout=TIMEOUT,
                allow_redirects=False,
            )  # fmt: skip

        answer = try_again(call)
        told = read_json(answer)
        if isinstance(told, dict):
            self.secret = str(told.get("csrf_token") or self.secret)
        if answer.status_code >= 300:
            raise explain_answer(answer.status_code, told)
        self.keep()
        return told

    def read(self) -> dict[str, Any]:
        """What is offered, or was, where all of its downloads are used. Raises a Problem `unconfirmed` where
        something is to be shown first.
        """
        try:
            told: dict[str, Any] = self.ask("GET")
        except Problem as problem:
            if problem.reason == "unconfirmed":
                self.keep()  # the secret's cookie, which the next press needs
            if problem.reason != "spent" or not self.offered:
                raise
            return {"files": [{**each, "closed": "spent", "downloads_left": 0} for each in self.offered]}
        self.offered = told["files"]
        self.keep()
        return told

    def send_code(self) -> None:
        self.ask("POST", "/code")

    def confirm(self, code: str) -> None:
        self.ask("POST", "/confirm", {"code": code})

    def enter_password(self, password: str) -> None:
        self.ask("POST", "/password", {"password": password})

    def press(self, file_id: str, attempt_id: str) -> Address:
        """An address of the file's bytes: the same attempt counts once, however many addresses it gets."""
        told = self.ask("POST", "/download", {"file_id": file_id, "attempt_id": attempt_id})
        return Address(str(told["address"]), time.monotonic() + max(5, int(told["expires_in"]) - 15))


def read_offered(told: dict[str, Any]) -> list[Offered]:
    return [
        Offered(
            each["file_id"], each["file_name"], each["folder"], each["size"], each["sha256"],
            each["attempt_id"], each["closed"] or "", each["downloads_left"],
        )
        for each in told["files"]
    ]  # fmt: skip


def ask_for_step(problem: Problem) -> Problem:
    """What to do about something that is to be shown first and was not given."""
    if problem.facts.get("step") == "password":
        return CodeNeeded(
            "The sender set a password: run this again with --password.", reason="password_needed"
        )
    sent_to = problem.facts.get("masked_address", "the recipient's address")
    return CodeNeeded(f"A code was mailed to {sent_to}: run this again with --code and its 6 digits.")


def find_wanted(offered: list[Offered], names: tuple[str, ...]) -> list[Offered]:
    """All that can be had, or those that are named."""
    unknown = set(names) - {each.name for each in offered}
    if unknown:
        raise NotThere(f"The link has no {', '.join(sorted(unknown))}.")
    return [each for each in offered if not names or each.name in names]
