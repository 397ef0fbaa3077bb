"""What the document says of calls that are read by hand is what they take, and all that they tell."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from portal.domain.people.person import Person
from portal.engine.workflow import run
from portal.web.api.document import build_document
from portal.web.api.routes import SHARED_ROUTES
from portal.workflows.contacts.recipient_groups import MAKE_GROUP, SaveGroup
from tests.actions import make_request, put_object, share_files, upload_file
from tests.builders import PUBLIC_URL, Running
from tests.parts import to_base64
from tests.web.tokens import Program, make_token

pytestmark = pytest.mark.requirement("R23", "R25")
DOCUMENT = build_document(PUBLIC_URL)
TYPES = {"string": str, "integer": int, "boolean": bool, "object": dict, "array": list}
SMALL, LARGE = {"name": "a.txt", "size": 12}, {"name": "film.mov", "size": 96 * 1024**2}
HASH = to_base64(b"a part")


def resolve(schema: Any) -> Any:
    name = schema.get("$ref", "").rpartition("/")[2]
    return DOCUMENT["components"]["schemas"][name] if name else schema


def find_operation(method: str, path: str) -> Any:
    """Of an address as it is asked for; those with an id in them come second."""
    wanted = path.partition("?")[0].split("/")
    for known in sorted(DOCUMENT["paths"], key=lambda each: each.count("{")):
        parts = known.split("/")
        fits = len(parts) == len(wanted) and all(
            mine in (theirs, "{file_id}") for mine, theirs in zip(parts, wanted, strict=True)
        )
        if fits and method.lower() in DOCUMENT["paths"][known]:
            return DOCUMENT["paths"][known][method.lower()]
    raise AssertionError(f"{method} {path} is not described")


def check(told: Any, schema: Any, at: str) -> None:
    """That it has this shape, all that is required, and nothing that is not described."""
    schema = resolve(schema)
    kinds = schema.get("type", "object")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if told is None:
        assert "null" in kinds, at
        return
    assert any(type(told) is TYPES[each] for each in kinds if each != "null"), f"{at}: {told!r} is no {kinds}"
    if isinstance(told, list):
        for each in told:
            check(each, schema["items"], f"{at}[]")
    elif isinstance(told, dict) and "properties" in schema:
        known = schema["properties"]
        assert told.keys() <= known.keys(), f"{at} has more than is described: {told.keys() - known.keys()}"
        assert set(schema.get("required", ())) <= told.keys(), f"{at} lacks what is promised"
        for name, each in told.items():
            check(each, known[name], f"{at}.{name}")


class Caller:
    """A program whose answers are looked at."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.asked = set[str]()

    def ask(self, method: str, path: str, status: int = 200, body: Any = None) -> Any:
        operation = find_operation(method, path)
        self.asked.add(operation["operationId"])
        told = self.program.ask(method, path, status, json=body)
        assert str(status) in operation["responses"], f"{method} {path}: {status}"
        content = operation["responses"][str(status)].get("content")
        if content:
            check(told, content["application/json"]["schema"], f"{method} {path}")
        return told


@pytest.fixture
def caller(portal: Running, ana: Person, program: Callable[[str], Program]) -> Caller:
    return Caller(program(make_token(portal, ana, "read", "upload")))


def test_each_answer_is_as_it_is_described(portal: Running, ana: Person, caller: Caller) -> None:
    """Every call, in the states that an upload can be in."""
    small = caller.ask("POST", "/v1/uploads", 201, SMALL)
    large, _ = caller.ask("POST", "/v1/uploads", 201, {"files": [LARGE, SMALL]})["uploads"]
    assert len(caller.ask("GET", "/v1/uploads")["uploads"]) == 3
    caller.ask("GET", small["state_url"])
    asked = {"parts": [{"number": 1, "sha256": HASH}, {"number": 2}]}
    assert len(caller.ask("POST", large["sign"], 200, asked)["parts"]) == 2
    caller.ask("GET", large["state_url"])
    caller.ask("POST", f"{small['state_url']}/form", 200, {})
    caller.ask("POST", small["complete"], 202, {})
    file = portal.portal.services.files.find(small["file_id"])
    assert file is not None
    put_object(portal, file, b"twelve bytes")
    several = {"files": [small["file_id"], large["file_id"], "0" * 26]}
    states = [each["state"] for each in caller.ask("POST", "/v1/uploads/complete", 200, several)["files"]]
    assert states == ["ready", "pending", "unknown"]
    caller.ask("POST", small["complete"], 200, {})
    caller.ask("DELETE", large["cancel"], 204)
    caller.ask("GET", "/v1/usage")
    share_files(portal, ana, [upload_file(portal, ana)], recipients_text="eve@partner.example")
    group = SaveGroup(make_request(ana, portal), name="Everyone", recipients_text="eve@partner.example")
    run(MAKE_GROUP, group, portal.portal.services)
    assert len(caller.ask("GET", "/v1/recipients?q=eve")["suggestions"]) == 2
    assert caller.asked == {each.endpoint for each in SHARED_ROUTES}


BODIES: dict[str, Any] = {
    "/v1/uploads": {"files": [{**SMALL, "folder": "Plans", "sha256": "0" * 64}]},
    "{large}/parts": {"parts": [{"number": 1, "sha256": HASH}]},
    "{small}/complete": {"sha256": "0" * 64},
    "/v1/uploads/complete": {"files": ["0" * 26]},
}  # fmt: skip


def iterate_fields(schema: Any, body: Any) -> Iterator[tuple[list[Any], Any, bool]]:
    """The way to each field of a body, its own description, and whether it must be there."""
    schema = resolve(schema)
    if isinstance(body, list):
        yield from (
            ([0, *way], each, needed) for way, each, needed in iterate_fields(schema["items"], body[0])
        )
    elif isinstance(body, dict):
        for name, inner in body.items():
            described = resolve(schema["properties"][name])
            yield [name], described, name in schema.get("required", ())
            yield from (([name, *way], *more) for way, *more in iterate_fields(described, inner))


@pytest.mark.parametrize("path", BODIES)
def test_each_body_is_read_as_it_is_described(caller: Caller, path: str) -> None:
    """What is required is asked for, what is not may be left out, and another kind of value is refused."""
    small, large = (caller.ask("POST", "/v1/uploads", 201, each) for each in (SMALL, LARGE))
    at, body = path.format(small=small["state_url"], large=large["state_url"]), BODIES[path]
    schema = find_operation("POST", at)["requestBody"]["content"]["application/json"]["schema"]
    fields = list(iterate_fields(schema, body))
    assert fields
    for way, described, is_needed in fields:
        for kind, value in (("left out", None), ("another kind", {"x": 1})):
            asked = copy.deepcopy(body)
            inner = asked
            for step in way[:-1]:
                inner = inner[step]
            if kind == "left out":
                del inner[way[-1]]
            else:
                inner[way[-1]] = value
            status = caller.program.open("POST", at, json=asked).status
            is_refused = is_needed or kind == "another kind"
            if way == ["files"] and kind == "left out" and path == "/v1/uploads":
                is_refused = True  # then one file has to be described instead
            assert (status == 400) == is_refused, f"{way} {kind}: {status} ({described})"
