"""Handing over what someone has: wherever that ends, everything has one owner and every link works."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from portal.domain.audit.record import Action, Actor, AuditRecord
from portal.domain.errors import Conflict, Invalid, NotFound, Refusal
from portal.domain.files.file import File, FileState
from portal.domain.people.handover import Handover, HandoverState
from portal.domain.people.person import Person
from portal.engine.workflow import run
from portal.workflows.files.owned_files import RENAME, TRASH, ChangeFile
from portal.workflows.mail.mail_jobs import send_due
from portal.workflows.people import handover
from portal.workflows.people.handover import HAND_OVER, HandOver
from portal.workflows.shares.sharing import ShareFiles
from portal.workflows.upkeep.sweep import sweep
from tests.actions import (
    download_file,
    link_token,
    list_mails,
    list_records,
    make_person,
    make_request,
    reserve_file,
    set_policy,
    share_files,
    upload_file,
    withdraw_share,
)
from tests.builders import Clock, Running, make_running
from tests.web.signing import session_of
from tests.workflows.uploads.test_upload_kills import kill_at

ANA, BEN, CLARA = map(make_person, ("Ana Lopes", "Ben Okoro", "Clara Diaz"))
ADA = make_person("Ada Minh", admin=True)
UNCONFIRMED = replace(make_person("Una Firm"), address_verified=False)


@pytest.fixture
def portal(portal: Running) -> Running:
    for person in (ANA, BEN, CLARA, ADA):
        session_of(portal, person)
    return portal


def hand_over(portal: Running, who: Person = ADA, **asked: Any) -> Handover | None:
    fields = {"giver_id": ANA.id, "receiver": BEN.address} | asked
    return run(HAND_OVER, HandOver(make_request(who, portal), **fields), portal.portal.services).handover


def list_names(portal: Running, person: Person, state: FileState = FileState.READY) -> set[str]:
    page = portal.portal.services.files.page(person.id, state, "uploaded", True, None, 100)
    return {each.name for each in page.items}


def find_names(portal: Running, person: Person, text: str) -> set[str]:
    return {each.name for each in portal.portal.services.files.search(person.id, text, None, 100).items}


def count_of(portal: Running, person: Person) -> tuple[int, int]:
    usage = portal.portal.services.people.get_usage(person.id)
    return usage.files, usage.bytes


def test_everything_and_its_links_become_the_new_owners(portal: Running) -> None:
    """Lists, search, both quotas, emails and what the owner may do; the trash too, but no upload."""
    files = [upload_file(portal, ANA, f"plan-{place}.pdf") for place in range(45)]
    made = share_files(portal, ANA, files[:2], recipients_text="x@example.com, y@example.com")
    withdrawn = share_files(portal, ANA, files[:1])
    withdraw_share(portal, ANA, withdrawn.about)
    run(TRASH, ChangeFile(make_request(ANA, portal), file_id=files[5].id), portal.portal.services)
    pending = reserve_file(portal, ANA, "coming.pdf")
    done = hand_over(portal)
    assert done is not None
    assert (done.state, done.files_moved, done.shares_moved, done.left) == (HandoverState.DONE, 45, 1, 0)
    assert list_names(portal, ANA) | list_names(portal, ANA, FileState.TRASHED) == set()
    assert len(list_names(portal, BEN)) == len(find_names(portal, BEN, "plan")) == 44
    assert list_names(portal, BEN, FileState.TRASHED) == {"plan-5.pdf"}
    assert count_of(portal, BEN) == (45, 45 * 12)
    assert count_of(portal, ANA) == (1, pending.reserved_bytes)
    send_due(portal.portal.services, lambda: 60.0)
    sent = len(list_mails(portal))
    download_file(portal, link_token(portal, made), files[0])
    portal.clock.turn(minutes=5)
    sweep(portal.portal.services, lambda: 60.0)
    assert [each.destinations["ToAddresses"] for each in list_mails(portal)[sent:]] == [[BEN.address]]
    rename = ChangeFile(make_request(BEN, portal), file_id=files[0].id, name="mine.pdf")
    assert run(RENAME, rename, portal.portal.services).required_file.key == files[0].key
    with pytest.raises(NotFound):
        run(RENAME, replace(rename, request=make_request(ANA, portal)), portal.portal.services)
    withdraw_share(portal, BEN, made.about)
    assert len(list_records(portal, "file.handed_over")) == 45
    assert {each["actor"]["M"]["name"]["S"] for each in list_records(portal, "share.handed_over")} == {
        "Ada Minh"
    }


def test_chosen_things_alone(portal: Running) -> None:
    """A share whose files went to someone else still gives them out, and the other way round."""
    files = [upload_file(portal, ANA, f"{place}.pdf") for place in range(4)]
    first, second = (share_files(portal, ANA, files[place : place + 2]) for place in (0, 2))
    hand_over(portal, file_ids=(files[0].id,), share_ids=(second.about,))
    assert (list_names(portal, BEN), list_names(portal, ANA)) == ({"0.pdf"}, {"1.pdf", "2.pdf", "3.pdf"})
    found = portal.portal.services.shares.get_many([first.about, second.about])
    assert {each.id: each.owner_name for each in found} == {
        first.about: "Ana Lopes",
        second.about: "Ben Okoro",
    }
    download_file(portal, link_token(portal, first), files[0])
    download_file(portal, link_token(portal, second), files[2])


@pytest.mark.parametrize("set_by", ["environment", "policy"])
def test_what_finds_no_room_stays_and_the_rest_goes(aws: None, clock: Clock, set_by: str) -> None:
    """Whoever set the receiver's limit."""
    portal = make_running(clock, **({"PORTAL_MAX_PERSON_BYTES": "30"} if set_by == "environment" else {}))
    if set_by == "policy":
        set_policy(portal, max_person_bytes="30 bytes")
    for person in (ANA, BEN, ADA):
        session_of(portal, person)
    upload_file(portal, ANA, "small.txt", b"few")
    upload_file(portal, ANA, "large.txt", b"a" * 20)
    upload_file(portal, BEN, "his.txt", b"b" * 20)
    done = hand_over(portal)
    assert done is not None
    assert (done.state, done.files_moved, done.left, done.problem) == (HandoverState.DONE, 1, 1, "over_quota")
    assert (list_names(portal, ANA), list_names(portal, BEN)) == ({"large.txt"}, {"his.txt", "small.txt"})
    assert (count_of(portal, ANA), count_of(portal, BEN)) == ((1, 20), (2, 23))


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        ({"receiver": ANA.address}, Invalid),
        ({"receiver": "nobody@example.org"}, Invalid),
        ({"receiver": "0" * 26}, Invalid),
        ({"receiver": ""}, Invalid),
        ({"giver_id": "0" * 26}, NotFound),
        ({"who": BEN}, Refusal),
        ({"receiver": CLARA.id}, Invalid),
        ({"giver_id": CLARA.id}, Conflict),
        ({"receiver": ADA.id}, Invalid),
        ({"receiver": UNCONFIRMED.address}, Invalid),
        ({"file_ids": ("x",)}, Invalid),
    ],
)
def test_it_is_refused(portal: Running, asked: dict[str, Any], refused: type[Refusal]) -> None:
    """To the same person, to nobody, by no administrator, of or to someone whose account closes, to the
    administrator who asks, and by an address that its provider does not vouch for.
    """
    upload_file(portal, ANA)
    session_of(portal, UNCONFIRMED)
    closed = AuditRecord(portal.clock(), Action.ACCOUNT_CLOSED, Actor("person", CLARA.id), CLARA.id)
    portal.portal.services.people.close(CLARA, portal.clock(), closed)
    with pytest.raises(refused):
        hand_over(portal, **asked)
    assert (list_names(portal, ANA), list_names(portal, BEN)) == ({"report.pdf"}, set())


def test_it_stops_once_the_receiver_leaves(portal: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handover, "REQUEST_SECONDS", 0.0)
    upload_file(portal, ANA)
    hand_over(portal)
    with pytest.raises(Conflict):
        hand_over(portal, receiver=CLARA.address)
    closed = AuditRecord(portal.clock(), Action.ACCOUNT_CLOSED, Actor("person", BEN.id), BEN.id)
    portal.portal.services.people.close(BEN, portal.clock(), closed)
    sweep_handovers(portal)
    found = portal.portal.services.handovers.get(ANA.id)
    assert found is not None
    assert (found.state, found.problem) == (HandoverState.STOPPED, "receiver_cannot")
    assert list_names(portal, ANA) == {"report.pdf"}


def sweep_handovers(portal: Running) -> None:
    handover.hand_over_due(portal.portal.services, lambda: 60.0)


@contextmanager
def small_pieces() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(handover, "FILES_A_PIECE", 2)
        yield


def prepare(portal: Running) -> tuple[list[File], list[ShareFiles]]:
    files = [upload_file(portal, ANA, f"{place}.pdf") for place in range(3)]
    return files, [share_files(portal, ANA, files[place:]) for place in (0, 1)]


WRITES, WRITE = range(11), "TransactWriteItems"


def test_so_many_writes_are_made(portal: Running) -> None:
    """All of them are tried below; before a read is as before the next write."""
    prepare(portal)
    with small_pieces(), kill_at(portal, 99, WRITE) as made:
        hand_over(portal)
    assert 8 < len(made) <= len(WRITES)


@pytest.mark.requirement("R61")
@pytest.mark.parametrize("write", WRITES)
def test_killed_anywhere_everything_has_one_owner_and_every_link_works(portal: Running, write: int) -> None:
    files, shares = prepare(portal)
    with small_pieces(), kill_at(portal, write, WRITE):
        hand_over(portal)
    check_owners(portal, files)
    for made in shares:
        download_file(portal, link_token(portal, made), made.files[-1])
    with small_pieces():
        sweep_handovers(portal)
    check_owners(portal, files)
    if portal.portal.services.handovers.get(ANA.id):
        assert count_of(portal, BEN) == (3, 36)
        found = portal.portal.services.shares.get_many([each.about for each in shares])
        assert {each.owner_id for each in found} == {BEN.id}
        assert len(list_records(portal, "file.handed_over")) == 3
    for made in shares:
        download_file(portal, link_token(portal, made), made.files[0])


def check_owners(portal: Running, files: list[File]) -> None:
    """Row, list, search and quota agree on whose each file is."""
    for file in files:
        has = [person for person in (ANA, BEN) if portal.portal.services.files.get(person.id, file.id)]
        assert len(has) == 1
        assert [person for person in (ANA, BEN) if file.name in list_names(portal, person)] == has
        assert [person for person in (ANA, BEN) if find_names(portal, person, file.name[0])] >= has
    for person in (ANA, BEN):
        names = list_names(portal, person)
        assert names == find_names(portal, person, "pdf")
        assert count_of(portal, person) == (len(names), 12 * len(names))
