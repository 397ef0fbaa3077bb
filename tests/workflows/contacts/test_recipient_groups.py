"""Recipient groups below the pages: names, limits, two at once, and sharing with them."""

from __future__ import annotations

from typing import Any

import pytest

from portal.domain.contacts.recipient_groups import Group
from portal.domain.errors import Invalid, NotFound, Refusal
from portal.engine.workflow import run
from portal.workflows.contacts import recipient_groups as groups
from portal.workflows.shares import adding, recipients
from tests.actions import (
    list_mails,
    list_records,
    make_person,
    make_request,
    read_state,
    share_files,
    upload_file,
)
from tests.builders import Running
from tests.web.signed_in import CORPUS

ANA, BEN = make_person("Ana Lopes"), make_person("Ben Okoro", admin=True)


def make_group(portal: Running, name: str = "Board", text: str = "x@example.com, y@example.com") -> Group:
    context = groups.SaveGroup(make_request(ANA, portal), name=name, recipients_text=text)
    return run(groups.MAKE_GROUP, context, portal.portal.services).required_result


def change_group(portal: Running, group: Group, who: Any = ANA, **asked: Any) -> groups.SaveGroup:
    fields = {"name": group.name, "recipients_text": ", ".join(group.addresses), "version": group.version}
    context = groups.SaveGroup(make_request(who, portal), group_id=group.id, **(fields | asked))
    return run(groups.CHANGE_GROUP, context, portal.portal.services)


def delete_group(portal: Running, group: Group, who: Any = ANA) -> None:
    context = groups.OnGroup(make_request(who, portal), group_id=group.id)
    run(groups.DELETE_GROUP, context, portal.portal.services)


def names(portal: Running) -> list[str]:
    return [each.name for each in portal.portal.services.groups.list_of(ANA.id)]


@pytest.mark.requirement("I4")
def test_groups_are_kept_by_name_and_recorded(portal: Running) -> None:
    board = make_group(portal, " Bo\u202eard\n ", "X@example.com\nx@EXAMPLE.com, Y <y@example.com>")
    make_group(portal, "advisors")
    assert (board.name, board.addresses) == ("Board", ("X@example.com", "y@example.com"))
    assert names(portal) == ["advisors", "Board"]
    change_group(portal, board, name="Directors")
    delete_group(portal, board)
    assert names(portal) == ["advisors"]
    assert [len(list_records(portal, f"group.{each}")) for each in ("made", "changed", "deleted")] == [
        2,
        1,
        1,
    ]


@pytest.mark.requirement("R23", "R62")
@pytest.mark.parametrize(
    ("name", "text", "reasons"),
    [
        ("", "x@example.com", ["name_empty"]),
        ("\u202e \x00", "x@example.com", ["name_empty"]),
        ("n" * 61, "x@example.com", ["name_long"]),
        ("e" + "\u0301" * 5000, "x@example.com", ["name_long"]),
        ("Board", "", ["no_recipients"]),
        ("Board", "nobody at all", ["bad_address"]),
        ("Board", "\n".join(f"p{n}@example.com" for n in range(501)), ["too_many_recipients"]),
        ("Board", "\n".join(f"p{n}@example.com" for n in range(10_000)), ["too_many_recipients"]),
        ("", "", ["name_empty", "no_recipients"]),
    ],
)
def test_what_is_no_group_is_refused(portal: Running, name: str, text: str, reasons: list[str]) -> None:
    """Everything that is wrong at once, and nothing is kept."""
    before = read_state(portal)
    with pytest.raises(Refusal) as refused:
        make_group(portal, name, text)
    refusals = getattr(refused.value, "refusals", [refused.value])
    assert [each.reason for each in refusals] == reasons
    assert read_state(portal) == before


def test_a_name_is_used_once_however_it_is_spelled(portal: Running) -> None:
    board, other = make_group(portal), make_group(portal, "Straße")
    for spelled in ("BOARD", "Ｂoard", " board "):
        with pytest.raises(Invalid) as refused:
            make_group(portal, spelled, "z@example.com")
        assert refused.value.reason == "name_in_use"
    with pytest.raises(Invalid):
        change_group(portal, other, name="bOARD")
    assert change_group(portal, board, name="BOARD").required_result.name == "BOARD"
    change_group(portal, other, name="Other")
    assert make_group(portal, "STRASSE").addresses == board.addresses
    delete_group(portal, board)
    make_group(portal, "Board")
    assert names(portal) == ["Board", "Other", "STRASSE"]


@pytest.mark.requirement("I7")
def test_the_same_form_twice_is_one_group(portal: Running) -> None:
    board = make_group(portal)
    change_group(portal, board, recipients_text="z@example.com")
    before = read_state(portal)
    assert change_group(portal, board, recipients_text="z@example.com").again
    make_group(portal, "board", "z@example.com")
    assert read_state(portal) == before


def test_only_the_group_of_that_name_is_the_same_group(portal: Running) -> None:
    """Not another one with the same people."""
    make_group(portal, "Advisors", "z@example.com")
    make_group(portal, "Board", "x@example.com")
    with pytest.raises(Invalid) as refused:
        make_group(portal, "Board", "z@example.com")
    assert refused.value.reason == "name_in_use"


def test_a_group_is_there_already_or_new(portal: Running) -> None:
    context = groups.SaveGroup(make_request(ANA, portal), name="Board", recipients_text="x@example.com")
    ends = [run(groups.MAKE_GROUP, context, portal.portal.services).again for _ in range(2)]
    assert ends == [False, True]


def test_the_record_of_a_change_says_the_name_before_where_that_changed(portal: Running) -> None:
    board = make_group(portal)
    changed = change_group(portal, board, recipients_text="z@example.com").required_result
    change_group(portal, changed, name="Council")
    same, other = list_records(portal, "group.changed")
    assert "before" not in same["details"]["M"]
    assert other["details"]["M"]["before"]["S"] == "Board"


@pytest.mark.requirement("R62")
def test_nobody_keeps_more_than_a_hundred(portal: Running) -> None:
    """Counted in the same transaction, and down again when one is deleted."""
    first = make_group(portal, "0")
    for number in range(1, 100):
        make_group(portal, str(number))
    with pytest.raises(Invalid) as refused:
        make_group(portal, "one more")
    assert refused.value.reason == "too_many_groups"
    delete_group(portal, first)
    make_group(portal, "one more")
    assert len(names(portal)) == 100


@pytest.mark.requirement("R63")
def test_of_two_changes_at_once_the_second_is_told(portal: Running) -> None:
    board = make_group(portal)
    change_group(portal, board, recipients_text="z@example.com")
    with pytest.raises(groups.GroupChangedMeanwhile):
        change_group(portal, board, name="Mine")
    change_group(portal, board, name="Mine", version=2)
    kept = portal.portal.services.groups.get(ANA.id, board.id)
    assert kept is not None
    assert (kept.name, kept.version) == ("Mine", 3)


@pytest.mark.requirement("R11")
def test_somebody_elses_group_is_not_there(portal: Running) -> None:
    """Not for administrators either, nor to share with."""
    board = make_group(portal)
    before = read_state(portal)
    for doing in (delete_group, change_group):
        with pytest.raises(NotFound):
            doing(portal, board, BEN)
    with pytest.raises(Invalid) as refused:
        share_files(portal, BEN, [upload_file(portal, BEN)], group_ids=[board.id])
    assert refused.value.reason == "group_missing"
    assert [each for each in read_state(portal) if ANA.id in str(each)] == before


@pytest.mark.requirement("R51")
def test_who_is_in_a_group_then_gets_the_share(portal: Running) -> None:
    """Each person once, whatever list they stand on; a later change of the group changes no share."""
    file, board = upload_file(portal, ANA), make_group(portal)
    change_group(portal, board, recipients_text="x@example.com, z@example.com")
    asked = {"group_ids": [board.id, board.id], "recipients_text": "X@Example.com\nlast@example.com"}
    share = share_files(portal, ANA, [file], **asked)
    assert share.addresses == ("X@example.com", "z@example.com", "last@example.com")
    delete_group(portal, board)
    assert len(list_mails(portal)) == 3
    again = share_files(portal, ANA, [file], group_ids=[make_group(portal).id], recipients_text="")
    assert again.addresses == ("x@example.com", "y@example.com")


@pytest.mark.parametrize("text", ["", "mine@example.com"])
def test_too_many_together_names_the_group(portal: Running, text: str) -> None:
    file = upload_file(portal, ANA)
    ids = [
        make_group(portal, name, "\n".join(f"{name}{n}@example.com" for n in range(300))).id for name in "ab"
    ]
    with pytest.raises(Invalid) as refused:
        share_files(portal, ANA, [file], group_ids=ids, recipients_text=text)
    assert refused.value.params["groups"] == "a, b"
    assert refused.value.params["count"] == 600 + bool(text)
    share = share_files(portal, ANA, [file], group_ids=ids[:1], recipients_text=text)
    context = recipients.AddRecipients(
        make_request(ANA, portal), share_id=share.about, recipients_text="", group_ids=ids[1:]
    )
    with pytest.raises(Invalid) as refused:
        run(adding.ADD_RECIPIENTS, context, portal.portal.services)
    assert refused.value.params["groups"] == "b"


@pytest.mark.requirement("R23")
@pytest.mark.parametrize("odd", ["", "x", "0" * 26, "../..", "\u202e", "9" * 4000])
def test_a_group_that_is_no_group_is_no_failure(portal: Running, odd: str) -> None:
    with pytest.raises(Invalid) as refused:
        share_files(portal, ANA, [upload_file(portal, ANA)], group_ids=[odd])
    assert refused.value.reason == "group_missing"


@pytest.mark.requirement("R24")
@pytest.mark.parametrize("text", CORPUS)
def test_names_are_one_visible_line(portal: Running, text: str) -> None:
    try:
        kept = make_group(portal, text).name
    except Invalid as refused:
        assert refused.reason == "name_long"  # noqa: PT017 -- the rest of the corpus is kept
        return
    assert not set("\x1b\u202e\ufeff\x00\r\n") & set(kept)
