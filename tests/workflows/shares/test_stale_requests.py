"""Each part of the conditions on requests for more refuses, by itself, what was overtaken since."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.domain.mail.mail_job import MailJob
from portal.domain.mail.notifications import Notification, NotificationKind
from portal.domain.shares.share import AccessRequest, AccessRequestState, Recipient, RequestResult, Share
from tests.actions import make_id, share_files, upload_file, withdraw_share
from tests.builders import Running
from tests.overtaken import ANA, Cases, Write, make_share, read, record, services
from tests.workflows.shares.test_change import change_share

CASES = Cases()
DAY = timedelta(days=1)


def notice(portal: Running, recipient: Recipient) -> Notification:
    job = MailJob.first(portal.clock())
    return Notification(
        make_id(portal), NotificationKind.DECLINED, recipient.address, recipient.share_id, mail=job
    )


def ask(portal: Running, recipient: Recipient, most: int = 3) -> Write:
    now = portal.clock()
    return lambda: services(portal).access_requests.request(
        recipient,
        AccessRequest(now),
        now - DAY,
        most,
        notice(portal, recipient),
        record(portal, recipient.share_id),
    )


def ask_meanwhile(portal: Running) -> tuple[Share, Recipient]:
    """A share, and its recipient, whose request waits for an answer."""
    share, recipient = make_share(portal)
    assert ask(portal, recipient)() == RequestResult.REQUESTED
    return read(portal, share.id, recipient.id)


def decline(portal: Running, share: Share, recipient: Recipient) -> Write:
    assert recipient.asking is not None
    answered = replace(recipient, asking=replace(recipient.asking, state=AccessRequestState.DECLINED))
    told = notice(portal, recipient)
    return lambda: services(portal).access_requests.decline(share, answered, told, record(portal, share.id))


def withdraw(portal: Running, share: Share, recipient: Recipient | None = None) -> None:
    withdraw_share(portal, ANA, share.id, recipient.id if recipient else "")


@CASES.expect(RequestResult.REQUESTED_LATELY)
def asked_by_somebody_withdrawn_since(portal: Running) -> Write:
    share, recipient = make_share(portal)
    withdraw(portal, share, recipient)
    return ask(portal, recipient)


@CASES.expect(RequestResult.REQUESTED_LATELY)
def asked_twice_on_one_day(portal: Running) -> Write:
    """Exactly a day after the first request is still too early."""
    _, recipient = make_share(portal)
    assert ask(portal, recipient)() == RequestResult.REQUESTED
    portal.clock.turn(days=1)
    return ask(portal, recipient)


@CASES.expect(RequestResult.TOO_MANY_WAIT)
def asked_of_a_share_withdrawn_since(portal: Running) -> Write:
    share, recipient = make_share(portal)
    withdraw(portal, share)
    return ask(portal, recipient)


@CASES.expect(RequestResult.TOO_MANY_WAIT)
def asked_again_of_a_share_withdrawn_since(portal: Running) -> Write:
    """A request that is repeated takes no room, and the share is asked all the same."""
    share, recipient = ask_meanwhile(portal)
    portal.clock.turn(days=2)
    withdraw(portal, share)
    return ask(portal, recipient)


@CASES.expect(RequestResult.TOO_MANY_WAIT)
def asked_where_another_took_the_last_room(portal: Running) -> Write:
    made = share_files(
        portal, ANA, [upload_file(portal, ANA)], recipients_text="a@example.com, b@example.com"
    )
    first, second = (read(portal, made.about, each.id)[1] for each in made.recipients)
    assert ask(portal, first, most=1)() == RequestResult.REQUESTED
    return ask(portal, second, most=1)


@CASES.expect(False)
def answered_by_somebody_else_since(portal: Running) -> Write:
    share, recipient = ask_meanwhile(portal)
    assert decline(portal, share, recipient)()
    return decline(portal, share, recipient)


@CASES.expect(False)
def answered_in_a_share_withdrawn_since(portal: Running) -> Write:
    share, recipient = ask_meanwhile(portal)
    withdraw(portal, share)
    return decline(portal, share, recipient)


@CASES.expect(False)
def given_days_of_a_share_changed_since(portal: Running) -> Write:
    made = share_files(portal, ANA, [upload_file(portal, ANA)])
    share, recipient = read(portal, made.about, made.recipients[0].id)
    assert ask(portal, recipient)() == RequestResult.REQUESTED
    answered = replace(recipient, asking=AccessRequest(portal.clock(), state=AccessRequestState.GIVEN))
    change_share(portal, made, message="first")
    told, until = notice(portal, recipient), share.expires_at + DAY
    return lambda: services(portal).access_requests.approve(
        share, [recipient], answered, until, [], told, record(portal, share.id)
    )


@CASES.expect(None)
def mail_put_off_that_a_worker_has(portal: Running) -> Write:
    _, recipient = make_share(portal)
    outbox, told = services(portal).outbox, notice(portal, recipient)
    assert outbox.queue(told)
    portal.clock.turn(seconds=1)
    assert outbox.claim(told, portal.clock(), 60)
    return lambda: outbox.put_off(told, portal.clock() + DAY)


@pytest.mark.parametrize("name", CASES)
def test_what_was_overtaken_is_not_written(portal: Running, name: str) -> None:
    CASES.check(name, portal)
