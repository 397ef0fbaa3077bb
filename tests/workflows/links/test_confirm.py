"""Confirming an address by a code, and the password after it: how often, for whom, how long."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from portal.domain.errors import Invalid, NotFound, Refusal, TooMany, Unavailable
from portal.domain.files.file import File
from portal.domain.links.proofs import Proof
from portal.domain.links.tokens import LinkKeys
from portal.domain.mail.email_message import MailRefused
from portal.engine.workflow import Request, run
from portal.workflows.links import confirmation, download, link_access
from portal.workflows.mail.mail_jobs import record_feedback
from tests.actions import (
    link_token,
    list_mails,
    list_records,
    list_rows,
    make_id,
    make_other_code,
    make_person,
    make_request,
    make_unlock,
    send_code,
    share_files,
    upload_file,
    visit_link,
)
from tests.builders import Running

pytestmark = pytest.mark.requirement("R44", "R45", "R46")

ANA, CAROL = make_person("Ana Lopes"), make_person("Carol")


@pytest.fixture
def token(portal: Running) -> str:
    return link_token(portal, share_one_file(portal))


def share_one_file(running: Running, **rules: Any) -> Any:
    asked = {"recipients_text": "carol@example.org, dave@example.org", "confirm": True} | rules
    return share_files(running, ANA, [upload_file(running, ANA)], **asked)


def confirm_link(running: Running, token: str, code_id: str, code: str, browser: str = "browser") -> Proof:
    context = make_unlock(running, token, browser, code_id=code_id, code=code)
    proof = run(confirmation.CONFIRM_ADDRESS, context, running.portal.services).proof
    assert proof is not None
    return proof


def reason(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.reason


def press_download(running: Running, token: str, proof: Proof | None, file: File | None = None) -> str:
    """A press of Download with what a browser has shown."""
    share = running.portal.services.shares.get(token[:26])
    assert share is not None
    context = download.Download(
        Request(running.clock(), make_unlock(running, token).actor), token=token, proof=proof,
        file_id=file.id if file else share.first_files[0].id, attempt_id=make_id(running),
    )  # fmt: skip
    return run(download.DOWNLOAD, context, running.portal.services).address


def test_the_code_opens_the_link_for_an_hour(portal: Running, token: str) -> None:
    assert reason(lambda: visit_link(portal, token)) == "unconfirmed"
    proof = confirm_link(portal, token, *send_code(portal, token))
    portal.clock.turn(minutes=59)
    assert press_download(portal, token, proof)
    portal.clock.turn(minutes=1)
    assert reason(lambda: press_download(portal, token, proof)) == "unconfirmed"


@pytest.mark.requirement("R74")
def test_a_code_is_good_for_once_and_its_answer_for_a_minute(portal: Running, token: str) -> None:
    """The browser whose answer was lost asks again, and nobody else; one record."""
    code_id, code = send_code(portal, token)
    confirm_link(portal, token, code_id, code)
    portal.clock.turn(seconds=59)
    assert confirm_link(portal, token, code_id, code)
    assert reason(lambda: confirm_link(portal, token, code_id, code, "another")) == "wrong_code"
    assert reason(lambda: confirm_link(portal, token, code_id, make_other_code(code))) == "wrong_code"
    outcomes = [each["outcome"]["S"] for each in list_records(portal, "recipient.confirmed")]
    assert outcomes.count("done") == 1
    portal.clock.turn(seconds=1)
    assert reason(lambda: confirm_link(portal, token, code_id, code)) == "code_over"


def test_what_was_used_a_moment_ago_cannot_be_guessed_either(portal: Running, token: str) -> None:
    """The same five tries."""
    code_id, code = send_code(portal, token)
    confirm_link(portal, token, code_id, code)
    for _ in range(4):
        assert reason(lambda: confirm_link(portal, token, code_id, make_other_code(code))) == "wrong_code"
    assert reason(lambda: confirm_link(portal, token, code_id, code)) == "code_tries"


def test_a_code_lives_ten_minutes(portal: Running, token: str) -> None:
    code_id, code = send_code(portal, token)
    portal.clock.turn(minutes=10)
    assert reason(lambda: confirm_link(portal, token, code_id, code)) == "code_over"


def test_the_newest_code_is_the_only_one(portal: Running, token: str) -> None:
    old, new = send_code(portal, token), send_code(portal, token)
    assert reason(lambda: confirm_link(portal, token, *old)) == "code_over"
    assert confirm_link(portal, token, *new)


def test_five_tries_a_code_the_right_one_among_them(portal: Running, token: str) -> None:
    code_id, code = send_code(portal, token)
    for _ in range(5):
        assert reason(lambda: confirm_link(portal, token, code_id, make_other_code(code))) == "wrong_code"
    with pytest.raises(TooMany) as refused:
        confirm_link(portal, token, code_id, code)
    assert (refused.value.reason, refused.value.status) == ("code_tries", 429)
    assert refused.value.retry_after_seconds
    assert confirm_link(portal, token, *send_code(portal, token))


def test_five_codes_an_hour_for_that_recipient_only(portal: Running) -> None:
    """429 says when; the hour moves along; another recipient of the same share is not touched."""
    new = share_one_file(portal)
    carol, dave = link_token(portal, new), link_token(portal, new, 1)
    for _ in range(5):
        send_code(portal, carol)
        portal.clock.turn(minutes=5)
    with pytest.raises(TooMany) as refused:
        send_code(portal, carol)
    assert refused.value.retry_after_seconds == 35 * 60 + 1
    assert send_code(portal, dave)
    portal.clock.turn(minutes=35, seconds=1)
    assert send_code(portal, carol)
    assert reason(lambda: send_code(portal, carol)) == "too_many_codes"


@pytest.mark.parametrize("other", ["browser", "recipient", "share", "request"])
def test_a_code_counts_for_nothing_else(portal: Running, other: str) -> None:
    """Bound to share, recipient, browser and request."""
    new = share_one_file(portal)
    token, browser = link_token(portal, new), "browser"
    code_id, code = send_code(portal, token)
    if other == "recipient":
        token = link_token(portal, new, 1)
        send_code(portal, token)
    elif other == "share":
        token = link_token(portal, share_one_file(portal))
        send_code(portal, token)
    elif other == "browser":
        browser = "another"
    else:
        code_id = "of another request"
    with pytest.raises(Invalid):
        confirm_link(portal, token, code_id, code, browser)


def test_a_proof_counts_for_nothing_else(portal: Running) -> None:
    """Neither for the other recipient, nor another share, nor a new generation of the link."""
    new = share_one_file(portal)
    token = link_token(portal, new)
    proof = confirm_link(portal, token, *send_code(portal, token))
    for other in (link_token(portal, new, 1), link_token(portal, share_one_file(portal))):
        assert reason(lambda other=other: press_download(portal, other, proof)) == "unconfirmed"
    for changed in ({"generation": 2}, {"steps": frozenset()}, {"share_id": "0" * 26}):
        assert (
            reason(lambda changed=changed: press_download(portal, token, replace(proof, **changed)))
            == "unconfirmed"
        )


def test_a_generation_of_the_link_has_codes_of_its_own(portal: Running, token: str) -> None:
    code_id, code = send_code(portal, token)
    services = portal.portal.services
    assert LinkKeys.verify(services.links, download.tokens.parse(token) or download.NOBODY, 1)
    sent = services.codes.newest(services.shares.get_with_recipient(token[:26], token[26:52])[1])  # type: ignore[index]
    assert sent is not None
    bound = [token[:26], token[26:52], "2", "browser", code_id]
    assert not services.code_keys.verify(sent.mark, code, bound)
    assert services.code_keys.verify(sent.mark, code, [*bound[:2], "1", *bound[3:]])


def test_signed_in_recipients_need_no_code(portal: Running, token: str) -> None:
    """Only with the very address, and only once the provider has verified it."""
    context = link_access.LinkContext(make_request(CAROL, portal), token=token)
    assert run(link_access.OPEN, context, portal.portal.services).share
    for person in (replace(CAROL, address_verified=False), make_person("Dave")):
        stranger = replace(context, request=make_request(person, portal))
        assert (
            reason(lambda stranger=stranger: run(link_access.OPEN, stranger, portal.portal.services))
            == "unconfirmed"
        )


def test_a_sender_may_look_and_not_download(portal: Running, token: str) -> None:
    looking = link_access.LinkContext(make_request(ANA, portal), token=token)
    share = run(link_access.OPEN, looking, portal.portal.services).share
    assert share is not None
    pressing = download.Download(
        make_request(ANA, portal), token=token, file_id=share.first_files[0].id, attempt_id=make_id(portal)
    )
    assert reason(lambda: run(download.DOWNLOAD, pressing, portal.portal.services)) == "forbidden"
    assert list_records(portal, "recipient.link_opened") == []


def test_nothing_keeps_the_code(portal: Running, token: str) -> None:
    """Table and audit log hold a mark under a key; the email holds the code and no link."""
    code_id, code = send_code(portal, token)
    body = list_mails(portal)[-1].body
    assert code in body
    assert "/d/" not in body
    assert token not in body
    assert code not in re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+|\d{7,}", "", str(list_rows(portal)))
    confirm_link(portal, token, code_id, code)
    for action in ("recipient.code_sent", "recipient.confirmed"):
        (record,) = list_records(portal, action)
        assert record["outcome"]["S"] == "done"
        assert record["details"]["M"]["to"]["S"] == "carol@example.org"


def test_wrong_codes_are_recorded_once_an_hour(portal: Running, token: str) -> None:
    code_id, code = send_code(portal, token)
    for _ in range(3):
        assert reason(lambda: confirm_link(portal, token, code_id, make_other_code(code))) == "wrong_code"
    (record,) = list_records(portal, "recipient.confirmed")
    assert (record["outcome"]["S"], record["reason"]["S"]) == ("refused", "wrong_code")


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "１２３４５", "%00", "x" * 9999])
def test_what_is_no_code_costs_no_try(portal: Running, token: str, typed: str) -> None:
    code_id, code = send_code(portal, token)
    for _ in range(6):
        assert reason(lambda: confirm_link(portal, token, code_id, typed)) == "code_form"
    assert confirm_link(portal, token, code_id, f" {code[:3]} {code[3:]}\n")


def test_a_link_that_asks_for_nothing_sends_nothing(portal: Running) -> None:
    token = link_token(portal, share_one_file(portal, confirm=False))
    with pytest.raises(NotFound):
        send_code(portal, token)
    assert press_download(portal, token, None)


@pytest.mark.requirement("R55")
@pytest.mark.parametrize("news", ["bounce", "complaint"])
def test_where_mail_does_not_arrive_no_more_is_sent(portal: Running, token: str, news: str) -> None:
    services = portal.portal.services
    found = services.shares.get_with_recipient(token[:26], token[26:52])
    assert found is not None
    record_feedback(services, news, found[1].mail.message_id, portal.clock(), "mailbox unavailable")
    sent = len(list_mails(portal))
    assert reason(lambda: send_code(portal, token)) == "no_mail_arrives"
    assert len(list_mails(portal)) == sent


def test_a_limiter_that_does_not_answer_is_closed(portal: Running, token: str) -> None:
    """No claim, no comparison."""
    code_id, code = send_code(portal, token)

    class Silent:
        def newest(self, recipient: object) -> object:
            raise Unavailable()

    services = replace(portal.portal.services, codes=Silent())  # type: ignore[arg-type]
    context = make_unlock(portal, token, code_id=code_id, code=code)
    with pytest.raises(Unavailable):
        run(confirmation.CONFIRM_ADDRESS, context, services)


@pytest.mark.parametrize("problem", [Unavailable(), MailRefused(reason="Throttled")])
def test_a_code_whose_mail_failed_is_not_counted(portal: Running, token: str, problem: Refusal) -> None:
    """Five of an hour are five emails; and what did not go out opens nothing."""

    class Fails:
        def send(self, letter: object) -> str:
            raise problem

    services = replace(portal.portal.services, mailer=Fails())  # type: ignore[arg-type]
    for _ in range(6):
        with pytest.raises(type(problem)):
            run(confirmation.SEND_CODE, make_unlock(portal, token), services)
    for _ in range(5):
        code_id, code = send_code(portal, token)
    assert reason(lambda: send_code(portal, token)) == "too_many_codes"
    context = make_unlock(portal, token, code_id=code_id, code=code)
    assert run(confirmation.CONFIRM_ADDRESS, context, portal.portal.services).proof
