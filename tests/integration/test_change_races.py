"""Changes that meet, on a table that is atomic: one wins, the other is told, and nothing comes back."""

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
from portal.config.settings import Config
from portal.domain.errors import Refusal
from portal.domain.files.file import File
from portal.domain.shares.share import RecipientState, Share, ShareState
from portal.engine.services import Services
from portal.engine.workflow import run
from portal.local.session import LocalPortal
from portal.workflows.shares import adding, change, recipients, revoke
from portal.workflows.shares.sharing import ShareFiles
from tests.actions import download_file, link_token, make_person, make_request, share_files, upload_file
from tests.builders import Running, TrueClock

pytestmark = pytest.mark.requirement("R63")

ANA = make_person("Ana Lopes")
DONE = "done"


@pytest.fixture
def running(local: LocalPortal, services: Services) -> Running:
    """The portal in this process, on embedded AWS and the true clock, below the pages."""
    clock = TrueClock()
    return Running(build(Config.from_env(local.environment), clock), clock)


@pytest.fixture
def file(running: Running) -> File:
    return upload_file(running, ANA)


def run_at_once(calls: list[Callable[[], object]]) -> list[str]:
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
    context = change.ChangeShare(make_request(ANA, running), share_id=seen.id, version=seen.version, **fields)
    return partial(run, change.CHANGE_SHARE, context, running.portal.services)


def withdrawing(running: Running, made: ShareFiles) -> Callable[[], object]:
    context = revoke.Withdraw(make_request(ANA, running), share_id=made.about)
    return partial(run, revoke.WITHDRAW_SHARE, context, running.portal.services)


def draft_adding(running: Running, made: ShareFiles, text: str) -> Callable[[], object]:
    context = recipients.AddRecipients(make_request(ANA, running), share_id=made.about, recipients_text=text)
    return partial(run, adding.ADD_RECIPIENTS, context, running.portal.services)


def later(days: int) -> date:
    return (datetime.now(UTC) + timedelta(days=days)).date()


def test_of_ten_who_change_it_at_once_one_does(running: Running, file: File) -> None:
    """The other nine are told, and none of them wrote over the one."""
    made = share_files(running, ANA, [file])
    seen = as_it_is(running, made)
    got = run_at_once([changing(running, seen, message=f"from {n}") for n in range(10)])
    assert Counter(got) == {DONE: 1, "changed_meanwhile": 9}
    assert as_it_is(running, made).message == f"from {got.index(DONE)}"
    assert as_it_is(running, made).version == 2


@pytest.mark.requirement("R47", "R48", "I5")
def test_no_extension_outruns_a_withdrawal(running: Running, file: File) -> None:
    """Whichever comes first, in the end the share is withdrawn, also in the lists of it."""
    made = share_files(running, ANA, [file])
    seen = as_it_is(running, made)
    extensions = [changing(running, seen, expires_on=later(20 + n)) for n in range(8)]
    got = run_at_once([*extensions, withdrawing(running, made)])
    assert got[-1] == DONE
    assert set(got[:-1]) <= {DONE, "changed_meanwhile", "withdrawn"}
    assert as_it_is(running, made).state is ShareState.WITHDRAWN
    assert run_at_once([partial(download_file, running, link_token(running, made), file)]) == ["withdrawn"]
    found = running.portal.services.shares.list_for_address("partner@example.com", None, 100)
    [copy] = [share for share, _ in found.items if share.id == made.about]
    assert copy.state is ShareState.WITHDRAWN


@pytest.mark.requirement("R49", "I1")
def test_a_lower_limit_holds_from_the_moment_it_was_set(running: Running, file: File) -> None:
    """Of twenty downloads at once those after the change count against the new limit."""
    made = share_files(running, ANA, [file], download_limit=100)
    press = partial(download_file, running, link_token(running, made), file)
    got = run_at_once([changing(running, as_it_is(running, made), download_limit=5), *[press] * 20])
    assert got[0] == DONE
    assert set(got[1:]) <= {DONE, "spent"}
    found = running.portal.services.shares.get_with_recipient(made.about, made.recipients[0].id)
    assert found is not None
    counted = found[1].download_count
    assert counted == got[1:].count(DONE)
    after = run_at_once([press] * 6)
    assert after.count(DONE) == max(0, 5 - counted)


@pytest.mark.requirement("R48")
def test_who_is_added_while_it_is_withdrawn_is_withdrawn_too(running: Running, file: File) -> None:
    """No copy of the share stays open, and no email of it is left to be sent."""
    made = share_files(running, ANA, [file])
    many = [draft_adding(running, made, f"late{n}-{made.about}@example.com") for n in range(8)]
    got = run_at_once([*many, withdrawing(running, made)])
    assert got[-1] == DONE
    services = running.portal.services
    found = services.shares.get_with_recipients(made.about)
    assert found is not None
    assert len(found[0].addresses) == len(found[1]) == 1 + got[:-1].count(DONE)
    for each in found[1]:
        listed = services.shares.list_for_address(each.address, None, 100).items
        assert {share.state for share, _ in listed if share.id == made.about} == {ShareState.WITHDRAWN}
    assert made.about not in {place.share_id for place in services.outbox.list_due(datetime.now(UTC), 100)}


@pytest.mark.requirement("R51", "R52", "I7")
def test_ten_who_add_the_same_person_add_one(running: Running, file: File) -> None:
    """One recipient, one email; then ten presses of Send again are one more."""
    made = share_files(running, ANA, [file])
    address = f"one-{made.about}@example.com"
    assert set(run_at_once([draft_adding(running, made, address)] * 10)) == {DONE}
    services = running.portal.services
    found = services.shares.get_with_recipients(made.about)
    assert found is not None
    [added] = [each for each in found[1] if each.address == address]
    assert added.state is RecipientState.OPEN
    context = recipients.SendAgain(make_request(ANA, running), share_id=made.about, recipient_id=added.id,
                                   seen=added.mail.message_id)  # fmt: skip
    assert set(run_at_once([partial(run, recipients.SEND_AGAIN, context, services)] * 10)) == {DONE}
    log = services.audit.list_about(made.about, None, 200).items
    mine = Counter(each.action.value for each in log if each.details.get("to") == address)
    assert mine == {"recipient.added": 1, "mail.sent": 2, "mail.again": 1}


@pytest.mark.requirement("R62")
def test_a_full_share_is_changed_in_one_transaction(running: Running) -> None:
    """With the most files and recipients a share may have, all their copies at once."""
    files = [upload_file(running, ANA, f"{n}.pdf") for n in range(40)]
    people = "\n".join(f"crowd{n}@example.com" for n in range(50))
    made = share_files(running, ANA, files, recipients_text=people, expires_on=later(3))
    changing(running, as_it_is(running, made), expires_on=later(90), message="For all")()
    share = as_it_is(running, made)
    found = running.portal.services.files.get_many(ANA.id, [file.id for file in files])
    assert {each.keep_until for each in found} == {share.expires_at}
    for n in (0, 49):
        listed = running.portal.services.shares.list_for_address(f"crowd{n}@example.com", None, 10).items
        assert "For all" in {copy.message for copy, _ in listed}
