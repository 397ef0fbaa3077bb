"""A share for more recipients than one transaction holds: each is made once and written to once, whoever dies
on the way; and all that can be done with a share of few.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal.aws.client.writes import put_new
from portal.aws.tables.share_items import recipient_item
from portal.domain.errors import MailsUsedUp, Refusal
from portal.domain.mail.mail_job import MailState
from portal.domain.people.person import Person
from portal.domain.shares.share import MAX_COPIES, Recipient, Share, ShareState
from portal.engine.workflow import run
from portal.queries.received import list_received
from portal.queries.shares import get_share
from portal.workflows.shares import adding, change, correcting, recipients
from portal.workflows.shares.sharing import ShareFiles
from portal.workflows.shares.spreading import spread
from tests.actions import (
    download_file,
    link_token,
    list_mails,
    list_records,
    make_id,
    make_person,
    make_request,
    share_files,
    upload_file,
    visit_link,
    withdraw_share,
)
from tests.builders import Running
from tests.workflows.shares.wished import tick
from tests.workflows.uploads.test_upload_kills import kill_at

pytestmark = pytest.mark.requirement("R51")

ANA = make_person("Ana Lopes")
MANY = [f"p{number:03}@example.com" for number in range(500)]
SOME = MANY[: MAX_COPIES + 1]  # the fewest that are too many
LONG = 300.0


def give(portal: Running, people: list[str], **more: Any) -> ShareFiles:
    return share_files(portal, ANA, [upload_file(portal, ANA)], recipients_text="\n".join(people), **more)


def read(portal: Running, made: ShareFiles) -> tuple[Share, list[Recipient]]:
    found = portal.portal.services.shares.get_with_recipients(made.about)
    assert found is not None
    return found


def list_addresses(portal: Running, made: ShareFiles) -> list[str]:
    return sorted(each.address for each in read(portal, made)[1])


def count_mails_to(*addresses: str, portal: Running) -> list[int]:
    counted = Counter(to for mail in list_mails(portal) for to in mail.destinations["ToAddresses"])
    return [counted[each] for each in addresses]


def test_five_hundred_get_a_link_each(portal: Running) -> None:
    """One each of the first sixty, whose emails the portal sends: more than a piece of them."""
    made = give(portal, MANY, by_hand=tuple(MANY[60:]))
    for _ in range(3):
        tick(portal, minutes=3)
    share, people = read(portal, made)
    assert (share.has_copies, len(share.addresses)) == (False, 500)
    assert sorted(each.address for each in people) == MANY
    by_hand = {each.address for each in people if each.mail.state is MailState.BY_HAND}
    assert by_hand == set(MANY[60:])
    assert {each.mail.state for each in people if each.address not in by_hand} == {MailState.SENT}
    assert count_mails_to(*MANY, portal=portal) == [1] * 60 + [0] * 440
    assert len(list_records(portal, "share.created")) == 1
    assert portal.portal.services.mail_counts.count_today(ANA.id, portal.clock()) == 60
    assert portal.portal.services.spreads.get(made.about) is None


def test_no_transaction_is_larger_for_many(portal: Running) -> None:
    """All 40 files, and a domain that is new."""
    files = [upload_file(portal, ANA, f"{number}.pdf") for number in range(40)]
    made = share_files(portal, ANA, files, recipients_text="\n".join(MANY[:120]), by_hand=tuple(MANY))
    assert list_addresses(portal, made) == MANY[:120]


def test_killed_between_any_two_calls_each_recipient_is_made_once(portal: Running) -> None:
    """The same form is sent again where the share was not made yet; else the schedule goes on by itself."""
    services, shares = portal.portal.services, make_shares_killed_anywhere(portal)
    for _ in range(2):
        tick(portal, minutes=11)
    over = {MailState.SENT, MailState.BY_HAND, MailState.PROBABLY_SENT}
    for share in shares:
        found = services.shares.get_with_recipients(share.id)
        assert found is not None
        assert sorted(each.address for each in found[1]) == SOME
        assert {each.mail.state for each in found[1]} <= over
        assert services.spreads.get(share.id) is None
    assert len(list_records(portal, "share.created")) == len(shares)
    assert services.mail_counts.count_today(ANA.id, portal.clock()) == 2 * len(shares)


def make_shares_killed_anywhere(portal: Running) -> Sequence[Share]:
    """One share for each call that there is; two of its recipients get emails."""
    services, file = portal.portal.services, upload_file(portal, ANA)
    for call in range(80):
        asked = {"submission_id": make_id(portal), "recipients_text": "\n".join(SOME)}
        made: ShareFiles | None = None
        with kill_at(portal, call) as calls:
            made = share_files(portal, ANA, [file], by_hand=tuple(SOME[2:]), **asked)
        if len(services.shares.list_page(ANA.id, None, 100).items) == call:
            share_files(portal, ANA, [file], by_hand=tuple(SOME[2:]), **asked)
        if made and len(calls) < call:
            return services.shares.list_page(ANA.id, None, 100).items
    raise AssertionError("it never came to its end")


def test_two_who_go_on_at_once_make_each_once(portal: Running) -> None:
    made, services = begin(portal), portal.portal.services
    share, left = read(portal, made)[0], services.spreads.get(made.about)
    assert left is not None
    piece = left.draft_piece(share)
    assert services.spreads.write_piece(left, share, piece)
    assert not services.spreads.write_piece(left, share, piece)
    spread(made.about, services, lambda: LONG)
    assert list_addresses(portal, made) == SOME


def test_who_is_there_already_stays_as_they_are(portal: Running) -> None:
    made, services = begin(portal), portal.portal.services
    share, left = read(portal, made)[0], services.spreads.get(made.about)
    assert left is not None
    early = replace(left.draft_piece(share)[3], generation=7)
    table: Any = services.spreads
    table.table.write(put_new(recipient_item(share, early)))
    spread(made.about, services, lambda: LONG)
    assert list_addresses(portal, made) == SOME
    assert [each.generation for each in read(portal, made)[1]].count(7) == 1


def begin(portal: Running) -> ShareFiles:
    """A share that was made, whose maker died right after it."""
    file, asked = upload_file(portal, ANA), make_id(portal)
    for call in range(40):
        with kill_at(portal, call):
            share_files(portal, ANA, [file], submission_id=asked, recipients_text="\n".join(SOME))
        if found := portal.portal.services.shares.list_page(ANA.id, None, 1).items:
            context = ShareFiles(
                make_request(ANA, portal), submission_id=asked, file_ids=[file.id], recipients_text="",
                message="", expires_on=None, download_limit=None, about=found[0].id,
            )  # fmt: skip
            assert read(portal, context)[1] == []
            return context
    raise AssertionError("it was never made")


def test_its_owner_sees_how_many_are_on_the_way(portal: Running) -> None:
    made, services = begin(portal), portal.portal.services
    assert get_share(ANA, made.about, services).coming == len(SOME)
    tick(portal, minutes=3)
    view = get_share(ANA, made.about, services)
    assert (view.coming, len(view.recipients)) == (0, len(SOME))


def test_withdrawn_before_all_are_made_nobody_else_is(portal: Running) -> None:
    made = begin(portal)
    withdraw(portal, made)
    tick(portal, minutes=3)
    assert read(portal, made)[1] == []
    assert portal.portal.services.spreads.get(made.about) is None
    assert list_mails(portal) == []


def test_whoever_is_on_the_way_is_not_added_again(portal: Running) -> None:
    made = begin(portal)
    done = add(portal, made, [SOME[-1], "late@example.com"])
    assert [each.address for each in done.added] == ["late@example.com"]
    assert done.known == (SOME[-1],)
    tick(portal, minutes=3)
    assert list_addresses(portal, made) == sorted([*SOME, "late@example.com"])


def withdraw(portal: Running, made: ShareFiles) -> None:
    withdraw_share(portal, ANA, made.about)


def add(portal: Running, made: ShareFiles, people: list[str]) -> recipients.AddRecipients:
    return run(adding.ADD_RECIPIENTS, draft_adding(portal, made, people), portal.portal.services)


def draft_adding(portal: Running, made: ShareFiles, people: list[str]) -> recipients.AddRecipients:
    return recipients.AddRecipients(
        make_request(ANA, portal), share_id=made.about, recipients_text="\n".join(people)
    )


def make_reader(address: str) -> Person:
    return replace(make_person("Pat Reader"), address=address)


def test_what_is_done_with_a_share_of_few_is_done_with_one_of_many(portal: Running) -> None:
    made = give(portal, SOME)
    file, token, services = made.files[0], link_token(portal, made, 50), portal.portal.services
    visit_link(portal, token)
    download_file(portal, token, file)
    reader = make_reader(SOME[3])
    received = list_received(reader, services).page.items
    assert [each.share.id for each in received] == [made.about]
    share = read(portal, made)[0]
    edited = change.ChangeShare(
        make_request(ANA, portal), share_id=share.id, version=share.version, message="Look again.",
        expires_on=None, download_limit=None, ends_at=share.expires_at + timedelta(days=2),
    )  # fmt: skip
    run(change.CHANGE_SHARE, edited, services)
    (offered,) = list_received(reader, services).page.items
    assert (offered.share.message, offered.share.expires_at) == (
        "Look again.",
        share.expires_at + timedelta(days=2),
    )
    wrong = next(each for each in read(portal, made)[1] if each.address == SOME[7])
    corrected = correcting.CorrectAddress(
        make_request(ANA, portal),
        share_id=share.id,
        recipient_id=wrong.id,
        recipients_text="right@example.com",
    )
    run(correcting.CORRECT_ADDRESS, corrected, services)
    withdraw(portal, made)
    with pytest.raises(Refusal):
        visit_link(portal, token)
    (gone,) = list_received(reader, services).page.items
    assert gone.closed == "withdrawn"


def test_a_share_of_few_takes_as_many(portal: Running) -> None:
    """It loses its copies on the way, and what was received shows the share as it is all the same."""
    made = give(portal, MANY[:30])
    done = add(portal, made, MANY[30:150])
    assert sorted(each.address for each in done.added) == MANY[30:150]
    assert list_addresses(portal, made) == MANY[:150]
    assert read(portal, made)[0].has_copies is False
    assert sum(int(each["details"]["M"]["recipients"]["S"]) for each in added_records(portal)) == 120
    share = read(portal, made)[0]
    for address in (MANY[0], MANY[149]):
        (offered,) = list_received(make_reader(address), portal.portal.services).page.items
        assert offered.share == replace(share, addresses=offered.share.addresses)
    withdraw(portal, made)
    (offered,) = list_received(make_reader(MANY[0]), portal.portal.services).page.items
    assert offered.share.state is ShareState.WITHDRAWN


def added_records(portal: Running) -> list[Any]:
    return list_records(portal, "recipient.added")


def test_nobody_is_added_where_not_all_can_be_written_to(portal: Running) -> None:
    made = give(portal, MANY[:20])
    services = portal.portal.services
    few = replace(services, limits=replace(services.limits, max_mails_a_day=120))
    with pytest.raises(MailsUsedUp):
        run(adding.ADD_RECIPIENTS, draft_adding(portal, made, MANY[20:121]), few)
    assert list_addresses(portal, made) == MANY[:20]


def test_who_changed_it_by_what_it_was_with_copies_is_asked_again(portal: Running) -> None:
    """A change that was drafted before the copies went must not write into them."""
    made, services = give(portal, MANY[:50]), portal.portal.services
    before, people = read(portal, made)
    add(portal, made, MANY[50:60])
    record = replace(made.required_record, at=portal.clock())
    assert not services.changes.change(before, replace(before, message="Late."), people, [], record)
    withdraw(portal, made)
    assert read(portal, made)[0].state is ShareState.WITHDRAWN
