"""Answers as gateways take them: the shape each wants, the size a function may give, and a last resort."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from portal.web.edge.audience import PROGRAM_PATHS
from portal.web.edge.logging import GIVEN_ID

# A function's answer may have 6 MB as JSON ("Lambda quotas", invocation payload); what is left is a margin.
MAX_BYTES = 5_500_000
MOST_BYTES_PER_CHARACTER = 12  # a surrogate pair, as Python's runtime writes what is not ASCII

WORDS = {
    400: "This request could not be read. Nothing was changed.",
    500: "This did not work. Nothing was lost. Try again in a minute.",
    503: "The portal is not ready. Try again in a minute.",
}
# What every answer carries (R17); this one has no scripts, styles or pictures at all.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
}


def plain(event: Mapping[str, Any], status: int) -> dict[str, Any]:
    """The answer where no page can be made: a sentence, or problem+json for programs (RFC 9457)."""
    path = str(event.get("rawPath") or event.get("path") or "")
    headers = {**HEADERS, "Content-Type": "text/plain; charset=utf-8"}
    if known := find_request_id(event):
        headers["X-Request-Id"] = known
    body = WORDS[status] + "\n"
    if PROGRAM_PATHS in path:
        headers["Content-Type"] = "application/problem+json"
        body = json.dumps({"type": "about:blank", "title": WORDS[status], "status": status})
    if status == 503:
        headers["Retry-After"] = "60"
    answer = {"statusCode": status, "isBase64Encoded": False, "body": body}
    if event.get("version") == "2.0":
        return {**answer, "headers": headers, "cookies": []}
    return shape_answer(
        event, {**answer, "multiValueHeaders": {name: [value] for name, value in headers.items()}}
    )


def find_request_id(event: Mapping[str, Any]) -> str:
    """The gateway's id of the request; empty where it gave none, as a load balancer does."""
    context = event.get("requestContext")
    given = str(context.get("requestId", "")) if isinstance(context, Mapping) else ""
    return given if GIVEN_ID.fullmatch(given) else ""


def shape_answer(event: Mapping[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """The answer with its headers in the shape that the sender of this event reads.

    REST APIs always read `multiValueHeaders`; a load balancer only where it sent them itself.
    """
    context = event.get("requestContext")
    from_balancer = isinstance(context, Mapping) and "elb" in context
    if from_balancer and "multiValueHeaders" not in event:
        several = answer["multiValueHeaders"]
        return {key: value for key, value in answer.items() if key != "multiValueHeaders"} | {
            "headers": join_values(several)
        }
    return answer


def join_values(headers: Mapping[str, list[str]]) -> dict[str, str]:
    """Headers where a name has one value: more cookies get the same name in other letters (R22)."""
    cookies = [value for name, values in headers.items() if name.lower() == "set-cookie" for value in values]
    return {name: values[-1] for name, values in headers.items() if name.lower() != "set-cookie"} | {
        spelling("set-cookie", number): value for number, value in enumerate(cookies)
    }


def spelling(name: str, number: int) -> str:
    """The name with those characters in capitals that the bits of the number choose."""
    return "".join(each.upper() if number >> place & 1 else each for place, each in enumerate(name))


def too_large(answer: Mapping[str, Any]) -> bool:
    if len(answer["body"]) * MOST_BYTES_PER_CHARACTER < MAX_BYTES:
        return False
    return len(json.dumps(answer)) > MAX_BYTES
