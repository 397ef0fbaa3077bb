"""Addresses held back: no further email of ours goes to them, until an administrator lets them go."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from portal.domain.errors import Conflict, Forbidden, NotFound
from portal.domain.mail.email_message import MailRefused, OutgoingMail
from portal.domain.mail.mail_job import MailState
from portal.domain.mail.suppression import SUPPRESSED, HeldFor, hash_address
from portal.domain.shares.share import Recipient
from portal.engine.workflow import run
from portal.workflows.links import confirmation
from portal.workflows.mail.mail_jobs import record_feedback
from portal.workflows.mail.suppression import RELEASE_ADDRESS, Release, StillHeld
from portal.workflows.shares import recipients
from portal.workflows.shares.sharing import ShareFiles
from portal.workflows.upkeep.sweep import sweep
from tests.actions import (
    download_file,
    link_token,
    list_records,
    list_rows,
    make_person,
    make_request,
    make_unlock,
    share_files,
    upload_file,
)
from tests.builders import Running

pytestmark = pytest.mark.requirement("R55")

ANA, BEN = make_person("Ana Lopes"), make_person("Ben Okoro")
ADA = make_person("Ada Minh", admin=True)
PARTNER = "partner@example.com"


class Killed(BaseException):
    """The process ends around the call to the mail service."""


@dataclass
class Service:
    """A mail service with a list of its own, which moto does not have."""

    held: set[str] = field(default_factory=set)
    lets_go: bool = True
    dies: str = ""
    sent: list[OutgoingMail] = field(default_factory=list)

    def send(self, letter: OutgoingMail) -> str:
        if letter.to in self.held:
            raise MailRefused(reason=SUPPRESSED)
        self.sent.append(letter)
        return f"message-{len(self.sent)}"

    def release(self, address: str) -> None:
        if self.dies == "before":
            raise Killed
        if not self.lets_go:
            raise MailRefused(reason="AccessDeniedException")
        self.held.discard(address)
        if self.dies == "after":
            raise Killed


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def running(portal: Running, service: Service) -> Running:
    services = replace(portal.portal.services, mailer=service)
    return replace(portal, portal=replace(portal.portal, services=services))


def read_recipient(running: Running, made: ShareFiles) -> Recipient:
    found = running.portal.services.shares.get_with_recipients(made.about)
    assert found is not None
    return found[1][0]


def report_news(running: Running, made: ShareFiles, kind: str, detail: str = "") -> None:
    """The mail service's news of the email of this share."""
    message_id = read_recipient(running, made).mail.message_id
    record_feedback(running.portal.services, kind, message_id, running.clock(), detail)


def release_address(running: Running, who: object = ADA, address: str = PARTNER) -> None:
    context = Release(make_request(who, running), held_id=hash_address(address))  # type: ignore[arg-type]
    run(RELEASE_ADDRESS, context, running.portal.services)


def to_partner(service: Service) -> int:
    return sum(letter.to.casefold() == PARTNER for letter in service.sent)


@pytest.mark.parametrize(("kind", "reason"), [("bounce", HeldFor.BOUNCE), ("complaint", HeldFor.COMPLAINT)])
def test_what_came_back_for_good_holds_for_the_whole_portal(
    running: Running, service: Service, kind: str, reason: HeldFor
) -> None:
    """Another person's share, however the address is written; its link works all the same."""
    report_news(running, share_files(running, ANA, [upload_file(running, ANA)]), kind, "550 user unknown")
    file = upload_file(running, BEN)
    other = share_files(running, BEN, [file], recipients_text="Partner@EXAMPLE.com")
    mail = read_recipient(running, other).mail
    assert (mail.state, mail.problem) == (MailState.HELD, str(reason))
    assert to_partner(service) == 1
    assert download_file(running, link_token(running, other), file)
    assert list_records(running, "mail.held_back")
    held = running.portal.services.suppression_list.get(PARTNER)
    assert held is not None
    assert (held.reason, held.detail) == (reason, "550 user unknown")


def test_what_came_back_for_now_does_not(running: Running, service: Service) -> None:
    """A full mailbox is told to the sender, and may be tried again."""
    made = share_files(running, ANA, [upload_file(running, ANA)])
    report_news(running, made, "soft_bounce", "mailbox full")
    assert read_recipient(running, made).mail.state is MailState.BOUNCED
    share_files(running, BEN, [upload_file(running, BEN)])
    assert to_partner(service) == 2


def test_what_comes_back_for_now_too_often_holds_too(running: Running, service: Service) -> None:
    """Five in a row, the same news twice counted once; one that arrives begins the count again."""
    file = upload_file(running, ANA)
    for turn, kind in enumerate(["soft_bounce"] * 4 + ["delivery"] + ["soft_bounce"] * 4):
        made = share_files(running, ANA, [file])
        for _ in range(2):
            report_news(running, made, kind, "mailbox full")
        assert running.portal.services.suppression_list.get(PARTNER) is None, turn
    report_news(running, share_files(running, ANA, [file]), "soft_bounce", "mailbox full")
    held = running.portal.services.suppression_list.get(PARTNER)
    assert held is not None
    assert (held.reason, held.detail) == (HeldFor.BOUNCE, "mailbox full")


def test_an_address_let_go_begins_anew(running: Running, service: Service) -> None:
    """The next email that comes back for now does not hold it at once."""
    file = upload_file(running, ANA)
    for _ in range(5):
        report_news(running, share_files(running, ANA, [file]), "soft_bounce", "mailbox full")
    release_address(running)
    report_news(running, share_files(running, ANA, [file]), "soft_bounce", "mailbox full")
    assert running.portal.services.suppression_list.get(PARTNER) is None


def test_what_the_mail_service_rejects_holds_nobodys_address(running: Running, service: Service) -> None:
    """A virus in the message is its sender's, who could else close an address to everyone."""
    file = upload_file(running, ANA)
    for _ in range(6):
        made = share_files(running, ANA, [file])
        report_news(running, made, "rejected", "Bad content")
        assert read_recipient(running, made).mail.state is MailState.BOUNCED
    assert running.portal.services.suppression_list.get(PARTNER) is None


def test_the_mail_services_own_list_is_learnt(running: Running, service: Service) -> None:
    """By its news of an email it took, and by its refusing one."""
    made = share_files(running, ANA, [upload_file(running, ANA)])
    report_news(running, made, "held")
    assert read_recipient(running, made).mail.state is MailState.HELD
    service.held = {"other@example.com"}
    refused = share_files(running, ANA, [upload_file(running, ANA)], recipients_text="other@example.com")
    assert read_recipient(running, refused).mail.state is MailState.HELD
    found = running.portal.services.suppression_list.get_among(
        [PARTNER, "other@example.com", "third@example.com"]
    )
    assert [(each.address, each.reason) for each in found] == [
        ("other@example.com", HeldFor.ACCOUNT), (PARTNER, HeldFor.ACCOUNT),
    ]  # fmt: skip


def test_the_sender_is_told_in_words_of_its_own(running: Running, service: Service) -> None:
    """Held back is not come back."""
    report_news(running, share_files(running, ANA, [upload_file(running, ANA)]), "bounce")
    share_files(running, BEN, [upload_file(running, BEN)])
    running.clock.turn(minutes=2)
    sweep(running.portal.services, lambda: 60.0)
    (to_ben,) = [letter for letter in service.sent if letter.to == BEN.address]
    assert "We do not send emails to" in to_ben.text
    assert "administrator" in to_ben.html


def test_neither_codes_nor_mails_sent_again(running: Running, service: Service) -> None:
    """Each refused in words, before anything is counted."""
    made = share_files(running, ANA, [upload_file(running, ANA)], confirm=True)
    report_news(running, made, "bounce")
    context = make_unlock(running, link_token(running, made))
    with pytest.raises(confirmation.NoMailArrives):
        run(confirmation.SEND_CODE, context, running.portal.services)
    each = read_recipient(running, made)
    again = recipients.SendAgain(
        make_request(ANA, running), share_id=made.about, recipient_id=each.id, seen=each.mail.message_id
    )
    with pytest.raises(Conflict) as refused:
        run(recipients.SEND_AGAIN, again, running.portal.services)
    assert refused.value.reason == "mail_stopped"
    release_address(running)
    run(recipients.SEND_AGAIN, again, running.portal.services)
    run(confirmation.SEND_CODE, context, running.portal.services)
    assert to_partner(service) == 3


@pytest.mark.requirement("R11", "I4")
def test_an_administrator_lets_an_address_go(running: Running, service: Service) -> None:
    """At the mail service too, recorded; nobody else can, and what is not held is not there."""
    service.held = {PARTNER}
    share_files(running, ANA, [upload_file(running, ANA)])
    with pytest.raises(Forbidden):
        release_address(running, ANA)
    release_address(running)
    assert service.held == set()
    assert running.portal.services.suppression_list.list_newest(None, 10).items == ()
    share_files(running, ANA, [upload_file(running, ANA)])
    assert to_partner(service) == 1
    [record] = [
        each for each in list_records(running, "mail.address_released") if each["outcome"]["S"] == "done"
    ]
    assert record["details"]["M"]["to"]["S"] == PARTNER
    with pytest.raises(NotFound):
        release_address(running)


@pytest.mark.requirement("R11", "I4")
@pytest.mark.parametrize("moment", ["before", "after"])
def test_letting_go_can_be_repeated_wherever_it_ended(
    running: Running, service: Service, moment: str
) -> None:
    """An address is on our list for as long as it may be on the mail service's: the button is on ours."""
    service.held, service.dies = {PARTNER}, moment
    share_files(running, ANA, [upload_file(running, ANA)])
    with pytest.raises(Killed):
        release_address(running)
    assert running.portal.services.suppression_list.get(PARTNER) is not None
    service.dies = ""
    release_address(running)
    assert service.held == set()
    assert running.portal.services.suppression_list.get(PARTNER) is None
    share_files(running, ANA, [upload_file(running, ANA)])
    assert to_partner(service) == 1
    assert len(list_records(running, "mail.address_released")) == 1


def test_a_mail_service_that_does_not_let_go_is_said(running: Running, service: Service) -> None:
    """Then the address stays held back here too, since no email would arrive."""
    service.held, service.lets_go = {PARTNER}, False
    share_files(running, ANA, [upload_file(running, ANA)])
    with pytest.raises(StillHeld):
        release_address(running)
    assert running.portal.services.suppression_list.get(PARTNER) is not None


def test_a_reminder_that_comes_back_is_told_to_the_sender(running: Running, service: Service) -> None:
    """The sender hears of it as of an invitation."""
    made = share_files(running, ANA, [upload_file(running, ANA)])
    assert made.expires_at is not None
    running.clock.now = made.expires_at - timedelta(days=2) + timedelta(minutes=1)
    for _ in range(2):
        sweep(running.portal.services, lambda: 60.0)
        running.clock.turn(seconds=61)
    assert to_partner(service) == 2
    place = next(n for n, letter in enumerate(service.sent) if n and letter.to == PARTNER)
    record_feedback(running.portal.services, "bounce", f"message-{place + 1}", running.clock(), "550 gone")
    running.clock.turn(minutes=11)
    sweep(running.portal.services, lambda: 60.0)
    assert any(letter.to == ANA.address and "did not arrive" in letter.text for letter in service.sent)
    assert running.portal.services.suppression_list.get(PARTNER) is not None
    assert read_recipient(running, made).mail.state is MailState.SENT


def test_a_digest_that_comes_back_came_back_for_all_it_tells(running: Running, service: Service) -> None:
    """Each of its jobs hears of it, once."""
    file = upload_file(running, ANA)
    made = share_files(running, ANA, [file], recipients_text="a@example.com, b@example.com")
    for place in range(2):
        download_file(running, link_token(running, made, place), file)
    running.clock.turn(minutes=2)
    sweep(running.portal.services, lambda: 60.0)
    (place,) = [n for n, letter in enumerate(service.sent, 1) if letter.to == ANA.address]
    for _ in range(2):
        record_feedback(running.portal.services, "bounce", f"message-{place}", running.clock(), "550 gone")
    told = [item for item in list_rows(running) if item["sk"]["S"] == "MAIL"]
    assert [item["mail"]["M"]["state"]["S"] for item in told] == ["bounced", "bounced"]
    assert len(list_records(running, "mail.bounced")) == 2
