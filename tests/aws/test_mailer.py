"""What SES is handed: it takes headers in ASCII alone ("SendEmail", Amazon SES API v2 reference)."""

from __future__ import annotations

import json
from dataclasses import replace
from email.header import decode_header, make_header
from typing import Any

import pytest

from portal.aws.ses.mailer import Mailer
from portal.domain.mail.account_problems import MailTrouble
from portal.domain.mail.email_message import AccountRefused, OutgoingMail, single_line
from tests.actions import list_mails, make_person, share_files, upload_file
from tests.builders import Running

NAME = "Jürgen Größe-Wächter von und zu 東京"


@pytest.mark.requirement("R56")
def test_a_senders_own_letters_arrive_as_encoded_words(portal: Running) -> None:
    """As text of another alphabet SES would refuse the email, or garble the name."""
    sender = replace(make_person(), name=NAME)
    share_files(portal, sender, [upload_file(portal, sender)], language="de")
    source = list_mails(portal)[-1].source
    assert source.isascii()
    assert source.endswith(" <files@example.org>")
    assert all(len(word) <= 75 for word in source.split())
    assert str(make_header(decode_header(source))).startswith(f"{NAME} über ")


@pytest.mark.requirement("R56")
@pytest.mark.parametrize("name", ["=?utf-8?q?Bank=40x?=", "==??utf-8?b?QmFuaw==?=", "=\u202e?utf-8?q?=0A?="])
def test_a_name_that_is_an_encoded_word_stays_as_typed(portal: Running, name: str) -> None:
    """Decoded it would be a name with everything that is taken out of names."""
    assert "=?" not in single_line(name)
    sender = replace(make_person(), name=name)
    share_files(portal, sender, [upload_file(portal, sender)])
    mail = list_mails(portal)[-1]
    for header in (mail.source, mail.subject):
        assert str(make_header(decode_header(header))) == header


def test_mails_to_an_owner_can_be_ended_by_their_headers(portal: Running) -> None:
    """RFC 8058: as SES is asked to send them, with the address that the email's text has, too."""
    mailer: Any = portal.portal.services.mailer
    asked: list[dict[str, Any]] = []
    events = mailer.clients.get("sesv2").meta.events
    note = lambda params, **_: asked.append(json.loads(params["body"]))  # noqa: E731
    events.register("before-call.sesv2.SendEmail", note, unique_id="headers")
    letter = OutgoingMail(
        "ana@example.org", "Portal", "", "News", "text", "<p>html</p>", "https://x.example/mails/1"
    )
    mailer.send(letter)
    mailer.send(replace(letter, unsubscribe=""))
    events.unregister("before-call.sesv2.SendEmail", unique_id="headers")
    first, second = (each["Content"]["Simple"] for each in asked)
    assert first["Headers"] == [
        {"Name": "List-Unsubscribe", "Value": "<https://x.example/mails/1>"},
        {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
    ]
    assert "Headers" not in second


@pytest.mark.requirement("R55", "I7")
def test_an_address_on_no_list_is_let_go(on_embedded: Running) -> None:
    """Under the portal's own role, and twice is the same as once."""
    for _ in range(2):
        on_embedded.portal.services.mailer.release("partner@example.com")


@pytest.mark.requirement("R75")
def test_a_sender_that_is_not_verified_is_the_accounts_trouble(portal: Running) -> None:
    """As the stand-in says it; the message names the sender, and no email fails for it."""
    mailer = replace_sender(portal, "other@unverified.example")
    with pytest.raises(AccountRefused) as refused:
        mailer.send(OutgoingMail("ana@example.org", "Portal", "", "News", "text", "<p>html</p>"))
    assert refused.value.trouble is MailTrouble.SENDER_UNVERIFIED


@pytest.mark.requirement("R75")
def test_the_mail_client_never_repeats_a_request_by_itself(portal: Running) -> None:
    made: Any = portal.portal.services.mailer
    assert made.clients.get("sesv2").meta.config.retries["total_max_attempts"] == 1


def replace_sender(portal: Running, address: str) -> Mailer:
    made: Any = portal.portal.services.mailer
    return Mailer(made.clients, address, "")
