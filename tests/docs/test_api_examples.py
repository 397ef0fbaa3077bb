"""The calls that docs/api.md prints, run as it prints them, in their order."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator

import pytest

from portal.domain.people import access_tokens
from portal.domain.people.access_tokens import PREFIX
from portal.domain.people.person import Person, Role, Scope
from tests.builders import Clock, make_running
from tests.rules.tracked import ROOT
from tests.web.signing import session_of
from tests.web.tokens import Program, make_token

PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
OPTIONS = {"-X", "-H", "-d"}


def list_calls() -> Iterator[str]:
    for block in BLOCK.findall(PAGE):
        yield from (each for each in block.replace("\\\n", "").splitlines() if each.startswith("curl "))


def read_call(line: str) -> tuple[str, str, dict[str, str], str | None]:
    """Method, address, headers and body of what curl is told."""
    words, method, address, headers, body = iter(shlex.split(line)[1:]), "", "", {}, None
    for word in words:
        if word not in OPTIONS:
            address = word
            continue
        said = next(words)
        if word == "-X":
            method = said
        elif word == "-d":
            body = said
        else:
            name, _, value = said.partition(": ")
            headers[name] = value
    return method or "GET", address, headers, body


@pytest.mark.requirement("R66")
def test_the_calls_that_are_printed_work(table_in_memory: None, clock: Clock) -> None:
    portal = make_running(clock)
    roles = frozenset({Role.STAFF, Role.ADMIN})
    person = Person("0" * 26, "sub-ana", "Ana Lopes", "ana@example.org", True, roles)
    session_of(portal, person)
    names = {"PORTAL": "", "TOKEN": make_token(portal, person, *Scope), "PERSON": person.id}
    caller, seen = Program(portal), 0
    for line in list_calls():
        for name, value in names.items():
            line = line.replace(f"${name}", value)
        assert "$" not in line, line
        method, address, headers, body = read_call(line)
        answer = caller.open(method, address, headers=headers, data=body)
        assert answer.status in {200, 201}, f"{line}: {answer.status} {answer.answer.text[:300]}"
        told = json.loads(answer.answer.text)
        if method == "POST" and answer.status == 201 and "/v1/uploads" not in address:
            names |= {"FILE": told["file_id"]} if "file_id" in told else {}
            names |= {"WEBHOOK": told["webhook_id"]} if "webhook_id" in told else {}
            names |= {"SHARE": told["share_id"]} if "share_id" in told and "SHARE" not in names else {}
        seen += 1
    assert seen > 15


def test_a_token_has_the_form_that_scanners_are_told() -> None:
    (pattern,) = re.findall(rf"^{PREFIX}.*$", PAGE, re.MULTILINE)
    assert re.fullmatch(pattern, access_tokens.make_token("0" * 26, "1" * 26).text)
