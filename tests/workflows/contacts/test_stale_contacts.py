"""Each part of the conditions on groups and known addresses refuses, by itself, what was overtaken since."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.aws.tables import known_addresses_table
from portal.domain.contacts.recipient_groups import Group, SaveGroupResult
from tests.actions import make_id, read_state, share_files, upload_file
from tests.builders import Running
from tests.overtaken import ANA, Cases, Write, record, services

CASES = Cases()


def a_group(portal: Running) -> Group:
    return Group(make_id(portal), ANA.id, "Partners", ("ben@example.com",), portal.clock())


@CASES.expect(False)
def group_deleted_that_was_changed_since(portal: Running) -> Write:
    groups, group = services(portal).groups, a_group(portal)
    assert groups.make(group, 5, record(portal, group.id)) is SaveGroupResult.SAVED
    after = replace(group, addresses=("clara@example.com",), version=2)
    assert groups.change(group, after, record(portal, group.id)) is SaveGroupResult.SAVED
    return lambda: groups.delete(group, record(portal, group.id))


@CASES.expect(SaveGroupResult.CHANGED_MEANWHILE)
def group_changed_that_was_deleted_since(portal: Running) -> Write:
    groups, group = services(portal).groups, a_group(portal)
    assert groups.make(group, 5, record(portal, group.id)) is SaveGroupResult.SAVED
    assert groups.delete(group, record(portal, group.id))
    return lambda: groups.change(group, replace(group, version=2), record(portal, group.id))


@CASES.expect(None)
def address_marked_that_got_another_share_since(portal: Running) -> Write:
    known = services(portal).known
    known.remember(ANA.id, "second", ["ben@example.com"], portal.clock())
    return lambda: known.mark_bounced(ANA.id, "first", "ben@example.com")


@CASES.expect(None)
def address_marked_that_was_forgotten_since(portal: Running) -> Write:
    return lambda: services(portal).known.mark_bounced(ANA.id, "first", "ben@example.com")


@pytest.mark.parametrize("name", CASES)
def test_what_was_overtaken_is_not_written(portal: Running, name: str) -> None:
    CASES.check(name, portal)


def test_forgetting_addresses_leaves_everything_else(portal: Running) -> None:
    share_files(portal, ANA, [upload_file(portal, ANA)], recipients_text="ben@example.com, clara@example.com")
    before = read_state(portal)
    known = [each for each in before if each["sk"]["S"].startswith(("KNOWN#", "DOMAINS"))]
    assert len(known) == 3
    services(portal).known.forget(ANA.id)
    assert read_state(portal) == [each for each in before if each not in known]


def test_domains_are_remembered_up_to_a_number(portal: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_addresses_table, "MAX_DOMAINS", 2)
    known = services(portal).known
    for domain in ("a.example", "b.example", "c.example"):
        known.remember_domains(ANA.id, {domain})
    assert known.get_domains(ANA.id) == {"a.example", "b.example"}
