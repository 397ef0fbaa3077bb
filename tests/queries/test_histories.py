"""Histories put together from several lists have no holes, and run on where a page of them ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.domain.audit.record import PORTAL, Action, AuditRecord
from portal.domain.paging import Page
from portal.queries import histories
from tests.actions import make_person, share_files, upload_file
from tests.builders import Running

pytestmark = pytest.mark.requirement("R71")

ANA = make_person("Ana Lopes")


def make_records(portal: Running, *minutes: int) -> list[AuditRecord]:
    first = AuditRecord(at=portal.clock(), action=Action.FILE_RENAMED, actor=PORTAL, about="x")
    return [replace(first, at=first.at - timedelta(minutes=each)) for each in minutes]


def test_a_merged_history_goes_as_far_as_all_its_lists(portal: Running) -> None:
    whole = Page(tuple(make_records(portal, 1, 5, 90)))
    cut_early = Page(tuple(make_records(portal, 2, 10)), "further")
    cut_late = Page(tuple(make_records(portal, 3, 50)), "further still")
    merged = histories.merge_pages([whole, cut_early, cut_late])
    assert [each.at for each in merged.items] == [each.at for each in make_records(portal, 1, 2, 3, 5, 10)]
    assert merged.next
    complete = histories.merge_pages([whole, replace(cut_late, next=None)])
    assert [each.at for each in complete.items] == [each.at for each in make_records(portal, 1, 3, 5, 50, 90)]
    assert complete.next is None


def test_a_change_is_told_however_much_happened_since(
    portal: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(histories, "SHARE_ROWS", 3)
    share = share_files(portal, ANA, [upload_file(portal, ANA)]).share
    log = portal.portal.services.audit
    record = AuditRecord(at=portal.clock(), action=Action.LINK_OPENED, actor=PORTAL, about=share.id)
    for version in (2, 3, 4):
        change = replace(record, at=portal.clock.turn(minutes=1), action=Action.SHARE_CHANGED)
        log.write(replace(change, details={"version": str(version)}))
        for _ in range(7):
            log.write(replace(record, at=portal.clock.turn(minutes=1)))
    for seen, later in ((1, ["2", "3", "4"]), (3, ["4"]), (4, [])):
        found = histories.list_changes_since(share, seen, portal.portal.services)
        assert [each.details["version"] for each in found] == later
