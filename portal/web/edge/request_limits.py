"""How much a request may bring, and how strictly its JSON is read (R23). Files never come through here."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, request
from flask.json.provider import DefaultJSONProvider

from portal.domain.errors import N_, Refusal

V = TypeVar("V", bound=Callable[..., Any])
BODY_BYTES = 256 * 1024
FORM_PARTS = 700  # an address of each of 500 recipients whose link the sender passes on, and the rest


class Encoded(Refusal):
    """A compressed body may be a bomb, and nobody needs to send one."""

    status = 415
    reason = "encoded_body"
    message = N_("Send this without compressing it.")


class StrictJson(DefaultJSONProvider):
    """JSON as RFC 8259 means it: no NaN, no name twice, no nesting or number that costs more than it says."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Raises ValueError, which Flask answers with 400."""
        try:
            return json.loads(s, object_pairs_hook=reject_duplicates, parse_constant=not_json)
        except RecursionError as problem:
            raise ValueError("nested too deeply") from problem


def reject_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name comes twice")
    return found


def not_json(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def allow_body(most: int) -> None:
    """Let this request's body be so large, where its route has a reason for that; before it is read."""
    request.max_content_length = most


def takes_body(most: int) -> Callable[[V], V]:
    """Declare that a route's form brings files along, and how much in all; it is read before its view."""

    def declare(view: V) -> V:
        view.body_bytes = most  # type: ignore[attr-defined]
        return view

    return declare


def install(app: Flask) -> None:
    app.json = StrictJson(app)
    app.config.update(
        MAX_CONTENT_LENGTH=BODY_BYTES, MAX_FORM_MEMORY_SIZE=BODY_BYTES, MAX_FORM_PARTS=FORM_PARTS
    )

    @app.before_request
    def allow_declared_body() -> None:
        if most := getattr(app.view_functions.get(request.endpoint or ""), "body_bytes", 0):
            allow_body(most)

    @app.before_request
    def refuse_encoded() -> None:
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise Encoded
