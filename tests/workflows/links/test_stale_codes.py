"""Each part of the conditions on codes refuses, by itself, what was overtaken since."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal.domain.links.codes import Code
from portal.domain.shares.share import Recipient
from tests.builders import Running
from tests.overtaken import Cases, Write, make_share, record, services

CASES = Cases()


def issue_code(portal: Running, recipient: Recipient, before: Code | None = None, mark: str = "mark") -> Code:
    code = a_code(portal, 1 + (before.number if before else 0), mark)
    assert services(portal).codes.issue(recipient, code, before, record(portal, recipient.share_id))
    return code


def a_code(portal: Running, number: int = 1, mark: str = "mark", request: str = "request") -> Code:
    return Code(
        request, mark, portal.clock() + timedelta(minutes=10), sent_at=(portal.clock(),), number=number
    )


@CASES.expect(False)
def code_sent_where_the_first_was_sent_since(portal: Running) -> Write:
    _, recipient = make_share(portal)
    issue_code(portal, recipient)
    new = a_code(portal)
    return lambda: services(portal).codes.issue(recipient, new, None, record(portal, recipient.share_id))


@CASES.expect(False)
def code_sent_where_the_next_was_sent_since(portal: Running) -> Write:
    _, recipient = make_share(portal)
    first = issue_code(portal, recipient)
    issue_code(portal, recipient, first)
    new = a_code(portal, 2)
    return lambda: services(portal).codes.issue(recipient, new, first, record(portal, recipient.share_id))


# A code in whose place another is: of another request, or of the same one with other digits.
def replace_code(portal: Running, **other: str) -> tuple[Recipient, Code]:
    _, recipient = make_share(portal)
    first = issue_code(portal, recipient)
    second = replace(first, number=2, **other)
    assert services(portal).codes.issue(recipient, second, first, record(portal, recipient.share_id))
    return recipient, first


def register_of_code(what: str, answer: Any, **other: str) -> None:
    """Register that a code is not used, tried or taken back in the place of one that differs in this."""

    def case(portal: Running) -> Write:
        recipient, code = replace_code(portal, **other)
        codes, about = services(portal).codes, record(portal, recipient.share_id)
        return {
            "used": lambda: codes.use(recipient, code, about),
            "tried": lambda: codes.claim_try(recipient, code, portal.clock()),
            "taken back": lambda: codes.take_back(recipient, code),
        }[what]

    CASES[f"code {what}, another {next(iter(other))}"] = case, answer


for _what, _answer in {"used": False, "tried": False, "taken back": None}.items():
    register_of_code(_what, _answer, id="another")
    register_of_code(_what, _answer, mark="another")


@CASES.expect(False)
def code_tried_as_it_ends(portal: Running) -> Write:
    _, recipient = make_share(portal)
    code = issue_code(portal, recipient)
    portal.clock.now = code.expires_at
    return lambda: services(portal).codes.claim_try(recipient, code, portal.clock())


@pytest.mark.parametrize("name", CASES)
def test_what_was_overtaken_is_not_written(portal: Running, name: str) -> None:
    CASES.check(name, portal)
