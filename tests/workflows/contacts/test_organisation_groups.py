"""The organisation's recipient groups below the pages: who may, two at once, leaving, and sharing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.audit.record import Action, AuditRecord
from portal.domain.contacts.recipient_groups import ORGANISATION, Group, SaveGroupResult
from portal.domain.errors import Forbidden, Invalid, NotFound, Refusal
from portal.domain.people.person import Role
from portal.engine.workflow import run
from portal.workflows.contacts import recipient_groups as own_groups
from portal.workflows.people import managing
from portal.workflows.people.account import remove_piece
from tests.actions import (
    list_records,
    make_person,
    make_request,
    read_state,
    share_files,
    sign_in_before,
    upload_file,
)
from tests.builders import Running
from tests.workflows.contacts.groups import (
    IDA,
    change_organisation_group,
    delete_organisation_group,
    get_organisation_group,
    list_organisation_groups,
    save_organisation_group,
    take_out,
)

ANA, BEN = make_person("Ana Lopes"), make_person("Ben Okoro")


def keep_by_ana(portal: Running) -> Group:
    sign_in_before(portal, ANA)
    return save_organisation_group(portal, keepers_text=f" {ANA.address.upper()}\n")


@pytest.mark.requirement("R11", "R12")
def test_administrators_make_them_and_keepers_change_them(portal: Running) -> None:
    group = keep_by_ana(portal)
    assert group.keepers == (ANA.id,)
    change_organisation_group(portal, group, ANA, name="Board", recipients_text="x@example.com")
    after = get_organisation_group(portal, group)
    assert (after.name, after.addresses, after.keepers, after.changed_by) == (
        "Board", ("x@example.com",), (ANA.id,), "Ana Lopes",
    )  # fmt: skip
    before = read_state(portal)
    reader = replace(ANA, roles=frozenset({Role.STAFF, Role.READER}))
    for who in (BEN, reader):
        with pytest.raises(Forbidden):
            change_organisation_group(portal, after, who, name="Mine")
    for who in (ANA, BEN):
        with pytest.raises(Forbidden):
            delete_organisation_group(portal, after, who)
        with pytest.raises(Forbidden):
            save_organisation_group(portal, "Other", who=who)
        with pytest.raises(Forbidden):
            take_out(portal, "x@example.com", who)
    with pytest.raises(Forbidden):
        change_organisation_group(portal, after, ANA, keepers_text="")
    assert read_state(portal) == before
    delete_organisation_group(portal, after)
    assert list_organisation_groups(portal) == {}


@pytest.mark.requirement("R11")
def test_neither_kind_of_group_is_found_as_the_other(portal: Running) -> None:
    shared = save_organisation_group(portal)
    mine = own_groups.SaveGroup(make_request(ANA, portal), name="Auditors", recipients_text="a@example.com")
    own = run(own_groups.MAKE_GROUP, mine, portal.portal.services).required_result
    with pytest.raises(NotFound):
        delete_organisation_group(portal, own)
    context = own_groups.OnGroup(make_request(ANA, portal), group_id=shared.id)
    with pytest.raises(NotFound):
        run(own_groups.DELETE_GROUP, context, portal.portal.services)


@pytest.mark.requirement("R61", "I4")
def test_the_record_says_who_came_and_who_left(portal: Running) -> None:
    group = keep_by_ana(portal)
    change_organisation_group(portal, group, name="Board", recipients_text="y@example.com, z@example.com")
    changed, made = list_about(portal, group)
    assert (made.about, made.details["added"]) == (group.id, "x@example.com, y@example.com")
    assert made.details["keepers_added"] == ANA.id
    said = {name: changed.details.get(name) for name in ("before", "name", "added", "removed", "people")}
    assert said == {"before": "Auditors", "name": "Board", "added": "z@example.com",
                    "removed": "x@example.com", "people": "2"}  # fmt: skip


@pytest.mark.requirement("R63", "I7")
def test_of_two_changes_at_once_the_second_is_told(portal: Running) -> None:
    group = keep_by_ana(portal)
    change_organisation_group(portal, group, recipients_text="z@example.com")
    with pytest.raises(own_groups.GroupChangedMeanwhile):
        change_organisation_group(portal, group, ANA, name="Mine")
    before = read_state(portal)
    same = {"recipients_text": "z@example.com", "keepers_text": ANA.id}
    assert change_organisation_group(portal, group, **same).again
    assert read_state(portal) == before
    change_organisation_group(portal, group, keepers_text="", version=2)
    assert get_organisation_group(portal, group).keepers == ()


@pytest.mark.requirement("R23", "R62")
@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"name": " "}, "name_empty"),
        ({"text": "nobody at all"}, "bad_address"),
        ({"text": "\n".join(f"p{n}@example.com" for n in range(501))}, "too_many_recipients"),
        ({"keepers_text": "ghost@example.org"}, "no_keeper"),
        ({"keepers_text": "0" * 26}, "no_keeper"),
        ({"keepers_text": "\u202e\x00"}, "no_keeper"),
        ({"keepers_text": "unsure.address@example.org"}, "no_keeper"),
        ({"keepers_text": " ".join("abcdef")}, "too_many_keepers"),
        ({"keepers_text": "x " * 50_000 + "y z a b c"}, "too_many_keepers"),
        ({"name": "AUDITORS", "text": "other@example.com"}, "name_in_use"),
    ],
)
def test_what_is_no_group_is_refused(portal: Running, asked: dict[str, str], reason: str) -> None:
    """An address that its owner chose without the provider's confirmation is nobody's to be named by."""
    sign_in_before(portal, replace(make_person("Unsure Address"), address_verified=False))
    save_organisation_group(portal)
    before = read_state(portal)
    with pytest.raises(Invalid) as refused:
        save_organisation_group(portal, **({"name": "New", "text": "x@example.com"} | asked))
    assert refused.value.reason == reason
    assert read_state(portal) == before


@pytest.mark.requirement("R62")
def test_there_are_so_many_at_most(portal: Running) -> None:
    services = portal.portal.services
    group = save_organisation_group(portal)
    [record] = list_about(portal, group)
    more = replace(group, id="1" * 26, name="More")
    assert services.groups.make(more, 1, record) is SaveGroupResult.TOO_MANY
    assert services.groups.make(more, 2, record) is SaveGroupResult.SAVED


@pytest.mark.requirement("R51")
def test_everyone_shares_with_them_beside_their_own(portal: Running) -> None:
    """One's own and the organisation's may have the same name."""
    shared = save_organisation_group(portal)
    mine = own_groups.SaveGroup(
        make_request(ANA, portal), name="Auditors", recipients_text="X@Example.com, mine@example.com"
    )
    own = run(own_groups.MAKE_GROUP, mine, portal.portal.services).required_result
    file = upload_file(portal, ANA)
    made = share_files(portal, ANA, [file], group_ids=[shared.id, own.id], recipients_text="")
    assert sorted(each.lower() for each in made.addresses) == [
        "mine@example.com", "x@example.com", "y@example.com",
    ]  # fmt: skip
    with pytest.raises(Invalid) as refused:
        share_files(portal, BEN, [upload_file(portal, BEN)], group_ids=[shared.id, own.id])
    assert refused.value.reason == "group_missing"
    with pytest.raises(Invalid) as refused:
        share_files(portal, ANA, [file], group_ids=[f"{number:026}" for number in range(101)])
    assert refused.value.reason == "too_many_groups"
    take_out(portal, "x@example.com")
    take_out(portal, "y@example.com")
    with pytest.raises(Invalid) as refused:
        share_files(portal, ANA, [file], group_ids=[shared.id], recipients_text="")
    assert refused.value.reason == "no_recipients"


@pytest.mark.requirement("R61", "I7")
def test_an_address_is_taken_out_of_every_group(portal: Running) -> None:
    for name, text in (("A", "x@example.com"), ("B", "X@Example.com, y@example.com"), ("C", "y@example.com")):
        save_organisation_group(portal, name, text)
    groups = take_out(portal, " x@EXAMPLE.com ").groups
    assert [each.name for each in groups] == ["A", "B"]
    assert list_organisation_groups(portal) == {"A": (), "B": ("y@example.com",), "C": ("y@example.com",)}
    records = [list_about(portal, each)[0] for each in groups]
    assert [(each.action, each.details["name"], each.details["to"]) for each in records] == [
        (Action.ADDRESS_TAKEN_OUT, name, "x@example.com") for name in ("A", "B")
    ]
    before = read_state(portal)
    for text, reason in (("x@example.com", "in_no_group"), ("nobody", "bad_address"), ("", "bad_address")):
        with pytest.raises(Refusal) as refused:
            take_out(portal, text)
        assert refused.value.reason == reason
    assert read_state(portal) == before


@pytest.mark.requirement("R63")
def test_a_change_of_the_same_moment_is_kept(portal: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between reading a group and taking someone out of it, its keeper saved another change."""
    group, groups = save_organisation_group(portal), portal.portal.services.groups
    change = groups.change

    def change_later(before: Group, after: Group, record: AuditRecord) -> SaveGroupResult:
        monkeypatch.undo()
        change_organisation_group(portal, group, recipients_text="x@example.com, new@example.com")
        return change(before, after, record)

    monkeypatch.setattr(groups, "change", change_later)
    take_out(portal, "x@example.com")
    assert get_organisation_group(portal, group).addresses == ("new@example.com",)


@pytest.mark.requirement("R61")
@pytest.mark.parametrize("confirmed", [True, False])
def test_whoever_closes_their_account_leaves_all_groups(portal: Running, confirmed: bool) -> None:
    """As keeper always; as an address only where it is known to be theirs: one could name another's."""
    leaving = replace(make_person("Cleo Way"), address_verified=confirmed)
    sign_in_before(portal, leaving)
    text = f"{leaving.address}, x@example.com"
    group = save_organisation_group(portal, text=text, keepers_text=leaving.id)
    for _ in range(2):
        assert remove_piece(leaving, portal.portal.services, lambda: 60.0)
    after = get_organisation_group(portal, group)
    assert after.keepers == ()
    assert after.addresses == (("x@example.com",) if confirmed else (leaving.address, "x@example.com"))
    assert len(list_records(portal, "organisation_group.address_taken_out")) == 1


def test_an_account_that_is_deleted_leaves_at_once(portal: Running) -> None:
    sign_in_before(portal, BEN)
    save_organisation_group(portal, text=f"{BEN.address}, x@example.com", keepers_text=BEN.address)
    context = managing.ManagePerson(make_request(IDA, portal), who=BEN.id, confirmation=BEN.address)
    run(managing.DELETE_PERSON, context, portal.portal.services)
    assert list_organisation_groups(portal) == {"Auditors": ("x@example.com",)}


def list_about(portal: Running, group: Group) -> list[AuditRecord]:
    """Newest first."""
    return list(portal.portal.services.audit.list_about(group.id, None, 10).items)


ADDRESSES = [f"{name}@{domain}" for name in ("a", "A", "b", "c+x") for domain in ("x.example", "y.example")]


@given(st.lists(st.sampled_from(ADDRESSES), unique_by=str.lower), st.sampled_from(ADDRESSES))
@settings(max_examples=60, deadline=None)
def test_leaving_takes_one_address_and_no_other(addresses: list[str], leaving: str) -> None:
    group = Group(
        "g", ORGANISATION, "G", tuple(addresses), datetime(2026, 2, 3, tzinfo=UTC), keepers=("k", "l")
    )
    after = group.drop_member(leaving, "k")
    assert not after.has_address(leaving)
    assert [each for each in addresses if each.lower() != leaving.lower()] == list(after.addresses)
    assert after.keepers == ("l",)
    assert after.drop_member(leaving, "k") == after
