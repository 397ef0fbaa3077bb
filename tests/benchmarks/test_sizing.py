"""The page on sizes has what the script computes, and the script grows with people."""

from __future__ import annotations

import pytest

from benchmarks.sizing import PEOPLE, QUOTAS, Load, Quota, make_table
from tools.list_tests import CHECKOUT


def test_the_page_has_the_table_of_the_script() -> None:
    assert make_table() in (CHECKOUT / "docs" / "sizing.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("quota", QUOTAS, ids=lambda quota: quota.name)
def test_more_people_need_more(quota: Quota) -> None:
    """In proportion, but for what is there without anybody."""
    needs = [quota.need(Load(people)) for people in PEOPLE]
    none = quota.need(Load(0))
    for people, need in zip(PEOPLE, needs, strict=True):
        assert (need - none) / people == pytest.approx((needs[0] - none) / PEOPLE[0])


def test_the_busiest_second_is_busier_than_the_days_mean() -> None:
    load = Load(1000)
    assert load.shares_a_second > 1000 * 2 / (8 * 3600)
    assert load.requests_a_second > load.shares_a_second
