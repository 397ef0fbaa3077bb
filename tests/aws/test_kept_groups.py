"""The organisation's groups, which each process keeps for as long as no other has changed one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from benchmarks.trace import trace_calls
from portal.aws.client.calls import clients
from portal.aws.client.table import Table
from portal.aws.tables.groups_table import KEPT_SECONDS, Groups
from portal.domain.audit.record import Action, Actor, AuditRecord
from portal.domain.contacts.recipient_groups import ORGANISATION, Group
from tests.builders import Running

Processes = tuple[Groups, Groups]


@pytest.fixture
def processes(portal: Running) -> Processes:
    """Two processes' own, of which the first has made the group "Board" and both have read it."""
    here, there = (
        Groups(
            Table(clients(portal.config.region), portal.config.table, portal.clock, portal.config.audit_table)
        )
        for _ in range(2)
    )
    here.make(make_group(portal, "Board"), 5, make_record(portal))
    for each in (here, there):
        assert list_names(each) == ["Board"]
    return here, there


def make_group(portal: Running, name: str) -> Group:
    return Group(name.casefold(), ORGANISATION, name, ("x@example.com",), portal.clock())


def make_record(portal: Running) -> AuditRecord:
    portal.clock.turn(seconds=1)
    return AuditRecord(portal.clock(), Action.GROUP_CHANGED, Actor("person", "ada"), ORGANISATION)


def list_names(groups: Groups) -> list[str]:
    return [each.name for each in groups.list_of(ORGANISATION)]


def rename_board(portal: Running, groups: Groups) -> None:
    before = make_group(portal, "Board")
    groups.change(before, replace(before, name="Committee", version=2), make_record(portal))


def empty_board(portal: Running, groups: Groups) -> None:
    before = make_group(portal, "Board")
    groups.change(before, replace(before, addresses=(), version=2), make_record(portal))


CHANGES: dict[str, tuple[Callable[[Running, Groups], object], Sequence[str]]] = {
    "made": (
        lambda portal, groups: groups.make(make_group(portal, "Audit"), 5, make_record(portal)),
        ["Audit", "Board"],
    ),
    "renamed": (rename_board, ["Committee"]),
    "emptied": (empty_board, ["Board"]),
    "deleted": (lambda portal, groups: groups.delete(make_group(portal, "Board"), make_record(portal)), []),
}


@pytest.mark.parametrize("how", CHANGES)
def test_a_change_is_seen_at_once_by_every_process(portal: Running, processes: Processes, how: str) -> None:
    here, there = processes
    change, names = CHANGES[how]
    change(portal, here)
    for each in (here, there):
        assert list_names(each) == names
        assert each.list_of(ORGANISATION) == each.read_all(ORGANISATION)


def test_what_nobody_changed_is_not_read_again(portal: Running, processes: Processes) -> None:
    with trace_calls() as trace:
        assert list_names(processes[1]) == ["Board"]
    assert [call.items for call in trace] == [("ORGANISATION/GROUPS",)]
    portal.clock.turn(seconds=KEPT_SECONDS)
    with trace_calls() as trace:
        list_names(processes[1])
    assert [call.operation for call in trace] == ["dynamodb.GetItem", "dynamodb.Query"]
