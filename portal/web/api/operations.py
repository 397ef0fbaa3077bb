"""How a view of the API is described, what it is handed, and what becomes of what it returns.

One description reads the request, writes the answer and stands in the document (`document.py`), so that these
three never differ.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Response, current_app, make_response, request
from marshmallow import Schema

from portal.domain.errors import N_, Refusal
from portal.domain.ids import derive_id, make_sortable_id
from portal.web.api import asked
from portal.web.api.fields import load
from portal.web.current import now
from portal.web.identity.access import current_person

V = TypeVar("V", bound=Callable[..., Any])


class ChangedSince(Refusal):
    """By If-Match: it is not what the program has seen any more (RFC 9110, 13.1.1)."""

    status = 412
    reason = "changed_since"
    message = N_("This was changed since you read it. Read it again, then repeat what you wanted to do.")


@dataclass(frozen=True)
class Described:
    """body, query, answer: schemas; status: of the answer; has_etag: whether a state is told with its tag;
    matches: whether that tag may be asked for by If-Match;
    creates: whether an Idempotency-Key makes a second call the same as the first; also: further
    statuses, with their words;
    prepare: what is done before the body is read.
    """

    summary: str
    body: type[Schema] | None = None
    query: type[Schema] | None = None
    answer: type[Schema] | None = None
    status: int = 200
    has_etag: bool = False
    matches: bool = False
    creates: bool = False
    also: Mapping[int, str] = field(default_factory=dict)
    prepare: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Answer:
    """What a view returns that says more than its data. next: the cursor of the next page."""

    data: Any
    status: int | None = None
    next: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def operation(summary: str, **described: Any) -> Callable[[V], V]:
    """Describe a view: it gets body and query as they were read, and returns what the answer shows."""
    about = Described(summary, **described)

    def declare(view: V) -> V:
        @functools.wraps(view)
        def call(**named: Any) -> Response:
            about.prepare()
            if about.query:
                named["query"] = load(about.query(), flatten_query())
            if about.body:
                named["body"] = load(about.body(), read_body())
            made = view(**named)
            return respond(made if isinstance(made, Answer) else Answer(made), about)

        call.described = about  # type: ignore[attr-defined]
        return call  # type: ignore[return-value]

    return declare


def read_body() -> Any:
    return request.get_json()


def flatten_query() -> dict[str, Any]:
    """A parameter that comes twice is a list, which no schema takes."""
    return {
        name: each[0] if len(each) == 1 else each for name, each in request.args.to_dict(flat=False).items()
    }


def respond(made: Answer, about: Described) -> Response:
    status = made.status or about.status
    if about.answer is None:
        return make_response("", status)
    told = about.answer().dump(made.data)
    response = make_response(current_app.json.response(told), status)
    if about.has_etag:
        response.headers["ETag"] = make_etag(told)
    if made.next:
        query = urlencode({**request.args.to_dict(), "cursor": made.next})
        response.headers["Link"] = f'<{request.base_url}?{query}>; rel="next"'
    response.headers.update(made.headers)
    return response


def make_etag(told: Any) -> str:
    """Of what is told: by its version where it has one, else two that read alike are alike."""
    if isinstance(told, Mapping) and "version" in told:
        return f'"v{told["version"]}"'
    text = json.dumps(told, sort_keys=True).encode()
    return f'"{hashlib.sha256(text).hexdigest()[:32]}"'


def require_match(schema: type[Schema], thing: Any) -> None:
    """That a thing is still what the program has seen, where it says what that was."""
    if request.if_match and not request.if_match.contains(make_etag(schema().dump(thing)).strip('"')):
        raise ChangedSince


def submission_id() -> str:
    """Of what this call creates: the same for each call with the same Idempotency-Key."""
    key = asked.once(request.headers.get("Idempotency-Key"))
    return derive_id("idempotency", current_person().id, key) if key else make_sortable_id(now())
