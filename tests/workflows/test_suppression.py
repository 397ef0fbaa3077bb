"""Addresses held back: no further mail of ours goes to them, until an administrator lets them go (R55)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from portal.domain.errors import Conflict, Forbidden, NotFound
from portal.domain.letters import Letter, MailRefused
from portal.domain.shares import MailState, Recipient
from portal.domain.suppression import SUPPRESSED, HeldFor, mark
from portal.workflows import confirm, recipients
from portal.workflows.engine import run
from portal.workflows.mail import feedback
from portal.workflows.share import ShareFiles
from portal.workflows.suppression import RELEASE_ADDRESS, Release, StillHeld
from portal.workflows.sweep import sweep
from tests.builders import Running
from tests.doing import asked_by, downloaded, recorded, rows, shared, somebody, token_of, unlocking, uploaded

ANA, BEN = somebody("Ana Lopes"), somebody("Ben Okoro")
ADA = somebody("Ada Minh", admin=True)
PARTNER = "partner@example.com"


@dataclass
class Service:
    """A mail service with a list of its own, which moto does not have."""

    held: set[str] = field(default_factory=set)
    lets_go: bool = True
    sent: list[Letter] = field(default_factory=list)

    def send(self, letter: Letter) -> str:
        if letter.to in self.held:
            raise MailRefused(reason=SUPPRESSED)
        self.sent.append(letter)
        return f"message-{len(self.sent)}"

    def release(self, address: str) -> None:
        if not self.lets_go:
            raise MailRefused(reason="AccessDeniedException")
        self.held.discard(address)


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def running(portal: Running, service: Service) -> Running:
    services = replace(portal.portal.services, mailer=service)
    return replace(portal, portal=replace(portal.portal, services=services))


def one(running: Running, made: ShareFiles) -> Recipient:
    found = running.portal.services.shares.with_recipients(made.about)
    assert found is not None
    return found[1][0]


def told_of(running: Running, made: ShareFiles, kind: str, detail: str = "") -> None:
    """The mail service's news of the mail of this share."""
    message_id = one(running, made).mail.message_id
    feedback(running.portal.services, kind, message_id, running.clock(), detail)


def released(running: Running, who: object = ADA, address: str = PARTNER) -> None:
    context = Release(**asked_by(who, running), held_id=mark(address))  # type: ignore[arg-type]
    run(RELEASE_ADDRESS, context, running.portal.services)


def to_partner(service: Service) -> int:
    return sum(letter.to.casefold() == PARTNER for letter in service.sent)


@pytest.mark.parametrize(("kind", "reason"), [("bounce", HeldFor.BOUNCE), ("complaint", HeldFor.COMPLAINT)])
def test_what_came_back_for_good_holds_for_the_whole_portal(
    running: Running, service: Service, kind: str, reason: HeldFor
) -> None:
    """R55: another person's share, however the address is written; its link works all the same."""
    told_of(running, shared(running, ANA, [uploaded(running, ANA)]), kind, "550 user unknown")
    file = uploaded(running, BEN)
    other = shared(running, BEN, [file], recipients_text="Partner@EXAMPLE.com")
    mail = one(running, other).mail
    assert (mail.state, mail.problem) == (MailState.HELD, str(reason))
    assert to_partner(service) == 1
    assert downloaded(running, token_of(running, other), file)
    assert recorded(running, "mail.held_back")
    held = running.portal.services.suppressed.of(PARTNER)
    assert held is not None
    assert (held.reason, held.detail) == (reason, "550 user unknown")


def test_what_came_back_for_now_does_not(running: Running, service: Service) -> None:
    """R55: a full mailbox is told to the sender, and may be tried again."""
    made = shared(running, ANA, [uploaded(running, ANA)])
    told_of(running, made, "soft_bounce", "mailbox full")
    assert one(running, made).mail.state is MailState.BOUNCED
    shared(running, BEN, [uploaded(running, BEN)])
    assert to_partner(service) == 2


def test_what_comes_back_for_now_too_often_holds_too(running: Running, service: Service) -> None:
    """R55: five in a row, the same news twice counted once; one that arrives begins the count anew."""
    file = uploaded(running, ANA)
    for turn, kind in enumerate(["soft_bounce"] * 4 + ["delivery"] + ["soft_bounce"] * 4):
        made = shared(running, ANA, [file])
        for _ in range(2):
            told_of(running, made, kind, "mailbox full")
        assert running.portal.services.suppressed.of(PARTNER) is None, turn
    told_of(running, shared(running, ANA, [file]), "soft_bounce", "mailbox full")
    held = running.portal.services.suppressed.of(PARTNER)
    assert held is not None
    assert (held.reason, held.detail) == (HeldFor.BOUNCE, "mailbox full")


def test_an_address_let_go_begins_anew(running: Running, service: Service) -> None:
    """R55: the next mail that comes back for now does not hold it at once."""
    file = uploaded(running, ANA)
    for _ in range(5):
        told_of(running, shared(running, ANA, [file]), "soft_bounce", "mailbox full")
    released(running)
    told_of(running, shared(running, ANA, [file]), "soft_bounce", "mailbox full")
    assert running.portal.services.suppressed.of(PARTNER) is None


def test_what_the_mail_service_rejects_holds_nobodys_address(running: Running, service: Service) -> None:
    """R55: a virus in the message is its sender's, who could else close an address to everybody."""
    file = uploaded(running, ANA)
    for _ in range(6):
        made = shared(running, ANA, [file])
        told_of(running, made, "rejected", "Bad content")
        assert one(running, made).mail.state is MailState.BOUNCED
    assert running.portal.services.suppressed.of(PARTNER) is None


def test_the_mail_services_own_list_is_learnt(running: Running, service: Service) -> None:
    """R55: by its news of a mail it took, and by its refusing one."""
    made = shared(running, ANA, [uploaded(running, ANA)])
    told_of(running, made, "held")
    assert one(running, made).mail.state is MailState.HELD
    service.held = {"other@example.com"}
    refused = shared(running, ANA, [uploaded(running, ANA)], recipients_text="other@example.com")
    assert one(running, refused).mail.state is MailState.HELD
    found = running.portal.services.suppressed.among([PARTNER, "other@example.com", "third@example.com"])
    assert [(each.address, each.reason) for each in found] == [
        ("other@example.com", HeldFor.ACCOUNT), (PARTNER, HeldFor.ACCOUNT),
    ]  # fmt: skip


def test_the_sender_is_told_in_words_of_its_own(running: Running, service: Service) -> None:
    """R55: held back is not come back."""
    told_of(running, shared(running, ANA, [uploaded(running, ANA)]), "bounce")
    shared(running, BEN, [uploaded(running, BEN)])
    running.clock.turn(minutes=2)
    sweep(running.portal.services, lambda: 60.0)
    (to_ben,) = [letter for letter in service.sent if letter.to == BEN.address]
    assert "is held back" in to_ben.text
    assert "administrator" in to_ben.html


def test_neither_codes_nor_mails_sent_again(running: Running, service: Service) -> None:
    """R55: each refused in words, before anything is counted."""
    made = shared(running, ANA, [uploaded(running, ANA)], confirm=True)
    told_of(running, made, "bounce")
    context = unlocking(running, token_of(running, made))
    with pytest.raises(confirm.NoMailArrives):
        run(confirm.SEND_CODE, context, running.portal.services)
    each = one(running, made)
    again = recipients.SendAgain(
        **asked_by(ANA, running), share_id=made.about, recipient_id=each.id, seen=each.mail.message_id
    )
    with pytest.raises(Conflict) as refused:
        run(recipients.SEND_AGAIN, again, running.portal.services)
    assert refused.value.reason == "mail_stopped"
    released(running)
    run(recipients.SEND_AGAIN, again, running.portal.services)
    run(confirm.SEND_CODE, context, running.portal.services)
    assert to_partner(service) == 3


def test_an_administrator_lets_an_address_go(running: Running, service: Service) -> None:
    """R55, R11, I4: at the mail service too, recorded; nobody else can, and what is not held is not there."""
    service.held = {PARTNER}
    shared(running, ANA, [uploaded(running, ANA)])
    with pytest.raises(Forbidden):
        released(running, ANA)
    released(running)
    assert service.held == set()
    assert running.portal.services.suppressed.newest(None, 10).items == ()
    shared(running, ANA, [uploaded(running, ANA)])
    assert to_partner(service) == 1
    [record] = [each for each in recorded(running, "mail.address_released") if each["outcome"]["S"] == "done"]
    assert record["details"]["M"]["to"]["S"] == PARTNER
    with pytest.raises(NotFound):
        released(running)


def test_a_mail_service_that_does_not_let_go_is_said(running: Running, service: Service) -> None:
    """R55: then the address stays held back here too, since no mail would arrive."""
    service.held, service.lets_go = {PARTNER}, False
    shared(running, ANA, [uploaded(running, ANA)])
    with pytest.raises(StillHeld):
        released(running)
    assert running.portal.services.suppressed.of(PARTNER) is not None


def test_a_reminder_that_comes_back_is_told_to_the_sender(running: Running, service: Service) -> None:
    """R55: the sender hears of it as of an invitation."""
    made = shared(running, ANA, [uploaded(running, ANA)])
    assert made.expires_at is not None
    running.clock.now = made.expires_at - timedelta(days=2) + timedelta(minutes=1)
    for _ in range(2):
        sweep(running.portal.services, lambda: 60.0)
        running.clock.turn(seconds=61)
    assert to_partner(service) == 2
    place = next(n for n, letter in enumerate(service.sent) if n and letter.to == PARTNER)
    feedback(running.portal.services, "bounce", f"message-{place + 1}", running.clock(), "550 gone")
    running.clock.turn(minutes=11)
    sweep(running.portal.services, lambda: 60.0)
    assert any(letter.to == ANA.address and "did not arrive" in letter.text for letter in service.sent)
    assert running.portal.services.suppressed.of(PARTNER) is not None
    assert one(running, made).mail.state is MailState.SENT


def test_a_digest_that_comes_back_came_back_for_all_it_tells(running: Running, service: Service) -> None:
    """R55: each of its jobs hears of it, once."""
    file = uploaded(running, ANA)
    made = shared(running, ANA, [file], recipients_text="a@example.com, b@example.com")
    for place in range(2):
        downloaded(running, token_of(running, made, place), file)
    running.clock.turn(minutes=2)
    sweep(running.portal.services, lambda: 60.0)
    (place,) = [n for n, letter in enumerate(service.sent, 1) if letter.to == ANA.address]
    for _ in range(2):
        feedback(running.portal.services, "bounce", f"message-{place}", running.clock(), "550 gone")
    told = [item for item in rows(running) if item["sk"]["S"] == "MAIL"]
    assert [item["mail"]["M"]["state"]["S"] for item in told] == ["bounced", "bounced"]
    assert len(recorded(running, "mail.bounced")) == 2
