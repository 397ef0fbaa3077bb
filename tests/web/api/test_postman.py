"""The collection for Postman has each call of the document, as it would be made."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from portal.domain.people.person import Person
from portal.web.api.document import build_document
from portal.web.api.postman import build_collection
from tests.builders import PUBLIC_URL, Running
from tests.web.api.test_shared_calls import check
from tests.web.browser import Browser
from tests.web.tokens import Program, make_token


def list_requests() -> list[dict[str, Any]]:
    return [each["request"] for folder in build_collection(PUBLIC_URL)["item"] for each in folder["item"]]


def name_path(request: Any) -> str:
    return "/" + "/".join(f"{{{each[1:]}}}" if each[0] == ":" else each for each in request["url"]["path"])


def test_each_call_is_there_once() -> None:
    document = build_document(PUBLIC_URL)["paths"]
    described = [(method.upper(), path) for path, methods in document.items() for method in methods]
    assert sorted((each["method"], name_path(each)) for each in list_requests()) == sorted(described)


def test_what_it_would_send_has_the_shape_that_is_described() -> None:
    bodies = 0
    for request in list_requests():
        operation = build_document(PUBLIC_URL)["paths"][name_path(request)][request["method"].lower()]
        assert ("body" in request) == ("requestBody" in operation)
        named = {each["key"] for each in [*request["url"]["query"], *request["header"]]}
        assert named == {each["name"] for each in operation["parameters"] if each["in"] != "path"}
        assert all(each["disabled"] for each in [*request["url"]["query"], *request["header"]])
        if "body" in request:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            check(json.loads(request["body"]["raw"]), schema, request["url"]["raw"])
            bodies += 1
    assert bodies > 10


@pytest.mark.requirement("R25")
def test_sent_as_it_stands_each_reading_call_is_answered(
    portal: Running, ana: Person, program: Callable[[str], Program]
) -> None:
    """With the token filled in, and nothing else: what names nothing is not there, and nothing fails."""
    caller = program(make_token(portal, ana, "read"))
    for request in list_requests():
        if request["method"] == "GET":
            path = request["url"]["raw"].replace("{{portal}}", "").replace(":", "0")
            answer = caller.open("GET", path)
            assert answer.status in {200, 400, 403, 404}, f"{path}: {answer.status}"


def test_programs_and_people_get_it(
    portal: Running, browser: Browser, ana: Person, program: Callable[[str], Program]
) -> None:
    told = program(make_token(portal, ana, "read")).get("/v1/postman.json")
    assert told["info"]["schema"].endswith("/v2.1.0/collection.json")
    assert {"key": "portal", "value": PUBLIC_URL} in told["variable"]
    assert browser.get("/docs/api").links["For Postman"] == "/v1/postman.json"
