"""Shares whose items are more than one query returns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from portal.aws.client.writes import put
from portal.aws.tables.share_items import recipient_item, share_item
from portal.queries.shares import get_share
from tests.actions import make_person, share_files, upload_file
from tests.builders import Running

ANA = make_person("Ana Lopes")


@pytest.mark.requirement("R62")
def test_every_recipient_of_the_largest_share_is_there(portal: Running) -> None:
    """50 recipients, each with a copy of 40 files of the longest names: more than a query's megabyte."""
    file = replace(upload_file(portal, ANA).pinned, name="\u6771" * 84)
    people = [f"p{number:02}@example.com" for number in range(50)]
    made = share_files(portal, ANA, [upload_file(portal, ANA)], recipients_text="\n".join(people))
    assert made.share is not None
    large = replace(made.share, first_files=(file,) * 40, message="\u6771" * 2000)
    shares: Any = portal.portal.services.shares
    for item in (share_item(large), *(recipient_item(large, each) for each in made.recipients)):
        shares.table.write(put(item))
    view = get_share(ANA, made.about, portal.portal.services)
    assert [each.recipient.address for each in view.recipients] == people
