"""Shares whose items are more than one query returns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from portal import queries
from portal.aws.shares_table import recipient_item, share_item
from portal.aws.table import put
from tests.builders import Running
from tests.doing import shared, somebody, uploaded

ANA = somebody("Ana Lopes")


def test_every_recipient_of_the_largest_share_is_there(portal: Running) -> None:
    """R62: 50 recipients, each with a copy of 40 files of the longest names: more than a query's megabyte."""
    file = replace(uploaded(portal, ANA).pinned, name="\u6771" * 84)
    people = [f"p{number:02}@example.com" for number in range(50)]
    made = shared(portal, ANA, [uploaded(portal, ANA)], recipients_text="\n".join(people))
    assert made.share is not None
    large = replace(made.share, files=(file,) * 40, message="\u6771" * 2000)
    shares: Any = portal.portal.services.shares
    for item in (share_item(large), *(recipient_item(large, each) for each in made.recipients)):
        shares.table.write(put(item))
    view = queries.share(ANA, made.about, portal.portal.services)
    assert [each.recipient.address for each in view.recipients] == people
