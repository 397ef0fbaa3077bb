"""The shares of a file: in true order however many, and none of them outlives the file."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest

from portal.domain.errors import Conflict, Refusal
from portal.domain.files.file import File
from portal.engine.workflow import run
from portal.queries.files import get_file, list_files
from portal.workflows.files import owned_files
from portal.workflows.shares.sharing import ShareFiles
from tests.actions import (
    make_id,
    make_person,
    make_request,
    read_state,
    share_files,
    upload_file,
    withdraw_share,
)
from tests.builders import Running
from tests.held import HeldAnswer
from tests.workflows.shares.test_change import change_share, share_of

ANA = make_person("Ana Lopes")
MANY = 150
pytestmark = pytest.mark.requirement("R71", "I2")


def share_for(portal: Running, file: File, days: int) -> ShareFiles:
    portal.clock.turn(seconds=1)
    until = (portal.clock() + timedelta(days=days)).date()
    return share_files(
        portal, ANA, [file], expires_on=until, by_hand=("partner@example.com",)
    )  # no email to wait for


def keep(portal: Running, file: File, days: int) -> None:
    context = owned_files.ChangeFile(make_request(ANA, portal), file_id=file.id, days=days)
    run(owned_files.KEEP, context, portal.portal.services)


def withdraw(portal: Running, made: ShareFiles) -> None:
    withdraw_share(portal, ANA, made.about)


def as_it_is(portal: Running, file: File) -> File:
    found = portal.portal.services.files.get(ANA.id, file.id)
    assert found is not None
    return found


def list_all_shares(portal: Running, file: File) -> list[str]:
    """Every share of a file's page, as someone who goes on to the last page sees them."""
    ids, cursor = list[str](), None
    while True:
        page = get_file(ANA, file.id, portal.portal.services, cursor, with_versions=False).shares
        ids += [each.share.id for each in page.items]
        cursor = page.next
        if cursor is None:
            return ids


def test_of_very_many_shares_none_is_missed(portal: Running) -> None:
    """Whichever of them ends last, whatever its id; in the order they were made, and the newest tell."""
    file = upload_file(portal, ANA)
    longest = random.Random(6).randrange(MANY)  # noqa: S311 -- a place, no secret
    made = [share_for(portal, file, 60 if place == longest else 3) for place in range(MANY)]
    assert list_all_shares(portal, file) == [each.about for each in reversed(made)]
    told = get_file(ANA, file.id, portal.portal.services, with_versions=False).history.items
    assert {each.about for each in told} == {file.id, *(each.about for each in made[-5:])}
    with pytest.raises(Conflict):
        keep(portal, file, 30)
    withdraw(portal, made[longest])
    keep(portal, file, 30)
    assert as_it_is(portal, file).keep_until == portal.clock() + timedelta(days=30)
    change_share(portal, made[0], expires_on=(portal.clock() + timedelta(days=50)).date())
    with pytest.raises(Conflict):
        keep(portal, file, 30)


def test_an_end_that_was_moved_earlier_counts_as_it_is_now(portal: Running) -> None:
    file = upload_file(portal, ANA)
    made = share_for(portal, file, 60)
    change_share(portal, made, expires_on=(portal.clock() + timedelta(days=5)).date())
    keep(portal, file, 7)
    assert as_it_is(portal, file).shared_until == share_of(portal, made).expires_at


# What others do with the file's shares while someone chooses its lifetime or makes a share of it.
MEANWHILE: dict[str, Callable[[Running, File, ShareFiles], object]] = {
    "shorter share": lambda portal, file, _: share_for(portal, file, 20),
    "longer share": lambda portal, file, _: share_for(portal, file, 85),
    "end moved": lambda portal, _, made: change_share(
        portal, made, expires_on=(portal.clock() + timedelta(days=25)).date()
    ),
    "end moved far": lambda portal, _, made: change_share(
        portal, made, expires_on=(portal.clock() + timedelta(days=88)).date()
    ),
    "kept shorter": lambda portal, file, _: keep(portal, file, 7),
    "kept longer": lambda portal, file, _: keep(portal, file, 365),
}
DOING: dict[str, Callable[[Running, File], object]] = {
    "keep": lambda portal, file: keep(portal, file, 7),
    "share": lambda portal, file: share_for(portal, file, 30),
    "share long": lambda portal, file: share_for(portal, file, 80),
}


@pytest.mark.parametrize("meanwhile", MEANWHILE)
@pytest.mark.parametrize("doing", DOING)
def test_no_share_outlives_its_file_whatever_meets(portal: Running, doing: str, meanwhile: str) -> None:
    """With the answer of each call held in turn; the file begins with a lifetime that only the bound of a
    withdrawn share stands against.
    """
    for place in range(3):
        file = upload_file(portal, ANA)
        first = share_for(portal, file, 3)
        withdraw(portal, share_for(portal, file, 70))
        held = HeldAnswer(portal, place, partial(quietly, MEANWHILE[meanwhile], portal, file, first))
        with held, suppress(Refusal):
            DOING[doing](portal, file)
        services, now = portal.portal.services, as_it_is(portal, file)
        ends = [
            each.expires_at
            for each in owned_files.iterate_shares(now, services)
            if each.is_open(portal.clock())
        ]
        assert now.keep_until is not None
        assert now.keep_until >= max(ends), f"call {place}"


def quietly(what: Callable[..., object], *asked: object) -> None:
    with suppress(Refusal):
        what(*asked)


def test_an_end_is_moved_while_its_file_is_in_the_trash(portal: Running) -> None:
    """Brought back, the file lives as long as its share by then."""
    file, other = upload_file(portal, ANA), upload_file(portal, ANA, "other.pdf")
    made = share_files(portal, ANA, [file, other])
    run(
        owned_files.TRASH,
        owned_files.ChangeFile(make_request(ANA, portal), file_id=file.id),
        portal.portal.services,
    )
    portal.clock.turn(days=5)
    share = change_share(portal, made, expires_on=(portal.clock() + timedelta(days=89)).date())
    run(
        owned_files.RESTORE,
        owned_files.ChangeFile(make_request(ANA, portal), file_id=file.id),
        portal.portal.services,
    )
    kept = as_it_is(portal, file).keep_until
    assert kept is not None
    assert kept >= share.expires_at


@pytest.mark.requirement("R62")
def test_the_largest_share_is_listed_under_each_of_its_files(portal: Running) -> None:
    """40 files and 50 recipients are more than one transaction holds with a place in every list."""
    many = [upload_file(portal, ANA, f"{place}.pdf") for place in range(40)]
    people = [f"crowd{place}@example.com" for place in range(50)]
    made = share_files(portal, ANA, many, recipients_text="\n".join(people), by_hand=tuple(people))
    page = portal.portal.services.file_shares.list_page
    assert {page(each.id, None, 10).items for each in many} == {(made.about,)}


@pytest.mark.requirement("I3")
def test_a_purged_file_leaves_no_list_behind(portal: Running) -> None:
    file = upload_file(portal, ANA)
    share_for(portal, file, 3)
    for workflow in (owned_files.TRASH, owned_files.PURGE):
        run(
            workflow,
            owned_files.ChangeFile(make_request(ANA, portal), file_id=file.id),
            portal.portal.services,
        )
    assert not [each for each in read_state(portal) if file.id in each["pk"]["S"]]


def test_a_copy_is_listed_when_it_was_made(portal: Running) -> None:
    """Its id is a hash too: no list takes it for a time."""
    names = list[str]()
    for place in range(4):
        portal.clock.turn(seconds=1)
        file = upload_file(portal, ANA, f"{place}.pdf")
        portal.clock.turn(seconds=1)
        copying = owned_files.ChangeFile(
            make_request(ANA, portal), file_id=file.id, submission_id=make_id(portal)
        )
        done = run(owned_files.COPY, copying, portal.portal.services).required_file
        names += [file.name, done.name]
    newest = list_files(ANA, portal.portal.services).files.items
    assert [each.name for each in newest] == names[::-1]
