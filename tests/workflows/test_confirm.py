"""Confirming an address by a code, and the password after it: how often, for whom, how long (R44-R46)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from portal.domain.errors import Invalid, NotFound, Refusal, TooMany, Unavailable
from portal.domain.files import File
from portal.domain.letters import MailRefused
from portal.domain.links import LinkKeys
from portal.domain.proofs import Proof
from portal.workflows import confirm, download, opening
from portal.workflows.engine import run
from portal.workflows.mail import feedback
from tests.builders import Running
from tests.doing import (
    asked_by,
    code_sent,
    mails,
    new_id,
    opened,
    recorded,
    rows,
    shared,
    somebody,
    token_of,
    unlocking,
    uploaded,
)

ANA, CAROL = somebody("Ana Lopes"), somebody("Carol")


@pytest.fixture
def token(portal: Running) -> str:
    return token_of(portal, made(portal))


def made(running: Running, **rules: Any) -> Any:
    asked = {"recipients_text": "carol@example.org, dave@example.org", "confirm": True} | rules
    return shared(running, ANA, [uploaded(running, ANA)], **asked)


def confirmed(running: Running, token: str, code_id: str, code: str, browser: str = "browser") -> Proof:
    context = unlocking(running, token, browser, code_id=code_id, code=code)
    proof = run(confirm.CONFIRM_ADDRESS, context, running.portal.services).proof
    assert proof is not None
    return proof


def reason(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.reason


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def fetched(running: Running, token: str, proof: Proof | None, file: File | None = None) -> str:
    """A press of Download with what a browser has shown."""
    share = running.portal.services.shares.get(token[:26])
    assert share is not None
    context = download.Download(
        now=running.clock(), actor=unlocking(running, token).actor, token=token, proof=proof,
        file_id=file.id if file else share.files[0].id, attempt_id=new_id(running),
    )  # fmt: skip
    return run(download.DOWNLOAD, context, running.portal.services).address


def test_the_code_opens_the_link_for_an_hour(portal: Running, token: str) -> None:
    assert reason(lambda: opened(portal, token)) == "unconfirmed"
    proof = confirmed(portal, token, *code_sent(portal, token))
    portal.clock.turn(minutes=59)
    assert fetched(portal, token, proof)
    portal.clock.turn(minutes=1)
    assert reason(lambda: fetched(portal, token, proof)) == "unconfirmed"


def test_a_code_is_good_for_once(portal: Running, token: str) -> None:
    code_id, code = code_sent(portal, token)
    confirmed(portal, token, code_id, code)
    assert reason(lambda: confirmed(portal, token, code_id, code)) == "code_over"


def test_a_code_lives_ten_minutes(portal: Running, token: str) -> None:
    code_id, code = code_sent(portal, token)
    portal.clock.turn(minutes=10)
    assert reason(lambda: confirmed(portal, token, code_id, code)) == "code_over"


def test_the_newest_code_is_the_only_one(portal: Running, token: str) -> None:
    old, new = code_sent(portal, token), code_sent(portal, token)
    assert reason(lambda: confirmed(portal, token, *old)) == "code_over"
    assert confirmed(portal, token, *new)


def test_five_tries_a_code_the_right_one_among_them(portal: Running, token: str) -> None:
    code_id, code = code_sent(portal, token)
    for _ in range(5):
        assert reason(lambda: confirmed(portal, token, code_id, other_than(code))) == "wrong_code"
    with pytest.raises(TooMany) as refused:
        confirmed(portal, token, code_id, code)
    assert (refused.value.reason, refused.value.status) == ("code_tries", 429)
    assert refused.value.retry_after_seconds
    assert confirmed(portal, token, *code_sent(portal, token))


def test_five_codes_an_hour_for_that_recipient_only(portal: Running) -> None:
    """429 says when; the hour moves along; another recipient of the same share is not touched."""
    new = made(portal)
    carol, dave = token_of(portal, new), token_of(portal, new, 1)
    for _ in range(5):
        code_sent(portal, carol)
        portal.clock.turn(minutes=5)
    with pytest.raises(TooMany) as refused:
        code_sent(portal, carol)
    assert refused.value.retry_after_seconds == 35 * 60 + 1
    assert code_sent(portal, dave)
    portal.clock.turn(minutes=35, seconds=1)
    assert code_sent(portal, carol)
    assert reason(lambda: code_sent(portal, carol)) == "too_many_codes"


@pytest.mark.parametrize("other", ["browser", "recipient", "share", "request"])
def test_a_code_counts_for_nothing_else(portal: Running, other: str) -> None:
    """R44: bound to share, recipient, browser and request."""
    new = made(portal)
    token, browser = token_of(portal, new), "browser"
    code_id, code = code_sent(portal, token)
    if other == "recipient":
        token = token_of(portal, new, 1)
        code_sent(portal, token)
    elif other == "share":
        token = token_of(portal, made(portal))
        code_sent(portal, token)
    elif other == "browser":
        browser = "another"
    else:
        code_id = "of another request"
    with pytest.raises(Invalid):
        confirmed(portal, token, code_id, code, browser)


def test_a_proof_counts_for_nothing_else(portal: Running) -> None:
    """Neither for the other recipient, nor another share, nor a new generation of the link."""
    new = made(portal)
    token = token_of(portal, new)
    proof = confirmed(portal, token, *code_sent(portal, token))
    for other in (token_of(portal, new, 1), token_of(portal, made(portal))):
        assert reason(lambda other=other: fetched(portal, other, proof)) == "unconfirmed"
    for changed in ({"generation": 2}, {"steps": frozenset()}, {"share_id": "0" * 26}):
        assert (
            reason(lambda changed=changed: fetched(portal, token, replace(proof, **changed))) == "unconfirmed"
        )


def test_a_generation_of_the_link_has_codes_of_its_own(portal: Running, token: str) -> None:
    code_id, code = code_sent(portal, token)
    services = portal.portal.services
    assert LinkKeys.opens(services.links, download.links.parse(token) or download.NOBODY, 1)
    sent = services.codes.newest(services.shares.with_recipient(token[:26], token[26:52])[1])  # type: ignore[index]
    assert sent is not None
    bound = [token[:26], token[26:52], "2", "browser", code_id]
    assert not services.code_keys.fits(sent.mark, code, bound)
    assert services.code_keys.fits(sent.mark, code, [*bound[:2], "1", *bound[3:]])


def test_signed_in_recipients_need_no_code(portal: Running, token: str) -> None:
    """Only with the very address, and only once the provider has verified it."""
    context = opening.Open(**asked_by(CAROL, portal), token=token)
    assert run(opening.OPEN, context, portal.portal.services).share
    for person in (replace(CAROL, address_verified=False), somebody("Dave")):
        stranger = replace(context, person=person)
        assert (
            reason(lambda stranger=stranger: run(opening.OPEN, stranger, portal.portal.services))
            == "unconfirmed"
        )


def test_a_sender_may_look_and_not_download(portal: Running, token: str) -> None:
    looking = opening.Open(**asked_by(ANA, portal), token=token)
    share = run(opening.OPEN, looking, portal.portal.services).share
    assert share is not None
    pressing = download.Download(
        **asked_by(ANA, portal), token=token, file_id=share.files[0].id, attempt_id=new_id(portal)
    )
    assert reason(lambda: run(download.DOWNLOAD, pressing, portal.portal.services)) == "forbidden"
    assert recorded(portal, "recipient.link_opened") == []


def test_nothing_keeps_the_code(portal: Running, token: str) -> None:
    """Table and audit log hold a mark under a key; the mail holds the code and no link."""
    code_id, code = code_sent(portal, token)
    body = mails(portal)[-1].body
    assert code in body
    assert "/d/" not in body
    assert token not in body
    assert code not in re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+|\d{7,}", "", str(rows(portal)))
    confirmed(portal, token, code_id, code)
    for action in ("recipient.code_sent", "recipient.confirmed"):
        (record,) = recorded(portal, action)
        assert record["outcome"]["S"] == "done"
        assert record["details"]["M"]["to"]["S"] == "carol@example.org"


def test_wrong_codes_are_recorded_once_an_hour(portal: Running, token: str) -> None:
    code_id, code = code_sent(portal, token)
    for _ in range(3):
        assert reason(lambda: confirmed(portal, token, code_id, other_than(code))) == "wrong_code"
    (record,) = recorded(portal, "recipient.confirmed")
    assert (record["outcome"]["S"], record["reason"]["S"]) == ("refused", "wrong_code")


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "１２３４５６", "%00", "x" * 9999])
def test_what_is_no_code_costs_no_try(portal: Running, token: str, typed: str) -> None:
    code_id, code = code_sent(portal, token)
    for _ in range(6):
        assert reason(lambda: confirmed(portal, token, code_id, typed)) == "code_form"
    assert confirmed(portal, token, code_id, f" {code[:3]} {code[3:]}\n")


def test_a_link_that_asks_for_nothing_sends_nothing(portal: Running) -> None:
    token = token_of(portal, made(portal, confirm=False))
    with pytest.raises(NotFound):
        code_sent(portal, token)
    assert fetched(portal, token, None)


@pytest.mark.parametrize("news", ["bounce", "complaint"])
def test_where_mail_does_not_arrive_no_more_is_sent(portal: Running, token: str, news: str) -> None:
    """R55."""
    services = portal.portal.services
    found = services.shares.with_recipient(token[:26], token[26:52])
    assert found is not None
    feedback(services, news, found[1].mail.message_id, portal.clock(), "mailbox unavailable")
    sent = len(mails(portal))
    assert reason(lambda: code_sent(portal, token)) == "no_mail_arrives"
    assert len(mails(portal)) == sent


def test_a_limiter_that_does_not_answer_is_closed(portal: Running, token: str) -> None:
    """R46: no claim, no comparison."""
    code_id, code = code_sent(portal, token)

    class Silent:
        def newest(self, recipient: object) -> object:
            raise Unavailable()

    services = replace(portal.portal.services, codes=Silent())  # type: ignore[arg-type]
    context = unlocking(portal, token, code_id=code_id, code=code)
    with pytest.raises(Unavailable):
        run(confirm.CONFIRM_ADDRESS, context, services)


@pytest.mark.parametrize("problem", [Unavailable(), MailRefused(reason="Throttled")])
def test_a_code_whose_mail_failed_is_not_counted(portal: Running, token: str, problem: Refusal) -> None:
    """R44: five of an hour are five mails; and what did not go out opens nothing."""

    class Fails:
        def send(self, letter: object) -> str:
            raise problem

    services = replace(portal.portal.services, mailer=Fails())  # type: ignore[arg-type]
    for _ in range(6):
        with pytest.raises(type(problem)):
            run(confirm.SEND_CODE, unlocking(portal, token), services)
    for _ in range(5):
        code_id, code = code_sent(portal, token)
    assert reason(lambda: code_sent(portal, token)) == "too_many_codes"
    context = unlocking(portal, token, code_id=code_id, code=code)
    assert run(confirm.CONFIRM_ADDRESS, context, portal.portal.services).proof
