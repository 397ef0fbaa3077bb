"""Each thing that a press of Download needs, missing alone: it is refused for that, and spends nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from portal.domain.errors import Refusal
from portal.domain.files.file import File
from portal.engine.workflow import Request, run
from portal.workflows.links.download import DOWNLOAD, PREVIEW, Download
from portal.workflows.shares.sharing import ShareFiles
from tests.actions import (
    VISITOR,
    download_file,
    link_token,
    make_id,
    make_person,
    read_state,
    share_files,
    upload_file,
    withdraw_share,
)
from tests.builders import Running

pytestmark = pytest.mark.requirement("R41", "R42", "R47", "R48", "R50")

ANA = make_person("Ana Lopes")
Change = Callable[[Running, ShareFiles, File], dict[str, Any]]


def alter(token: str, place: int) -> str:
    """The same with another character there."""
    other = "0" if token[place] != "0" else "1"
    return token[:place] + other + token[place:][1:]


def withdraw(portal: Running, made: ShareFiles, recipient_id: str = "") -> dict[str, Any]:
    withdraw_share(portal, ANA, made.about, recipient_id)
    return {}


def wait(portal: Running, **time: int) -> dict[str, Any]:
    portal.clock.turn(**time)
    return {}


def share_another(portal: Running) -> str:
    """The id of a file that the share does not hold."""
    return upload_file(portal, ANA, "other.pdf").id


def mix_tokens(portal: Running, made: ShareFiles) -> str:
    """Of one recipient's link, with the signature of another's."""
    one, other = link_token(portal, made, 0), link_token(portal, made, 1)
    return one[:52] + other[52:]


def press_first(portal: Running, made: ShareFiles, file: File, how: str = "") -> str:
    attempt_id = make_id(portal)
    download_file(portal, link_token(portal, made), file, attempt_id, how)
    return attempt_id


def use_up(portal: Running, made: ShareFiles, file: File) -> dict[str, Any]:
    press_first(portal, made, file)
    return {}


# What each share is made with, what then happens or is brought instead, and what it is refused for.
CASES: dict[str, tuple[dict[str, Any], Change, str]] = {
    "no button": ({}, lambda *_: {"attempt_id": "x"}, "attempt"),
    "no file": ({}, lambda *_: {"file_id": "x"}, "not_found"),
    "a file of another share": ({}, lambda portal, *_: {"file_id": share_another(portal)}, "not_found"),
    "no token": ({}, lambda *_: {"token": ""}, "not_found"),
    "another share": ({}, lambda p, made, _: {"token": alter(link_token(p, made), 0)}, "not_found"),
    "another recipient": ({}, lambda p, made, _: {"token": alter(link_token(p, made), 26)}, "not_found"),
    "another signature": ({}, lambda p, made, _: {"token": alter(link_token(p, made), -1)}, "not_found"),
    "another's signature": ({}, lambda p, made, _: {"token": mix_tokens(p, made)}, "not_found"),
    "a withdrawn share": ({}, lambda p, made, _: withdraw(p, made), "withdrawn"),
    "a withdrawn link": ({}, lambda p, made, _: withdraw(p, made, made.recipients[0].id), "withdrawn"),
    "an end": ({}, lambda portal, *_: wait(portal, days=90), "expired"),
    "no code": ({"confirm": True}, lambda *_: {}, "unconfirmed"),
    "no password": ({"password": "green apples"}, lambda *_: {}, "unconfirmed"),
    "no press to go on with": ({}, lambda *_: {"renews": True}, "not_pressed"),
    "the press of a preview": (
        {}, lambda p, made, file: {"renews": True, "attempt_id": press_first(p, made, file, PREVIEW)},
        "not_pressed",
    ),
    "no previews": ({"preview": False}, lambda *_: {"how": PREVIEW}, "not_shown"),
    "nothing left": ({"download_limit": 1}, use_up, "spent"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_missing_is_what_it_is_refused_for(portal: Running, case: str) -> None:
    rules, change, reason = CASES[case]
    file = upload_file(portal, ANA, "report.pdf")
    made = share_files(portal, ANA, [file], recipients_text="a@x.example, b@x.example", **rules)
    brought = {"token": link_token(portal, made), "file_id": file.id, "attempt_id": make_id(portal)}
    brought |= change(portal, made, file)
    before = read_state(portal)
    with pytest.raises(Refusal) as refused:
        run(DOWNLOAD, Download(Request(portal.clock(), VISITOR), **brought), portal.portal.services)
    assert refused.value.reason == reason
    assert read_state(portal) == before


def test_a_file_of_no_kind_that_is_shown_has_no_preview(portal: Running) -> None:
    file = upload_file(portal, ANA, "figures.bin")
    made = share_files(portal, ANA, [file])
    with pytest.raises(Refusal) as refused:
        download_file(portal, link_token(portal, made), file, how=PREVIEW)
    assert refused.value.reason == "not_shown"


def test_an_interrupted_press_may_be_renewed_alone(portal: Running) -> None:
    file = upload_file(portal, ANA)
    made = share_files(portal, ANA, [file])
    context = Download(
        Request(portal.clock(), VISITOR), token=link_token(portal, made), file_id=file.id,
        attempt_id=press_first(portal, made, file), renews=True,
    )  # fmt: skip
    assert run(DOWNLOAD, context, portal.portal.services).address
