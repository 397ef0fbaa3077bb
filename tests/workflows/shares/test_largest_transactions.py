"""A share of any number of files and people is one transaction that DynamoDB takes: 100 writes at most, with
everything that goes beside them.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.actions import make_person, share_files, sign_in_before, upload_file
from tests.builders import Running

pytestmark = pytest.mark.requirement("R51")

ANA = make_person("Ana Lopes")
MAX_WRITES = 100  # "TransactWriteItems", DynamoDB's reference


@pytest.fixture
def sizes(portal: Running, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Of each transaction from now on, how many writes it has."""
    shares: Any = portal.portal.services.shares
    client, seen = shares.table.client, list[int]()
    transact = client.transact_write_items

    def count(**asked: Any) -> Any:
        seen.append(len(asked["TransactItems"]))
        return transact(**asked)

    monkeypatch.setattr(client, "transact_write_items", count)
    return seen


@pytest.mark.parametrize("people", [7, 20, 40, 46])
@pytest.mark.parametrize("together", [46, 47, 48])
@pytest.mark.parametrize("is_known", [True, False], ids=["known domain", "new domain"])
@pytest.mark.parametrize("by_hand", [True, False], ids=["by hand", "by email"])
def test_files_and_people_around_the_bound_are_sent(
    portal: Running, sizes: list[int], people: int, together: int, is_known: bool, by_hand: bool
) -> None:
    """Around where everything just fits, and where the lists are written before the share."""
    sign_in_before(portal, ANA)
    files = [upload_file(portal, ANA, f"{number}.pdf") for number in range(min(together - people, 40) or 1)]
    if is_known:
        share_files(portal, ANA, files[:1], recipients_text="first@example.com")
    addresses = [f"p{number}@example.com" for number in range(people)]
    share_files(
        portal, ANA, files, recipients_text=", ".join(addresses),
        by_hand=tuple(addresses) if by_hand else (),
    )  # fmt: skip
    assert max(sizes) <= MAX_WRITES
