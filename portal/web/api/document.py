"""`/v1/openapi.json`: what the API takes and tells, by the schemas that read and write it (OpenAPI 3.1)."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Response, jsonify
from marshmallow import Schema

from portal.version import read_version
from portal.web.api.fields import WORDS
from portal.web.api.operations import Described
from portal.web.api.routes import ROUTES, SHARED_ROUTES, Route
from portal.web.api.shared_calls import DESCRIBED
from portal.web.current import config
from portal.web.wording.refusal_words import REASONS

PATH_PART = re.compile(r"<(\w+)>")
OF_TOKENS = {"insufficient_scope", "invalid_token", "two_credentials", "session_only", "changed_since"}
# What any call may come to, besides what it is for.
REFUSALS = {
    400: "Something in the request is wrong; `errors` names each field.",
    401: "No token, or one that is not valid.",
    403: "The token lacks the scope, or its owner the right.",
    404: "There is nothing of this id; someone else's looks the same.",
    409: "It is not in the state that this needs.",
    410: "It was there and is not any more.",
    412: "It was changed since it was read (If-Match).",
    413: "The body is larger than is taken.",
    415: "The body is no JSON, or is compressed.",
    429: "Too often; `Retry-After` says when to try again.",
    503: "A service behind the portal did not answer; nothing was half done.",
}
ABOUT = """Everything that staff do in the portal, for programs, by the same rules and with the same records.

Show a bearer token: an access token made on `/account/tokens`, or an ID or access token of the user pool's
client. Times are RFC 3339, sizes bytes. Lists come in pages: `next`, and the header `Link`, lead to the next.
Refusals are `application/problem+json` (RFC 9457); `reason` is a stable word, and `type` is its address."""


def show() -> Response:
    return jsonify(build_document(config().public_url))


@cache
def build_document(public_url: str) -> dict[str, Any]:
    spec = APISpec(
        title="File portal", version=read_version(), openapi_version="3.1.0",
        plugins=[MarshmallowPlugin(schema_name_resolver=name_schema)],
        info={"description": ABOUT}, servers=[{"url": public_url}], security=[{"token": []}],
    )  # fmt: skip
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    spec.components.schema("Problem", describe_problem())
    for status, words in REFUSALS.items():
        problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        spec.components.response(f"Refused{status}", {"description": words, "content": problem})
    for route in (*ROUTES, *SHARED_ROUTES):
        described = DESCRIBED.get(route.view) or getattr(route.load(), "described", None)
        if isinstance(described, Described):
            path = PATH_PART.sub(r"{\1}", route.path)
            spec.path(path, operations={route.method.lower(): describe_operation(route, described)})
    made: dict[str, Any] = spec.to_dict()
    return made


def name_schema(schema: Any) -> str:
    """By its class: `ShareTold` is what a share is told as."""
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__


def describe_operation(route: Route, about: Described) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": route.endpoint,
        "summary": about.summary,
        "description": f"Needs the scope `{route.scope}`.",
        "tags": [route.view.partition(".")[0]],
        "parameters": [*describe_path(route), *describe_query(about), *describe_headers(about)],
        "responses": {str(about.status): describe_answer(about)},
    }
    if about.body:
        told["requestBody"] = {"required": True, "content": as_json(about.body)}
    told["responses"] |= {str(each): {"$ref": f"#/components/responses/Refused{each}"} for each in REFUSALS}
    told["responses"] |= {str(each): {"description": words} for each, words in about.also.items()}
    return told


def describe_path(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in PATH_PART.findall(route.path)
    ]


def describe_query(about: Described) -> list[dict[str, Any]]:
    return [{"in": "query", "schema": about.query}] if about.query else []


def describe_headers(about: Described) -> list[dict[str, Any]]:
    """Idempotency-Key where something is created, If-Match where what has a tag is changed."""
    key = {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 200},
           "description": "the same again is the same thing"}  # fmt: skip
    match = {"name": "If-Match", "in": "header", "schema": {"type": "string"},
             "description": "the ETag of what was read"}  # fmt: skip
    return [*([key] if about.creates else []), *([match] if about.matches else [])]


def describe_answer(about: Described) -> dict[str, Any]:
    told: dict[str, Any] = {"description": about.summary}
    if about.answer:
        told["content"] = as_json(about.answer)
    if about.has_etag:
        told["headers"] = {"ETag": {"schema": {"type": "string"}}}
    return told


def as_json(schema: type[Schema]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def describe_problem() -> dict[str, Any]:
    """With the reasons that there are: a program may meet further ones, and takes them by their status."""
    text = {"type": "string"}
    wrong = {"type": "object", "properties": dict.fromkeys(("field", "reason", "detail"), text)}
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail", "reason", "request_id"],
        "properties": {
            **dict.fromkeys(("type", "title", "detail", "field", "request_id"), text),
            "status": {"type": "integer"},
            "reason": {**text, "examples": sorted({*REASONS, *WORDS, *OF_TOKENS})},
            "errors": {"type": "array", "items": wrong},
        },
    }
