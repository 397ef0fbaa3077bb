"""The local portal under its second name: translated on the way in and out, and for recipients alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from portal.local.recipient_host import add_recipient_host

OWN, OTHER = "http://127.0.0.1:812", "http://localhost:812"


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """An application that says what it was asked, and redirects where `to` says."""
    asked = Request(environ)
    names = ("Host", "Origin", "Referer", "Cookie")
    answer = Response(" ".join(asked.headers.get(name, "-") for name in names))
    if "to" in asked.args:
        answer.status_code, answer.headers["Location"] = 303, asked.args["to"]
        answer.autocorrect_location_header = False
    return answer(environ, start_response)


@pytest.fixture
def client() -> Client:
    return Client(add_recipient_host(echo, OWN), use_cookies=False)


@pytest.mark.parametrize("path", ["/d/abc", "/static/js/main.js", "/look.css", "/language", "/mails/x"])
def test_the_portal_sees_its_own_name(client: Client, path: str) -> None:
    headers = {"Origin": OTHER, "Referer": f"{OTHER}/d/abc", "Cookie": "a=b"}
    assert client.get(path, base_url=OTHER, headers=headers).text == (f"127.0.0.1:812 {OWN} {OWN}/d/abc a=b")


@pytest.mark.parametrize(
    ("to", "leads_to"),
    [(f"{OWN}/d/abc", f"{OTHER}/d/abc"), ("/d/abc", "/d/abc"), (f"{OWN}0/d/", f"{OWN}0/d/"),
     ("http://127.0.0.1:9000/bucket/key?x", "http://127.0.0.1:9000/bucket/key?x")],
)  # fmt: skip
def test_redirects_stay_with_the_name_that_was_asked(client: Client, to: str, leads_to: str) -> None:
    answer = client.get("/d/abc", base_url=OTHER, query_string={"to": to})
    assert answer.headers["Location"] == leads_to


@pytest.mark.parametrize("path", ["/", "/files", "/local/outbox", "/login", "/v1/uploads", "/data"])
def test_everything_else_is_at_the_portals_own_name(client: Client, path: str) -> None:
    answer = client.get(path, base_url=OTHER, query_string={"a": "b"})
    assert (answer.status_code, answer.headers["Location"]) == (307, f"{OWN}{path}?a=b")


@pytest.mark.parametrize("host", ["127.0.0.1:812", "localhost:9", "localhost", "evil.example:812"])
def test_other_names_are_the_portals_business(client: Client, host: str) -> None:
    """It refuses what it does not know, as in production."""
    assert client.get("/files", base_url=f"http://{host}").text.startswith(host)
