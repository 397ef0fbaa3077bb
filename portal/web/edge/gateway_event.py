"""A gateway's event made strict, before apig-wsgi reads it: fields we know, well formed, nothing else.

Who calls comes from the gateway's own context and never from a header a caller can send (R20, T2, T3). The
shapes are those of "Lambda proxy integrations" (API Gateway, payload formats 1.0 and 2.0) and of "Lambda
functions as targets" (load balancer).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

Event = Mapping[str, Any]
Headers = dict[str, list[str]]

# RFC 9110's token without underscores: CGI writes `-` as `_`, so `X_Forwarded_For` would pass as real.
HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^`|~-]+")
HEADER_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
METHOD = re.compile(r"[A-Z]{1,20}")
# Beginnings of headers that claim what only the gateway's context may say.
CLAIMS = (
    "forwarded",
    "proxy",
    "x-amzn-",
    "x-forwarded-",
    "x-original-",
    "x-portal-",
    "x-real-ip",
    "x-rewrite-",
)
# The gateway took the message apart already; "chunked" would make Werkzeug read an empty body.
OF_THE_CONNECTION = {"connection", "content-length", "transfer-encoding"}


class Unreadable(Exception):
    """No request can be made of this event; the message says why, for the log."""


def is_http(event: Event) -> bool:
    """Whether a gateway made this event of a request."""
    http = mapping(mapping(event.get("requestContext")).get("http"))
    return ("httpMethod" in event and "path" in event) or (is_v2(event) and "method" in http)


def is_v2(event: Event) -> bool:
    return event.get("version") == "2.0"


def read_event(event: Event, host: str, base_path: str) -> dict[str, Any]:
    """The event as apig-wsgi may see it, for a portal at this host and base path. Raises Unreadable."""
    context = mapping(event.get("requestContext"))
    sent = headers_of(event)
    asked = host_named(host, sent.pop("host", []), context)
    headers = {name: values for name, values in sent.items() if not name.startswith(CLAIMS)}
    http = {"method": method(event, context), "sourceIp": source_ip(context, sent), "protocol": "HTTP/1.1"}
    request = {"http": http, "host": asked, "requestId": text(context.get("requestId"))}
    path = to_latin1(path_below(base_path, event, context))
    if is_v2(event):
        return v2_fields(event, headers) | {"rawPath": path, "requestContext": request} | body_fields(event)
    if "elb" in context:
        request["elb"] = {}  # tells apig-wsgi that the query is still encoded
    return (
        v1_fields(event, headers)
        | {"httpMethod": http["method"], "path": path, "requestContext": request}
        | body_fields(event)
    )


def v1_fields(event: Event, headers: Headers) -> dict[str, Any]:
    several = mapping(event.get("multiValueQueryStringParameters"))
    query = several or {name: [value] for name, value in mapping(event.get("queryStringParameters")).items()}
    if "cookie" in headers:  # several are one, joined by semicolons (RFC 9113, 8.2.3); apig-wsgi takes commas
        headers = headers | {"cookie": ["; ".join(headers["cookie"])]}
    return {
        "multiValueHeaders": headers,
        "multiValueQueryStringParameters": {text(name): texts(values) for name, values in query.items()},
    }


def v2_fields(event: Event, headers: Headers) -> dict[str, Any]:
    return {
        "version": "2.0",
        "rawQueryString": to_latin1(text(event.get("rawQueryString"))),
        "cookies": [*map(to_latin1, texts(event.get("cookies"))), *headers.get("cookie", ())],
        "headers": {name: ",".join(values) for name, values in headers.items() if name != "cookie"},
    }


def body_fields(event: Event) -> dict[str, Any]:
    body, encoded = text(event.get("body")), event.get("isBase64Encoded") is True
    if encoded:
        try:
            base64.b64decode(body)
        except ValueError as problem:
            raise Unreadable("the body is not base64") from problem
    return {"body": body, "isBase64Encoded": encoded}


def headers_of(event: Event) -> Headers:
    """Well-formed headers by lower-case name; the others are left out."""
    found: Headers = {}
    given = mapping(event.get("multiValueHeaders")) or mapping(event.get("headers"))
    for name, values in given.items():
        if HEADER_NAME.fullmatch(name) and name.lower() not in OF_THE_CONNECTION:
            kept = [to_latin1(value) for value in texts(values) if HEADER_VALUE.fullmatch(value)]
            found.setdefault(name.lower(), []).extend(kept)
    return {name: values for name, values in found.items() if values}


def host_named(host: str, named: list[str], context: Event) -> str:
    """The host a request asks for: the portal's, also where it names the gateway's own or none (R19).

    The gateway's own is what a distribution in front of it names; none is a machine's plain call. Any other
    name goes on as it is, and the app refuses it.
    """
    asked, gateway = ",".join(named).lower(), text(context.get("domainName")).lower()
    is_gateways = gateway != "" and asked.partition(":")[0] == gateway
    return host if not named or is_gateways else asked


def method(event: Event, context: Event) -> str:
    named = text(mapping(context.get("http")).get("method") if is_v2(event) else event.get("httpMethod"))
    if not METHOD.fullmatch(named):
        raise Unreadable("no method")
    return named


def source_ip(context: Event, sent: Headers) -> str:
    """Who called, as the gateway saw it; a load balancer appends that to what the caller claimed."""
    if "elb" in context:
        return ",".join(sent.get("x-forwarded-for", [])).rsplit(",", 1)[-1].strip()
    return text(
        mapping(context.get("http")).get("sourceIp") or mapping(context.get("identity")).get("sourceIp")
    )


def path_below(base_path: str, event: Event, context: Event) -> str:
    """The path below the portal's address: without the base path or stage it was reached under (R21, T4).

    At a REST API's own host the stage is in the context's path and not in the event's, so nothing is to be
    taken off; everywhere else the event has the path as the browser has it.
    """
    path = event.get("rawPath") if is_v2(event) else event.get("path")
    if not isinstance(path, str):
        raise Unreadable("no path")
    if text(context.get("path")) in {"", path}:
        for prefix in (base_path, "/" + text(context.get("stage"))):
            if len(prefix) > 1 and (path == prefix or path.startswith(prefix + "/")):
                path = path.removeprefix(prefix)
                break
    return path if path.startswith("/") else "/" + path


def to_latin1(value: str) -> str:
    """Text as WSGI wants it: one character for each byte of its UTF-8 (PEP 3333)."""
    return text(value).encode().decode("latin-1")


def text(value: object) -> str:
    """Text that can be encoded, whatever came: JSON may carry half of a surrogate pair."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def texts(value: object) -> list[str]:
    several = value if isinstance(value, list) else [value]
    return [text(each) for each in several if isinstance(each, str)]


def mapping(value: object) -> Event:
    return value if isinstance(value, Mapping) else {}
