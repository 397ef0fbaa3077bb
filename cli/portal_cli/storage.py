"""Sending bytes to the storage's signed addresses, again where a connection breaks."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import requests

from portal_cli.bodies import FilePiece
from portal_cli.http import BROKEN, TIMEOUT, TRIES, WORTH_ANOTHER_TRY, describe_break, wait_before
from portal_cli.problems import Problem, Refused, Unreachable

TOO_OLD = 403  # what S3 says of an address that has expired


class Outgoing(NamedTuple):
    """One attempt at sending something."""

    address: str
    headers: Mapping[str, str]
    body: FilePiece


class Storage:
    def __init__(self, session: requests.Session, pause: Callable[[float], None] = time.sleep) -> None:
        self.session = session
        self.pause = pause

    def send(self, method: str, prepare: Callable[[int], Outgoing]) -> None:
        """prepare: what an attempt sends, counted from 0. Raises Unreachable, Refused."""
        problem: Problem = Unreachable("The storage does not answer.")
        for attempt in range(TRIES):
            answer = None
            going = prepare(attempt)
            with going.body as body:
                try:
                    answer = self.put(method, going)
                    if answer.ok:
                        return
                    problem = explain_storage(answer)
                except BROKEN as broken:
                    problem = Unreachable(f"No connection to the storage: {describe_break(broken)}")
                body.take_back()
            if answer is not None and not is_worth_another_try(answer):
                break
            self.pause(wait_before(attempt, answer))
        raise problem

    def put(self, method: str, going: Outgoing) -> requests.Response:
        """Requests reads the body by `read` and takes its length; its types know files alone."""
        body: Any = going.body
        return self.session.request(
            method,
            going.address,
            data=body,
            headers=dict(going.headers),
            timeout=TIMEOUT,
            allow_redirects=False,
        )


def is_worth_another_try(answer: requests.Response) -> bool:
    """An address that has expired is signed again; S3 says 400 of a body that came too slowly."""
    return answer.status_code in WORTH_ANOTHER_TRY | {TOO_OLD} or "RequestTimeout" in answer.text


def explain_storage(answer: requests.Response) -> Problem:
    kind = Unreachable if answer.status_code in WORTH_ANOTHER_TRY else Refused
    code = answer.text.partition("<Code>")[2].partition("</Code>")[0][:60]
    words = f"The storage answered {answer.status_code} {code}".strip()
    return kind(words, reason="storage", status=answer.status_code)
