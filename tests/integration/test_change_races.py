"""Changes that meet, on a table that is atomic: one wins, the other is told, and nothing comes back (R63)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from portal.bootstrap import build
from portal.config import Config
from portal.domain.errors import Refusal
from portal.domain.files import File
from portal.domain.shares import RecipientState, Share, ShareState
from portal.local.session import LocalPortal
from portal.workflows import change, recipients, revoke
from portal.workflows.engine import run
from portal.workflows.services import Services
from portal.workflows.share import ShareFiles
from tests.builders import Running
from tests.doing import asked_by, downloaded, shared, somebody, token_of, uploaded

ANA = somebody("Ana Lopes")
DONE = "done"


def true_time() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def running(local: LocalPortal, services: Services) -> Running:
    """The portal in this process, on embedded AWS and the true clock, below the pages."""
    return Running(build(Config.from_env(local.environment)), true_time)  # type: ignore[arg-type]


@pytest.fixture
def file(running: Running) -> File:
    return uploaded(running, ANA)


def at_once(calls: list[Callable[[], object]]) -> list[str]:
    """Let all go in the same moment; each outcome is `DONE` or the refusal's reason."""
    gate = threading.Barrier(len(calls))

    def go(call: Callable[[], object]) -> str:
        gate.wait()
        try:
            call()
        except Refusal as refusal:
            return refusal.reason
        return DONE

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(go, calls))


def as_it_is(running: Running, made: ShareFiles) -> Share:
    share = running.portal.services.shares.get(made.about)
    assert share is not None
    return share


def changing(running: Running, seen: Share, **asked: Any) -> Callable[[], object]:
    fields = {"expires_on": None, "download_limit": seen.download_limit, "message": seen.message} | asked
    context = change.ChangeShare(**asked_by(ANA, running), share_id=seen.id, version=seen.version, **fields)
    return partial(run, change.CHANGE_SHARE, context, running.portal.services)


def withdrawing(running: Running, made: ShareFiles) -> Callable[[], object]:
    context = revoke.Withdraw(**asked_by(ANA, running), share_id=made.about)
    return partial(run, revoke.WITHDRAW_SHARE, context, running.portal.services)


def adding(running: Running, made: ShareFiles, text: str) -> Callable[[], object]:
    context = recipients.AddRecipients(**asked_by(ANA, running), share_id=made.about, recipients_text=text)
    return partial(run, recipients.ADD_RECIPIENTS, context, running.portal.services)


def later(days: int) -> date:
    return (true_time() + timedelta(days=days)).date()


def test_of_ten_who_change_it_at_once_one_does(running: Running, file: File) -> None:
    """R63: the other nine are told, and none of them wrote over the one."""
    made = shared(running, ANA, [file])
    seen = as_it_is(running, made)
    got = at_once([changing(running, seen, message=f"from {n}") for n in range(10)])
    assert Counter(got) == {DONE: 1, "changed_meanwhile": 9}
    assert as_it_is(running, made).message == f"from {got.index(DONE)}"
    assert as_it_is(running, made).version == 2


def test_no_extension_outruns_a_withdrawal(running: Running, file: File) -> None:
    """R47, R48, I5: whichever comes first, in the end the share is withdrawn, also in the lists of it."""
    made = shared(running, ANA, [file])
    seen = as_it_is(running, made)
    extensions = [changing(running, seen, expires_on=later(20 + n)) for n in range(8)]
    got = at_once([*extensions, withdrawing(running, made)])
    assert got[-1] == DONE
    assert set(got[:-1]) <= {DONE, "changed_meanwhile", "withdrawn"}
    assert as_it_is(running, made).state is ShareState.WITHDRAWN
    assert at_once([partial(downloaded, running, token_of(running, made), file)]) == ["withdrawn"]
    found = running.portal.services.shares.with_address("partner@example.com", None, 100)
    [copy] = [share for share, _ in found.items if share.id == made.about]
    assert copy.state is ShareState.WITHDRAWN


def test_a_lower_limit_holds_from_the_moment_it_was_set(running: Running, file: File) -> None:
    """R49, I1: of twenty downloads at once those after the change count against the new limit."""
    made = shared(running, ANA, [file], download_limit=100)
    press = partial(downloaded, running, token_of(running, made), file)
    got = at_once([changing(running, as_it_is(running, made), download_limit=5), *[press] * 20])
    assert got[0] == DONE
    assert set(got[1:]) <= {DONE, "spent"}
    found = running.portal.services.shares.with_recipient(made.about, made.recipients[0].id)
    assert found is not None
    counted = found[1].download_count
    assert counted == got[1:].count(DONE)
    after = at_once([press] * 6)
    assert after.count(DONE) == max(0, 5 - counted)


def test_who_is_added_while_it_is_withdrawn_is_withdrawn_too(running: Running, file: File) -> None:
    """R48: no copy of the share stays open, and no mail of it is left to be sent."""
    made = shared(running, ANA, [file])
    many = [adding(running, made, f"late{n}-{made.about}@example.com") for n in range(8)]
    got = at_once([*many, withdrawing(running, made)])
    assert got[-1] == DONE
    services = running.portal.services
    found = services.shares.with_recipients(made.about)
    assert found is not None
    assert len(found[0].addresses) == len(found[1]) == 1 + got[:-1].count(DONE)
    for each in found[1]:
        listed = services.shares.with_address(each.address, None, 100).items
        assert {share.state for share, _ in listed if share.id == made.about} == {ShareState.WITHDRAWN}
    assert made.about not in {place.share_id for place in services.outbox.due(true_time(), 100)}


def test_ten_who_add_the_same_person_add_one(running: Running, file: File) -> None:
    """R51, I7: one recipient, one mail; then ten presses of Send again are one more (R52)."""
    made = shared(running, ANA, [file])
    address = f"one-{made.about}@example.com"
    assert set(at_once([adding(running, made, address)] * 10)) == {DONE}
    services = running.portal.services
    found = services.shares.with_recipients(made.about)
    assert found is not None
    [added] = [each for each in found[1] if each.address == address]
    assert added.state is RecipientState.OPEN
    context = recipients.SendAgain(**asked_by(ANA, running), share_id=made.about, recipient_id=added.id,
                                   seen=added.mail.message_id)  # fmt: skip
    assert set(at_once([partial(run, recipients.SEND_AGAIN, context, services)] * 10)) == {DONE}
    log = services.audit.about(made.about, None, 200).items
    mine = Counter(each.action.value for each in log if each.details.get("to") == address)
    assert mine == {"recipient.added": 1, "mail.sent": 2, "mail.again": 1}


def test_a_full_share_is_changed_in_one_transaction(running: Running) -> None:
    """R62: with the most files and recipients a share may have, all their copies at once."""
    files = [uploaded(running, ANA, f"{n}.pdf") for n in range(40)]
    people = "\n".join(f"crowd{n}@example.com" for n in range(50))
    made = shared(running, ANA, files, recipients_text=people, expires_on=later(3))
    changing(running, as_it_is(running, made), expires_on=later(90), message="For all")()
    share = as_it_is(running, made)
    found = running.portal.services.files.get_many(ANA.id, [file.id for file in files])
    assert {each.keep_until for each in found} == {share.expires_at}
    for n in (0, 49):
        listed = running.portal.services.shares.with_address(f"crowd{n}@example.com", None, 10).items
        assert "For all" in {copy.message for copy, _ in listed}
