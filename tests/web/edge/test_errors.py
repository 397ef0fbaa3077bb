"""Refusals and failures, to people and to programs, and how much a request may bring."""

from __future__ import annotations

import json
from functools import partial

import pytest

from tests.cpu_time import measure_least
from tests.web.browser import Browser

pytestmark = pytest.mark.requirement("R23", "R25")


@pytest.fixture
def signed_in(browser: Browser) -> Browser:
    browser.sign_in()
    browser.get("/probe")
    return browser


def post_body(browser: Browser, body: str | bytes, **headers: str) -> tuple[int, str]:
    """What the JSON route answers to a body, in under a second of work, however busy the machine is."""
    assert browser.page is not None
    secret = {"X-CSRFToken": browser.page.fields("/probe")["csrf_token"], "Content-Type": "application/json"}
    ask = partial(browser.ask, "POST", "/v1/probe", data=body, headers=secret | headers)
    answer = ask()
    assert measure_least(ask) < 1
    return answer.status, answer.answer.text


def test_a_failure_tells_nothing_but_its_number(signed_in: Browser, caplog: pytest.LogCaptureFixture) -> None:
    """No trace, no name of ours; the log has the place under the same number."""
    page = signed_in.get("/probe/fails", 500)
    assert "arn:" not in page.answer.text
    assert "Traceback" not in page.answer.text
    number = page.document.one("code").text
    assert len(number) == 32
    assert any(record.message == "unhandled failure" for record in caplog.records)


@pytest.mark.requirement("R59")
def test_a_service_that_is_away_says_when_to_try_again(signed_in: Browser) -> None:
    page = signed_in.get("/probe/is-unavailable", 503)
    assert page.headers["Retry-After"] == "10"
    assert "Nothing was lost" in page.text


@pytest.mark.parametrize(
    ("path", "status"), [("/probe/is-forbidden", 403), ("/no/such/page", 404), ("/logout", 405)]
)
def test_refusals_are_pages(signed_in: Browser, path: str, status: int) -> None:
    assert signed_in.get(path, status).heading


def test_an_error_page_that_fails_is_still_an_answer(
    signed_in: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The handler itself never throws."""
    monkeypatch.setattr("portal.web.errors.translate_refusal", lambda refusal: 1 / 0)
    page = signed_in.ask("GET", "/no/such/page", 404)
    assert page.heading == "Something went wrong"


def test_programs_get_problem_json(signed_in: Browser) -> None:
    """RFC 9457, with each field that is wrong."""
    answer = signed_in.ask("POST", "/v1/probe", 400, json={})
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.answer.json["reason"] == "stale_form"
    status, text = post_body(signed_in, '"several"')
    assert (status, [each["field"] for each in json.loads(text)["errors"]]) == (400, ["name", "size"])
    assert (
        signed_in.ask("GET", "/v1/no-such-thing", 404).headers["Content-Type"] == "application/problem+json"
    )


BODIES = {
    "nested deeply": "[" * 100_000 + "]" * 100_000,
    "nested a thousand deep": '{"a":' * 10_000 + "1" + "}" * 10_000,
    "a number of a hundred thousand digits": "1" * 100_000,
    "a name twice": '{"a": 1, "a": 2}',
    "not a number": "[NaN]",
    "infinity": "[-Infinity]",
    "not JSON": "{",
    "nothing": "",
    "not text": b"\xff\xfe",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_odd_json_is_refused_quickly(signed_in: Browser, body: str | bytes) -> None:
    assert post_body(signed_in, body)[0] in {400, 413}


def test_plain_json_is_read(signed_in: Browser) -> None:
    status, text = post_body(signed_in, '{"name": "Jos\\u00e9", "sizes": [1, 2.5, null, true]}')
    assert status == 200
    assert json.loads(text)[0] == {"name": "José", "sizes": [1, 2.5, None, True]}


def test_compressed_and_large_bodies_are_refused(signed_in: Browser) -> None:
    assert post_body(signed_in, b"\x1f\x8b", **{"Content-Encoding": "gzip"})[0] == 415
    assert post_body(signed_in, "[" + "1," * 200_000 + "1]")[0] == 413
    assert post_body(signed_in, "{}", **{"Content-Type": "text/plain"})[0] == 415
    fields = signed_in.page.fields("/probe") if signed_in.page else {}
    signed_in.ask("POST", "/probe", 413, data=fields | {"said": "a" * 300_000})
    many = {f"field-{number}": f"{number}" for number in range(800)}
    signed_in.ask("POST", "/probe", 413, data=fields | many, content_type="multipart/form-data")
