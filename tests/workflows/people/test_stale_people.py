"""Each part of the conditions on people and their sessions refuses, by itself, what was overtaken since."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal.aws.client.keys import profile_key
from portal.aws.client.writes import update
from portal.aws.tables.profiles import check_trust
from portal.domain.audit.record import Trust
from portal.domain.errors import SignInNeeded
from portal.domain.people.person import Session
from tests.builders import Running
from tests.overtaken import ANA, Cases, Write, record, services

CASES = Cases()
KEY = "a" * 64


def visited(portal: Running) -> None:
    services(portal).people.record_visit(ANA, portal.clock(), record(portal, ANA.id))


def session_of(portal: Running, **changes: Any) -> Session:
    now = portal.clock()
    session = Session(ANA, "csrf", now, now, now, now + timedelta(hours=12))
    portal.portal.sessions.create(KEY, session)
    return replace(session, **changes)


@CASES.expect(0)
def sessions_ended_of_somebody_who_is_gone(portal: Running) -> Write:
    """Nothing of theirs comes back by it."""
    return lambda: services(portal).people.end_sessions(ANA, portal.clock())


@CASES.expect(None)
def closed_by_somebody_who_is_gone(portal: Running) -> Write:
    return lambda: services(portal).people.close(ANA, portal.clock(), record(portal, ANA.id))


@CASES.expect(False)
def emails_switched_by_somebody_who_is_gone(portal: Running) -> Write:
    people = services(portal).people
    return lambda: people.switch_mails(ANA.id, frozenset(), record(portal, ANA.id), keep=False)


@CASES.expect(None)
def removed_by_another_run_since(portal: Running) -> Write:
    """People are counted down once."""
    visited(portal)
    services(portal).people.remove(ANA, record(portal, ANA.id))
    return lambda: services(portal).people.remove(ANA, record(portal, ANA.id))


@CASES.expect(False)
def seen_in_a_session_that_ended(portal: Running) -> Write:
    session = session_of(portal)
    portal.portal.sessions.end(ANA.id, KEY)
    return lambda: portal.portal.sessions.touch(KEY, session)


def claim(portal: Running, session: Session, name: str, seconds: float = 0) -> Write:
    now = portal.clock() + timedelta(seconds=seconds)
    return lambda: portal.portal.sessions.claim_check(KEY, session, name, now, now + timedelta(seconds=10))


@CASES.expect(False)
def checked_in_a_session_that_ended(portal: Running) -> Write:
    session = session_of(portal)
    portal.portal.sessions.end(ANA.id, KEY)
    return claim(portal, session, "mine")


@CASES.expect(False)
def checked_by_another_request_since(portal: Running) -> Write:
    session = session_of(portal)
    assert claim(portal, session, "theirs")()
    later = replace(session, checked_at=portal.clock() + timedelta(seconds=1))
    assert portal.portal.sessions.renew(KEY, later, "theirs")
    return claim(portal, session, "mine", 60)


@CASES.expect(False)
def checked_while_another_request_asks(portal: Running) -> Write:
    session = session_of(portal)
    assert claim(portal, session, "theirs")()
    return claim(portal, session, "mine", 9.999)


@CASES.expect(False)
def renewed_by_who_took_too_long(portal: Running) -> Write:
    session = session_of(portal)
    assert claim(portal, session, "first")()
    assert claim(portal, session, "second", 10)()
    return lambda: portal.portal.sessions.renew(KEY, session, "first")


@pytest.mark.parametrize("name", CASES)
def test_what_was_overtaken_is_not_written(portal: Running, name: str) -> None:
    CASES.check(name, portal)


def test_a_claim_is_its_own_when_it_is_repeated_and_anyones_once_it_has_ended(portal: Running) -> None:
    session = session_of(portal)
    assert claim(portal, session, "mine")()
    assert claim(portal, session, "mine", 1)()
    assert claim(portal, session, "theirs", 11)()


def test_who_comes_again_is_counted_once_and_keeps_what_they_chose(portal: Running) -> None:
    visited(portal)
    services(portal).shares.table.write(update(profile_key(ANA.id), "SET #mails_off = :off", off={"expiry"}))
    visited(portal)
    assert services(portal).people.get_totals().people == 1
    assert services(portal).shares.table.get(profile_key(ANA.id))["mails_off"] == {"expiry"}


@pytest.mark.parametrize("ended", ["closing_at", "disabled_at", "signed_out_at"])
@pytest.mark.parametrize(("seconds", "counts"), [(-1, False), (0, False), (1, True)])
def test_what_was_given_out_counts_until_it_is_ended(
    portal: Running, ended: str, seconds: float, counts: bool
) -> None:
    """A session or key of the very moment has ended as well; a closed or disabled account has none."""
    visited(portal)
    table, now = services(portal).shares.table, portal.clock()
    if ended == "signed_out_at":
        services(portal).people.end_sessions(ANA, now)
    else:
        table.write(update(profile_key(ANA.id), f"SET #{ended} = :now", now="now"))
    since = now + timedelta(seconds=seconds)
    guard = list(check_trust(Trust(ANA.id, since)))
    if counts and ended == "signed_out_at":
        table.transact(guard)
    else:
        with pytest.raises(SignInNeeded):
            table.transact(guard)
    trusted = services(portal).people.get_trusted(ANA.id, since)
    assert (trusted is not None) == (counts and ended == "signed_out_at")
