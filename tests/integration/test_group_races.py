"""Recipient groups changed in the same moment, on a table that is atomic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from portal.domain.contacts.recipient_groups import Group
from portal.engine.workflow import run
from portal.workflows.contacts import recipient_groups as groups
from tests.actions import make_person, make_request
from tests.builders import Running
from tests.integration.test_change_races import DONE, run_at_once, running

__all__ = ["running"]  # a fixture


def makes(running: Running, name: str, text: str, most: int = 100) -> Callable[[], object]:
    services = running.portal.services
    fewer = replace(services, limits=replace(services.limits, max_groups=most))
    context = groups.SaveGroup(
        make_request(make_person("Gerda Groups"), running), name=name, recipients_text=text
    )  # fmt: skip
    return partial(run, groups.MAKE_GROUP, context, fewer)


def list_groups(running: Running) -> list[Group]:
    return running.portal.services.groups.list_of(make_person("Gerda Groups").id)


@pytest.mark.requirement("R62", "R63", "I7")
def test_names_numbers_and_versions_hold(running: Running) -> None:
    """Of ten forms one group, of ten groups five, of ten changes one."""
    assert Counter(run_at_once([makes(running, "Board", "x@example.com")] * 10)) == {DONE: 10}
    assert len(list_groups(running)) == 1
    others = [makes(running, "board", f"p{place}@example.com") for place in range(10)]
    assert Counter(run_at_once(others)) == {"name_in_use": 10}
    many = [makes(running, f"Group {place}", "x@example.com", most=5) for place in range(10)]
    assert Counter(run_at_once(many)) == {DONE: 4, "too_many_groups": 6}
    group = next(each for each in list_groups(running) if each.name == "Board")
    changes = [
        partial(run, groups.CHANGE_GROUP, groups.SaveGroup(
            make_request(make_person("Gerda Groups"), running), group_id=group.id, name=f"Board {place}",
            recipients_text="x@example.com", version=group.version,
        ), running.portal.services)
        for place in range(10)
    ]  # fmt: skip
    assert Counter(run_at_once(changes)) == {DONE: 1, "changed_meanwhile": 9}
    assert len(list_groups(running)) == 5
