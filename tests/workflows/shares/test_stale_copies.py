"""What is written beside a share, or in the place of what was read, refuses where that is gone or another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.aws.client.keys import recipient_key, share_key
from portal.aws.client.writes import delete
from portal.aws.tables.share_changes import leave_share, withdraw_recipient
from portal.domain.mail.mail_job import MailJob
from portal.domain.shares.share import Recipient, RequestResult, Share
from tests.builders import Running
from tests.overtaken import Cases, Write, make_share, read, record, services
from tests.workflows.shares.test_stale_requests import ask, ask_meanwhile, decline

CASES = Cases()


def without_recipient(portal: Running) -> tuple[Share, Recipient]:
    """A share that is being removed: its recipients go first."""
    share, recipient = make_share(portal)
    services(portal).shares.table.write(delete(recipient_key(share.id, recipient.id)))
    return share, recipient


@CASES.expect(False)
def changed_while_it_is_removed(portal: Running) -> Write:
    """No copy comes back of which the removal knows nothing any more."""
    share, recipient = without_recipient(portal)
    after = replace(share, message="changed")
    return lambda: services(portal).changes.change(share, after, [recipient], [], record(portal, share.id))


@CASES.expect(False)
def withdrawn_by_somebody_else_since(portal: Running) -> Write:
    _, recipient = make_share(portal)
    take = [withdraw_recipient(recipient, portal.clock()), leave_share(recipient)]
    assert services(portal).shares.table.try_transact(take)
    return lambda: services(portal).shares.table.try_transact(take)


@CASES.expect(False)
def withdrawn_as_they_ask(portal: Running) -> Write:
    """The request would wait for ever, and take room from others."""
    _, recipient = make_share(portal)
    assert ask(portal, recipient)() == RequestResult.REQUESTED
    take = [withdraw_recipient(recipient, portal.clock()), leave_share(recipient)]
    return lambda: services(portal).shares.table.try_transact(take)


@CASES.expect(False)
def withdrawn_as_they_are_answered(portal: Running) -> Write:
    """The room that the request took is free already."""
    share, recipient = ask_meanwhile(portal)
    assert decline(portal, share, recipient)()
    take = [withdraw_recipient(recipient, portal.clock()), leave_share(recipient)]
    return lambda: services(portal).shares.table.try_transact(take)


@CASES.expect(False)
def withdrawn_with_their_request_as_the_share_goes(portal: Running) -> Write:
    """Nothing counts on a share that is not there."""
    share, recipient = ask_meanwhile(portal)
    services(portal).shares.table.write(delete(share_key(share.id)))
    take = [withdraw_recipient(recipient, portal.clock()), leave_share(recipient)]
    return lambda: services(portal).shares.table.try_transact(take)


@CASES.expect(False)
def brought_back_who_is_there(portal: Running) -> Write:
    share, recipient = make_share(portal)
    back = replace(recipient, generation=2, mail=MailJob.first(portal.clock()))
    return lambda: services(portal).changes.add(share, [back], record(portal, share.id), 100)


def test_who_was_answered_can_be_withdrawn(portal: Running) -> None:
    """An earlier request is in nobody's way."""
    share, recipient = ask_meanwhile(portal)
    assert decline(portal, share, recipient)()
    _, answered = read(portal, share.id, recipient.id)
    take = [withdraw_recipient(answered, portal.clock()), leave_share(answered)]
    assert services(portal).shares.table.try_transact(take)


@pytest.mark.parametrize("name", CASES)
def test_what_was_overtaken_is_not_written(portal: Running, name: str) -> None:
    CASES.check(name, portal)
