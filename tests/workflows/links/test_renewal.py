"""A press goes on: another address while its bytes have not all gone out, within bounds, counted once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from portal.workflows.links import link_access
from portal.workflows.shares.sharing import ShareFiles
from tests.actions import (
    download_file,
    link_token,
    list_records,
    make_id,
    make_person,
    preview_file,
    record_delivery,
    share_files,
    upload_file,
    withdraw_share,
)
from tests.builders import Running

ANA = make_person("Ana Lopes")
pytestmark = pytest.mark.requirement("R79")
presses = pytest.mark.parametrize("press_of", [download_file, preview_file], ids=["download", "preview"])
Press = Callable[..., str]


def count_downloads(portal: Running, made: ShareFiles) -> int:
    found = portal.portal.services.shares.get_with_recipient(made.about, made.recipients[0].id)
    assert found is not None
    return found[1].download_count


@presses
def test_an_interrupted_press_goes_on_for_a_day_and_counts_once(portal: Running, press_of: Press) -> None:
    file = upload_file(portal, ANA)
    made = share_files(portal, ANA, [file], download_limit=1)
    token, press = link_token(portal, made), make_id(portal)
    for _ in range(4):
        assert "X-Amz-Expires=60" in press_of(portal, token, file, press)
        portal.clock.turn(minutes=359)
    assert count_downloads(portal, made) == 1
    assert len(list_records(portal, "recipient.downloaded")) == 1
    portal.clock.turn(hours=1)
    with pytest.raises(link_access.DownloadsUsedUp):
        press_of(portal, token, file, press)


def test_no_more_than_so_many_addresses(portal: Running) -> None:
    """What goes beyond them is one more download; where none is left it is refused."""
    file = upload_file(portal, ANA)
    made = share_files(portal, ANA, [file], download_limit=2)
    token, press = link_token(portal, made), make_id(portal)
    few = replace(portal.portal.services.limits, attempt_addresses=3)
    services = replace(portal.portal.services, limits=few)
    bound = replace(portal, portal=replace(portal.portal, services=services))
    for so_far in (1, 1, 1, 2, 2, 2):
        download_file(bound, token, file, press)
        assert count_downloads(portal, made) == so_far
    with pytest.raises(link_access.DownloadsUsedUp):
        download_file(bound, token, file, press)


@pytest.mark.requirement("R50")
@presses
def test_once_its_bytes_have_all_gone_out_it_is_over(portal: Running, press_of: Press) -> None:
    """As soon as the access log tells, but for its first minute; earlier presses do not end it."""
    file = upload_file(portal, ANA)
    made = share_files(portal, ANA, [file], download_limit=1)
    token, press = link_token(portal, made), make_id(portal)
    record_delivery(portal, made, file)
    portal.clock.turn(seconds=5)
    press_of(portal, token, file, press)
    portal.clock.turn(seconds=59)
    press_of(portal, token, file, press)
    portal.clock.turn(minutes=2)
    press_of(portal, token, file, press)
    record_delivery(portal, made, file)
    with pytest.raises(link_access.DownloadsUsedUp):
        press_of(portal, token, file, press)


@presses
def test_the_shares_end_and_its_withdrawal_end_it_at_once(portal: Running, press_of: Press) -> None:
    file = upload_file(portal, ANA)
    for end, why in [("withdraw", link_access.Withdrawn), ("wait", link_access.Expired)]:
        made = share_files(portal, ANA, [file], download_limit=1)
        assert made.share is not None
        portal.clock.now = made.share.expires_at - timedelta(hours=2)
        token, press = link_token(portal, made), make_id(portal)
        press_of(portal, token, file, press)
        portal.clock.turn(hours=1)
        press_of(portal, token, file, press)
        if end == "withdraw":
            withdraw_share(portal, ANA, made.about)
        else:
            portal.clock.now = made.share.expires_at
        with pytest.raises(why):
            press_of(portal, token, file, press)
