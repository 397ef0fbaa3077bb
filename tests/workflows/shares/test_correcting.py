"""Correcting an address: the old link dies and the right one gets its own, or nothing happens at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from portal.domain.errors import Conflict, Invalid, NotFound, Refusal
from portal.domain.mail.mail_job import MailState
from portal.domain.shares.share import AccessRequestState, Recipient, RecipientState
from portal.engine.workflow import run
from portal.workflows.shares import adding, correcting, recipients
from portal.workflows.shares.sharing import ShareFiles
from tests.actions import (
    ask_for_more,
    download_file,
    list_mails,
    list_records,
    make_person,
    make_request,
    share_files,
    upload_file,
    visit_link,
    withdraw_share,
)
from tests.builders import Running
from tests.workflows.shares.test_request_limit import open_asks

ANA, BEN = make_person("Ana Lopes"), make_person("Ben Okoro")
ADMIN = make_person("Cleo Adams", admin=True)
WRONG, RIGHT, OTHER = "ana@exampel.com", "ana@example.com", "other@example.com"


@pytest.fixture
def made(portal: Running) -> ShareFiles:
    return share_files(
        portal, ANA, [upload_file(portal, ANA)], recipients_text=f"{WRONG}, {OTHER}", download_limit=1
    )


def find_people(portal: Running, made: ShareFiles) -> dict[str, Recipient]:
    found = portal.portal.services.shares.get_with_recipients(made.about)
    assert found is not None
    return {each.address: each for each in found[1]}


def correct(portal: Running, made: ShareFiles, text: str, who: Any = ANA, of: str = WRONG) -> Any:
    """Where nothing may be shared with a rival."""
    services = portal.portal.services
    services = replace(services, limits=replace(services.limits, blocked_recipients=("rival.example",)))
    recipient_id = find_people(portal, made)[of].id if "@" in of else of
    context = correcting.CorrectAddress(
        make_request(who, portal), share_id=made.about, recipient_id=recipient_id, recipients_text=text
    )
    return run(correcting.CORRECT_ADDRESS, context, services)


def token(portal: Running, each: Recipient) -> str:
    return portal.portal.services.links.token(each.share_id, each.id, each.generation, each.key_id)


def test_the_old_link_dies_and_the_right_address_gets_one(portal: Running, made: ShareFiles) -> None:
    """After the email bounced; and pressed twice, whose answer was lost, it is corrected once."""
    old = token(portal, find_people(portal, made)[WRONG])
    mails = len(list_mails(portal))
    for _ in range(2):
        done = correct(portal, made, RIGHT)
    assert done.again
    people = find_people(portal, made)
    assert people[WRONG].state is RecipientState.WITHDRAWN
    with pytest.raises(Refusal):
        visit_link(portal, old)
    assert visit_link(portal, token(portal, people[RIGHT]))
    assert visit_link(portal, token(portal, people[OTHER]))
    assert people[RIGHT].state is RecipientState.OPEN
    assert len(list_mails(portal)) == mails + 1
    [record] = list_records(portal, "recipient.corrected")[:1]
    details = record["details"]["M"]
    assert (details["wrong"]["S"], details["to"]["S"]) == (WRONG, RIGHT)


REFUSED: dict[str, tuple[str, Any, str, type[Refusal]]] = {
    "nothing": ("", ANA, WRONG, Invalid), "no address": ("ana", ANA, WRONG, Invalid),
    "two": (f"{RIGHT}, x@example.com", ANA, WRONG, Invalid), "itself": (WRONG, ANA, WRONG, Invalid),
    "who has it": (OTHER, ANA, WRONG, Invalid), "blocked": ("eva@rival.example", ANA, WRONG, Invalid),
    "somebody else's": (RIGHT, BEN, WRONG, NotFound), "an administrator's": (RIGHT, ADMIN, WRONG, NotFound),
    "nobody's": (RIGHT, ANA, "0" * 26, NotFound),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_changes_nothing(portal: Running, made: ShareFiles, what: str) -> None:
    text, who, of, refusal = REFUSED[what]
    before, mails = find_people(portal, made), len(list_mails(portal))
    with pytest.raises(refusal):
        correct(portal, made, text, who, of)
    assert find_people(portal, made) == before
    assert len(list_mails(portal)) == mails


@pytest.mark.parametrize("ended", ["share", "recipient"])
def test_what_was_withdrawn_is_not_corrected(portal: Running, made: ShareFiles, ended: str) -> None:
    wrong = find_people(portal, made)[WRONG].id if ended == "recipient" else ""
    withdraw_share(portal, ANA, made.about, wrong)
    with pytest.raises(Conflict):
        correct(portal, made, RIGHT)
    assert RIGHT not in find_people(portal, made)


def test_back_to_an_address_that_was_withdrawn_it_gets_a_new_link(portal: Running, made: ShareFiles) -> None:
    """Corrected, and back again: each link that was declared dead stays dead."""
    first = token(portal, find_people(portal, made)[WRONG])
    correct(portal, made, RIGHT)
    second = token(portal, find_people(portal, made)[RIGHT])
    correct(portal, made, WRONG, of=RIGHT)
    third = token(portal, find_people(portal, made)[WRONG])
    for dead in (first, second):
        with pytest.raises(Refusal):
            visit_link(portal, dead)
    assert visit_link(portal, third)


def test_who_had_no_email_gets_none(portal: Running) -> None:
    file = upload_file(portal, ANA)
    made = share_files(portal, ANA, [file], recipients_text=WRONG, by_hand=[WRONG])
    correct(portal, made, RIGHT)
    assert find_people(portal, made)[RIGHT].mail.state is MailState.BY_HAND
    assert list_mails(portal) == []


def test_a_request_that_waited_is_over_and_makes_room(portal: Running, made: ShareFiles) -> None:
    file, link = made.files[0], token(portal, find_people(portal, made)[WRONG])
    download_file(portal, link, file)
    ask_for_more(portal, link)
    assert open_asks(portal) == 1
    correct(portal, made, RIGHT)
    asking = find_people(portal, made)[WRONG].asking
    assert asking is not None
    assert asking.state is AccessRequestState.DECLINED
    assert open_asks(portal) == 0


def test_corrected_while_others_are_added_both_happen(
    portal: Running, made: ShareFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What moved between reading and writing is read again."""
    changes = portal.portal.services.changes
    write = type(changes).add
    others = iter([recipients.AddRecipients(make_request(ANA, portal), share_id=made.about,
                                            recipients_text="third@example.com")])  # fmt: skip

    def add(self: Any, *asked: Any) -> bool:
        for context in others:
            run(adding.ADD_RECIPIENTS, context, portal.portal.services)
        return write(self, *asked)

    monkeypatch.setattr(type(changes), "add", add)
    correct(portal, made, RIGHT)
    people = find_people(portal, made)
    assert {each for each, one in people.items() if one.state is RecipientState.OPEN} == {
        RIGHT, OTHER, "third@example.com",
    }  # fmt: skip


def test_corrected_at_the_same_moment_nobody_passes_the_limit(
    portal: Running, made: ShareFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was checked while there was room is checked again where another was quicker."""
    most = len(find_people(portal, made)) + 1
    services = replace(
        portal.portal.services, limits=replace(portal.portal.services.limits, max_recipients=most)
    )
    write, quicker = type(services.changes).add, [OTHER]
    ids = {address: one.id for address, one in find_people(portal, made).items()}

    def correct_in(address: str) -> None:
        context = correcting.CorrectAddress(
            make_request(ANA, portal), share_id=made.about, recipient_id=ids[address],
            recipients_text=f"right-{address}",
        )  # fmt: skip
        run(correcting.CORRECT_ADDRESS, context, services)

    def add(self: Any, *asked: Any) -> bool:
        while quicker:
            correct_in(quicker.pop())
        return write(self, *asked)

    monkeypatch.setattr(type(services.changes), "add", add)
    with pytest.raises(Refusal):
        correct_in(WRONG)
    assert len(find_people(portal, made)) == most
