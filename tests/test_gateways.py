"""Requests through gateways of every shape: what reaches an app, and what goes back."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, Response, request, url_for
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import lambda_entry
from portal.config.settings import Config
from tests.builders import make_environment
from tests.recorded_events import Event, load_event

pytestmark = pytest.mark.requirement("R19", "R20", "R21", "R22", "T2", "T3", "T4", "T5")

CONFIG = Config.from_env(make_environment())
UNDER_PROD = replace(CONFIG, public_url="https://files.example.org/prod")
REQUESTS = ["rest_api_v1", "http_api_v2", "function_url", "load_balancer"]
# A picture's first bytes: no UTF-8, so an answer that is not base64 cannot carry them.
PICTURE = b"\x89PNG\r\n\x1a\n\x00\xff\xfe"


def mirror() -> Flask:
    """An app that says what reached it."""
    app = Flask("mirror")

    @app.route("/", defaults={"rest": ""}, methods=["GET", "POST"])
    @app.route("/<path:rest>", methods=["GET", "POST"])
    def seen(rest: str) -> dict[str, Any]:
        names = ("scheme", "host", "remote_addr", "path", "root_path")
        return {name: getattr(request, name) for name in names} | {
            "query": request.args.to_dict(flat=False),
            "cookies": request.cookies,
            "headers": {name.lower(): value for name, value in request.headers.items()},
            "body": request.get_data().decode("latin-1"),
            "link": url_for("seen", rest="there"),
            "request_id": request.environ["portal.request_id"],
        }

    @app.get("/picture")
    def picture() -> Response:
        response = Response(PICTURE, mimetype="image/png")
        for number in range(3):
            response.set_cookie(f"cookie{number}", str(number))
        return response

    @app.get("/large")
    def large() -> Response:
        return Response("ö" * int(request.args["characters"]), mimetype="text/plain")

    return app


def ask(event: Any, config: Config = CONFIG, app: Any = None) -> dict[str, Any]:
    handler = lambda_entry.make_handler(app or mirror(), SimpleNamespace(config=config, services=None))
    answer = handler(event, None)
    json.dumps(answer)  # what Lambda does with it
    return answer


def ask_probe(event: Any, config: Config = CONFIG) -> dict[str, Any]:
    answer = ask(event, config)
    assert answer["statusCode"] == 200, answer
    return dict(json.loads(answer["body"]))


def add_headers(event: Event, *headers: tuple[str, str]) -> Event:
    event["headers"] |= dict(headers)
    if "multiValueHeaders" in event:
        event["multiValueHeaders"] |= {name: [value] for name, value in headers}
    return event


@pytest.mark.parametrize("name", REQUESTS)
def test_every_shape_arrives_the_same(name: str) -> None:
    """Path, query, cookies, scheme and caller, whichever gateway it came through."""
    seen = ask_probe(load_event(name))
    assert (seen["path"], seen["scheme"], seen["host"]) == ("/files/x", "https", "files.example.org")
    assert seen["query"]["space"] == ["a b"]
    assert seen["query"]["q"][-1] == "zwei"
    assert seen["cookies"] == {"a": "1", "b": "2"}
    assert seen["remote_addr"] == "198.51.100.2"


@pytest.mark.parametrize("name", ["rest_api_v1", "http_api_v2"])
@pytest.mark.parametrize(("config", "root"), [(CONFIG, ""), (UNDER_PROD, "/prod")])
def test_a_stage_is_neither_lost_nor_doubled(name: str, config: Config, root: str) -> None:
    """Links begin with the public address's path, whatever the gateway calls its stage."""
    seen = ask_probe(load_event(name), config)
    assert (seen["path"], seen["root_path"], seen["link"]) == ("/files/x", root, f"{root}/there")


def test_a_page_named_like_the_stage_stays_reachable() -> None:
    """/prod/prod is the page /prod under the stage /prod."""
    v1, v2 = load_event("rest_api_v1", path="/prod"), load_event("http_api_v2", rawPath="/prod/prod")
    v1["requestContext"]["path"] = "/prod/prod"
    assert [ask_probe(each, UNDER_PROD)["path"] for each in (v1, v2)] == ["/prod", "/prod"]


@pytest.mark.parametrize("path", ["/portal/files/x", "/portal", "/portal/"])
def test_a_custom_domain_with_a_base_path(path: str) -> None:
    """REST APIs leave the base path of a custom domain in the path."""
    event = load_event("rest_api_v1", path=path)
    event["requestContext"] |= {"path": path, "domainName": "files.example.org"}
    seen = ask_probe(event, replace(CONFIG, public_url="https://files.example.org/portal"))
    assert "/portal" + seen["path"] in {path, path + "/"}
    assert seen["link"] == "/portal/there"


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize(
    "header",
    ["X_Forwarded_For", "X_Forwarded_Proto", "X-Forwarded-Proto", "X-Real-IP", "X-Amzn-Oidc-Identity",
     "X-Portal-User", "Forwarded", "X-Forwarded-Host", "X-Original-URL", "X_Forwarded_Host"],
)  # fmt: skip
def test_no_header_says_who_calls_or_where(name: str, header: str) -> None:
    """What a client claims changes neither scheme, host, address nor path."""
    plain, claimed = (
        ask_probe(load_event(name)),
        ask_probe(add_headers(load_event(name), (header, "http://192.0.2.66"))),
    )
    assert claimed == plain


def test_a_balancers_caller_is_what_it_appended() -> None:
    """The last element is the balancer's own; the others are the caller's invention."""
    event = add_headers(load_event("load_balancer"), ("x-forwarded-for", "127.0.0.1, 10.0.0.1, 198.51.100.9"))
    assert ask_probe(event)["remote_addr"] == "198.51.100.9"


@pytest.mark.parametrize("name", REQUESTS)
def test_another_host_goes_on_for_the_app_to_refuse(name: str) -> None:
    """A name that is neither ours nor the gateway's is never taken for ours."""
    event = load_event(name)
    for headers in (event["headers"], event.get("multiValueHeaders", {})):
        for key in {"Host", "host"} & set(headers):
            headers[key] = ["evil.example"] if isinstance(headers[key], list) else "evil.example"
    assert ask_probe(event)["host"] == "evil.example"


@pytest.mark.parametrize("name", REQUESTS)
def test_null_headers_and_query(name: str) -> None:
    """The console's own test button sends them."""
    changes = dict.fromkeys(("headers", "multiValueHeaders", "queryStringParameters"), None)
    event = load_event(name) | {key: None for key in changes if key in load_event(name)}
    assert ask_probe(event)["host"] == "files.example.org"


@pytest.mark.parametrize("name", REQUESTS)
def test_pictures_and_several_cookies_arrive_whole(name: str) -> None:
    """Bytes stay bytes, and no cookie overwrites another."""
    event = load_event(name)
    event["rawPath" if "rawPath" in event else "path"] = "/picture"
    answer = ask(event)
    assert answer["isBase64Encoded"] is True
    assert base64.b64decode(answer["body"]) == PICTURE
    headers = answer.get("multiValueHeaders") or {key: [value] for key, value in answer["headers"].items()}
    cookies = answer.get("cookies") or [
        value for key, values in headers.items() if key.lower() == "set-cookie" for value in values
    ]
    assert sorted(each.split(";")[0] for each in cookies) == ["cookie0=0", "cookie1=1", "cookie2=2"]


def test_a_balancer_gets_the_headers_it_reads() -> None:
    """A load balancer reads `multiValueHeaders` only where it was told to send them."""
    single = load_event("load_balancer")
    several = load_event("load_balancer", headers=None) | {
        "multiValueHeaders": {name: [value] for name, value in single["headers"].items()}
    }
    assert [("headers" in ask(each), "multiValueHeaders" in ask(each)) for each in (single, several)] == [
        (True, False),
        (False, True),
    ]
    assert ask_probe(several)["cookies"] == {"a": "1", "b": "2"}


def test_a_rest_event_without_multi_value_headers_keeps_its_cookies() -> None:
    """REST APIs read multiValueHeaders of an answer even where the event had none."""
    event = load_event(
        "rest_api_v1", path="/picture", multiValueHeaders=None, multiValueQueryStringParameters=None
    )
    assert len(ask(event)["multiValueHeaders"]["Set-Cookie"]) == 3


@pytest.mark.parametrize("name", REQUESTS)
def test_bodies_in_base64(name: str) -> None:
    """A form's bytes come as they were sent; what is no base64 is refused."""
    method = {"httpMethod": "POST"} if "httpMethod" in load_event(name) else {}
    event = load_event(name, body=base64.b64encode(PICTURE).decode(), isBase64Encoded=True, **method)
    assert ask_probe(event)["body"] == PICTURE.decode("latin-1")
    assert ask(event | {"body": "a"})["statusCode"] == 400


def test_a_chunked_body_is_not_lost() -> None:
    """The gateway has put the chunks together, so the header must not reach Werkzeug."""
    event = add_headers(
        load_event("rest_api_v1", httpMethod="POST", body="a=1"), ("Transfer-Encoding", "chunked")
    )
    assert ask_probe(event)["body"] == "a=1"


def test_several_cookie_headers_are_one() -> None:
    """HTTP/2 lets a browser send each cookie by itself."""
    event = load_event("rest_api_v1")
    event["multiValueHeaders"]["Cookie"] = ["a=1", "b=2"]
    assert ask_probe(event)["cookies"] == {"a": "1", "b": "2"}


@pytest.mark.requirement("R24")
@pytest.mark.parametrize("name", REQUESTS)
def test_headers_with_line_ends_or_names_of_none_are_left_out(name: str) -> None:
    """Nothing a caller sends can begin another header, or another line of a log."""
    event = add_headers(load_event(name), ("x-a", "1\r\nx-b: 2"), ("x-c\r\nx-d", "3"), ("x-e", "\x00"))
    assert ask_probe(event)["headers"] == ask_probe(load_event(name))["headers"]


@pytest.mark.parametrize("name", REQUESTS)
def test_half_a_character_is_answered(name: str) -> None:
    """JSON may carry half of a surrogate pair, which no encoding can write."""
    half = {"x": "\ud800", "\ud800": "x"}
    event = add_headers(load_event(name, body="\ud800"), ("x-a", "\ud800"))
    event |= {"rawPath": "/\ud800", "path": "/\ud800", "rawQueryString": "\ud800", "cookies": ["\ud800"]}
    event |= {"queryStringParameters": half, "multiValueQueryStringParameters": None}
    assert ask_probe(event)["path"].startswith("/")


@pytest.mark.requirement("R65")
def test_the_gateways_id_is_the_requests() -> None:
    """One id from the gateway's log to ours."""
    assert ask_probe(load_event("http_api_v2"))["request_id"] == "JKJaXmPLvHcESHA="


@pytest.mark.parametrize(("characters", "status"), [(100, 200), (900_000, 200), (2_000_000, 500)])
def test_no_answer_is_larger_than_lambda_takes(characters: int, status: int) -> None:
    """Measured as the JSON that Lambda makes of it, six bytes for an umlaut."""
    answer = ask(load_event("http_api_v2", rawPath="/large", rawQueryString=f"characters={characters}"))
    assert answer["statusCode"] == status
    assert len(json.dumps(answer)) < 5_600_000


@pytest.mark.requirement("R25")
@pytest.mark.parametrize("name", REQUESTS)
def test_an_app_that_fails_is_no_bad_gateway(name: str) -> None:
    """The handler never raises for a request, and tells nothing."""

    def broken(environ: Any, start_response: Any) -> Any:
        raise RuntimeError("table portal-prod")

    answer = ask(load_event(name), app=broken)
    assert answer["statusCode"] == 500
    assert "portal-prod" not in json.dumps(answer)
    headers = answer.get("headers") or answer["multiValueHeaders"]
    assert "no-store" in headers["Cache-Control"]
    given = load_event(name)["requestContext"].get("requestId")  # a load balancer gives none
    assert headers.get("X-Request-Id") in (given, given and [given])
    assert ("X-Request-Id" in headers) is bool(given)


TEXT = st.text(st.characters(codec=None), max_size=30)
ODD = st.none() | st.booleans() | st.integers() | TEXT | st.lists(TEXT, max_size=3)
ODD_MAP = st.dictionaries(TEXT, ODD, max_size=4)
PATHS = TEXT | st.sampled_from(["/%2F", "/%00", "/%ff%fe", "//evil.example", "/..%2f", "/" + "x" * 8192, ""])


@pytest.mark.parametrize("name", REQUESTS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=PATHS, headers=ODD_MAP | ODD, query=ODD_MAP | ODD, raw_query=TEXT, cookies=ODD, body=ODD, encoded=ODD
)
def test_no_event_is_too_odd_for_an_answer(name: str, path: str, **odd: Any) -> None:
    """Whatever headers, paths and bodies come, an answer that Lambda can send goes back."""
    event = load_event(name) | {
        "rawPath": path, "path": path, "headers": odd["headers"], "multiValueHeaders": odd["headers"],
        "queryStringParameters": odd["query"], "multiValueQueryStringParameters": odd["query"],
        "rawQueryString": odd["raw_query"], "cookies": odd["cookies"], "body": odd["body"],
        "isBase64Encoded": odd["encoded"],
    }  # fmt: skip
    assert 200 <= ask(event)["statusCode"] < 500
