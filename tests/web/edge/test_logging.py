"""Logs: one line of JSON per request, without what must stay secret."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from portal.engine.metrics import Metric, emit
from portal.web.edge.logging import Invocation, JsonLines, configure
from tests.actions import list_records
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.signed_in import sign_in

pytestmark = pytest.mark.requirement("R43", "R65")


class Kept(logging.Handler):
    """Keeps what the real formatter makes of each record."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def keep_log() -> Iterator[list[str]]:
    handler, logger = Kept(), logging.getLogger("portal")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield handler.lines
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def read_log(browser: Browser, *paths: str) -> list[str]:
    with keep_log() as lines:
        for path in paths:
            browser.ask("GET", path, headers={"User-Agent": "\x1b[31mred", "X-Forwarded-For": "203.0.113.9"})
    return lines


@pytest.mark.requirement("R20")
def test_each_request_is_one_line(browser: Browser) -> None:
    """With the address the server saw, not one that a header names."""
    browser.sign_in()
    found = [json.loads(line) for line in read_log(browser, "/probe", "/no/such/page")]
    assert [line["status"] for line in found] == [200, 404]
    person = str(browser.cookie("session"))[:26]
    assert found[0]["person"] == person
    assert found[0]["source_ip"] == "127.0.0.1"
    assert len({line["correlation_id"] for line in found}) == 2


def test_tokens_and_cookies_are_not_in_it(browser: Browser) -> None:
    """Neither a link's token, nor a query, nor a cookie, nor what a client calls itself."""
    browser.sign_in()
    secret = str(browser.cookie("session")).partition(".")[2]
    text = "".join(
        read_log(browser, f"/d/{'t' * 95}", f"/r/{'t' * 95}?a=b", "/probe?search=secret-word", "/probe/fails")
    )
    assert "ttt" not in text
    assert "/d/*" in text
    assert "secret-word" not in text
    assert secret not in text
    assert "arn:" not in text, "an exception's own words are not logged, only its kind and place"


@pytest.mark.requirement("R24")
def test_nothing_forges_a_line(browser: Browser) -> None:
    """Line breaks and colours in a path stay inside one line of ASCII."""
    found = read_log(browser, "/a%0a%7b%22level%22:%22INFO%22%7d%1b%5b31m%e2%80%ae")
    assert len(found) == 1
    assert found[0].isascii()
    assert found[0].isprintable()


def lines_of(invocation: Invocation, level: int = logging.INFO, **details: object) -> dict[str, object]:
    """What the formatter makes of one record written during this invocation."""
    formatter = JsonLines("file-portal-production", invocation)
    record = logging.LogRecord("portal.events", level, __file__, 7, "done", (), None, "handle")
    vars(record).update(details)
    return dict(json.loads(formatter.format(record)))


def test_the_fields_have_the_names_of_powertools() -> None:
    """As its documentation lists them ("Standard structured keys"); the first call is the cold one."""
    invocation = Invocation()
    arn = "arn:aws:lambda:eu-central-1:123456789012:function:file-portal-production"
    context = SimpleNamespace(
        function_name="file-portal-production", memory_limit_in_mb=1024, invoked_function_arn=arn,
        aws_request_id="8f0e1d2c",
    )  # fmt: skip
    invocation.begin(context, "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=0")
    line = lines_of(invocation)
    assert str(line.pop("timestamp")).endswith("+00:00")
    assert line == {
        "level": "INFO", "location": "handle:7", "message": "done", "service": "file-portal-production",
        "logger": "portal.events", "cold_start": True, "function_name": "file-portal-production",
        "function_memory_size": 1024, "function_arn": arn, "function_request_id": "8f0e1d2c",
        "xray_trace_id": "1-5759e988-bd862e3fe1be46a994272793",
    }  # fmt: skip
    invocation.begin(SimpleNamespace(aws_request_id="second"))
    later = lines_of(invocation)
    assert (later["cold_start"], later["function_request_id"]) == (False, "second")
    assert "xray_trace_id" not in later


@pytest.mark.parametrize("level", ["ERROR", "WARNING", "INFO", "DEBUG"])
def test_figures_are_told_however_little_is_logged(level: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An alarm does not depend on PORTAL_LOG_LEVEL; other lines do."""
    names = ("", "portal", "portal.metrics", "portal.request")
    before = [(logging.getLogger(name), logging.getLogger(name).level) for name in names]
    handlers = logging.getLogger().handlers[:]
    try:
        configure(level, "file-portal-test")
        emit({Metric.RATES_UNKNOWN: 1})
        logging.getLogger("portal.request").info("request")
        logging.getLogger("portal.engine").info("detail")
    finally:
        logging.getLogger().handlers[:] = handlers
        for logger, kept in before:
            logger.setLevel(kept)
    lines = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
    detail = ["detail"] if level in {"INFO", "DEBUG"} else []
    assert [line["message"] for line in lines] == ["metric", "request", *detail]
    assert (lines[0]["RatesUnknown"], lines[0]["service"]) == (1, "file-portal-test")


def test_outside_lambda_no_call_is_named() -> None:
    assert not {name for name in lines_of(Invocation()) if name.startswith(("function_", "cold_", "xray_"))}


def test_an_exception_is_its_kind_and_its_places(browser: Browser) -> None:
    """Its own words may hold an address or what someone typed."""
    browser.sign_in()
    failed = [line for line in map(json.loads, read_log(browser, "/probe/fails")) if "exception_name" in line]
    assert failed
    for line in failed:
        assert line["stack_trace"]["type"] == line["exception_name"]
        assert {"file", "line", "function"} == set(line["stack_trace"]["frames"][-1])


@pytest.mark.requirement("R25")
@pytest.mark.parametrize("path", ["/probe", "/probe/fails", "/no/such/page", "/v1/no/such/route", "/healthz"])
def test_one_id_leads_from_the_answer_to_all_its_lines(browser: Browser, path: str) -> None:
    """Also what a failing page says to its reader, as a page or as JSON; no two answers have the same."""
    browser.sign_in()
    with keep_log() as lines:
        first, second = browser.ask("GET", path), browser.ask("GET", path)
    ids = [each.headers["X-Request-Id"] for each in (first, second)]
    assert len(set(ids)) == 2
    assert {json.loads(line)["correlation_id"] for line in lines} == set(ids)
    if first.status >= 500 or path.startswith("/v1/"):
        assert ids[0] in first.answer.text


@pytest.mark.requirement("R65")
def test_the_audit_log_has_the_id_too(browser: Browser, portal: Running) -> None:
    """So that a record leads to the lines of its request, and an error page to what was recorded."""
    sign_in(browser)
    secret = {"X-CSRFToken": browser.get("/probe").fields("/probe")["csrf_token"]}
    answer = browser.ask("POST", "/v1/uploads", 201, json={"name": "a.txt", "size": 5}, headers=secret)
    (record,) = list_records(portal, "file.upload_reserved")
    assert record["request_id"]["S"] == answer.headers["X-Request-Id"]
