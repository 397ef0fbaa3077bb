"""What the organisation allows: where mail goes, and how many a person sends on a day (R57)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from portal.domain.errors import Invalid, MailsUsedUp, Refusal
from portal.domain.shares import Recipient
from portal.workflows import recipients
from portal.workflows.engine import rehearse, run
from portal.workflows.share import SHARE, ShareFiles
from tests.builders import Clock, Running, running
from tests.doing import asked_by, mails, new_id, shared, somebody, state, uploaded

ANA, BEN = somebody("Ana Lopes"), somebody("Ben Okoro")


@pytest.fixture
def strict(aws: None, clock: Clock) -> Running:
    """Only two domains, without one below them; three mails a day."""
    return running(
        clock,
        PORTAL_ALLOWED_DOMAINS="example.com, bücher.example",
        PORTAL_BLOCKED_DOMAINS="secret.example.com",
        PORTAL_MAX_MAILS_A_DAY="3",
    )


def asking(portal: Running, text: str) -> ShareFiles:
    return ShareFiles(
        **asked_by(ANA, portal), submission_id=new_id(portal), file_ids=[uploaded(portal, ANA).id],
        recipients_text=text, message="", expires_on=None, download_limit=None,
    )  # fmt: skip


def with_limits(portal: Running, **changes: Any) -> Running:
    services = portal.portal.services
    limits = replace(services.limits, **changes)
    return replace(portal, portal=replace(portal.portal, services=replace(services, limits=limits)))


def of(portal: Running, made: ShareFiles) -> list[Recipient]:
    found = portal.portal.services.shares.with_recipients(made.about)
    assert found is not None
    return found[1]


def added(portal: Running, made: ShareFiles, text: str) -> recipients.AddRecipients:
    context = recipients.AddRecipients(**asked_by(ANA, portal), share_id=made.about, recipients_text=text)
    return run(recipients.ADD_RECIPIENTS, context, portal.portal.services)


def sent_again(portal: Running, made: ShareFiles) -> recipients.SendAgain:
    each = of(portal, made)[0]
    context = recipients.SendAgain(
        **asked_by(ANA, portal), share_id=made.about, recipient_id=each.id, seen=each.mail.message_id
    )
    return run(recipients.SEND_AGAIN, context, portal.portal.services)


@pytest.mark.parametrize("address", ["a@example.com", "a@mail.Example.COM", "a@BÜCHER.example",
                                     "a@xn--bcher-kva.example", "a@not-secret.example.com"])  # fmt: skip
def test_allowed_domains_cover_what_is_below_them(strict: Running, address: str) -> None:
    """R57, R51: by the domain's one ASCII form, whatever way it is written."""
    rehearse(SHARE, asking(strict, address), strict.portal.services)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("a@secret.example.com", "domain_blocked"),
        ("a@very.secret.example.com", "domain_blocked"),
        ("a@notexample.com", "domain_not_allowed"),
        ("a@example.com.evil.example", "domain_not_allowed"),
        ("a@b\u0430cher.example", "domain_not_allowed"),
    ],
)
def test_other_domains_are_refused(strict: Running, address: str, reason: str) -> None:
    """R57: before anything is written, with the address named, at its field."""
    context = asking(strict, f"fine@example.com, {address}")
    before = state(strict)
    with pytest.raises(Invalid) as refused:
        run(SHARE, context, strict.portal.services)
    assert (refused.value.reason, refused.value.field) == (reason, "recipients")
    assert str(refused.value.values["addresses"]).startswith("a@")
    assert "fine@" not in str(refused.value.values["addresses"])
    assert (state(strict), mails(strict)) == (before, [])


def test_they_hold_for_who_is_added_and_for_mails_sent_again(portal: Running) -> None:
    """R57: also where the list became stricter after the share was made."""
    made = shared(portal, ANA, [uploaded(portal, ANA)], recipients_text="x@example.com")
    strict = with_limits(portal, blocked_domains=("example.com",))
    for act in (lambda: added(strict, made, "y@example.com"), lambda: sent_again(strict, made)):
        with pytest.raises(Invalid) as refused:
            act()
        assert refused.value.reason == "domain_blocked"
    assert len(mails(portal)) == 1


def test_so_many_mails_a_day(strict: Running) -> None:
    """R57: shares, added recipients and mails sent again count together; refused, nothing is half done."""
    made = shared(strict, ANA, [uploaded(strict, ANA)], recipients_text="a@example.com, b@example.com")
    context = asking(strict, "c@example.com, d@example.com")
    before = state(strict)
    with pytest.raises(MailsUsedUp) as refused:
        run(SHARE, context, strict.portal.services)
    assert (refused.value.values["left"], refused.value.values["count"]) == (1, 2)
    assert 0 < (refused.value.retry_after_seconds or 0) <= 24 * 3600 + 1
    assert state(strict) == before
    added(strict, made, "c@example.com")
    for act in (lambda: added(strict, made, "d@example.com"), lambda: sent_again(strict, made)):
        with pytest.raises(MailsUsedUp):
            act()
    assert len(mails(strict)) == 3
    assert strict.portal.services.mail_counts.today(ANA.id, strict.clock()) == 3


def test_others_and_tomorrow_are_not_counted_in(strict: Running) -> None:
    """R57: a day is one of UTC, a count one person's."""
    three = "a@example.com, b@example.com, c@example.com"
    shared(strict, ANA, [uploaded(strict, ANA)], recipients_text=three)
    shared(strict, BEN, [uploaded(strict, BEN)], recipients_text=three)
    with pytest.raises(Refusal):
        shared(strict, ANA, [uploaded(strict, ANA)], recipients_text="d@example.com")
    strict.clock.turn(days=1)
    shared(strict, ANA, [uploaded(strict, ANA)], recipients_text="d@example.com")
    assert len(mails(strict)) == 7


def test_the_same_form_again_is_not_refused(strict: Running) -> None:
    """I7: its mails are counted already, though none is left."""
    three, once = "a@example.com, b@example.com, c@example.com", new_id(strict)
    file = uploaded(strict, ANA)
    shared(strict, ANA, [file], recipients_text=three, submission_id=once)
    assert shared(strict, ANA, [file], recipients_text=three, submission_id=once).again
    assert strict.portal.services.mail_counts.today(ANA.id, strict.clock()) == 3


def test_more_at_once_than_a_day_has(strict: Running) -> None:
    """R57: the first share of a day, too."""
    with pytest.raises(MailsUsedUp):
        shared(
            strict,
            ANA,
            [uploaded(strict, ANA)],
            recipients_text="\n".join(f"p{n}@example.com" for n in range(4)),
        )
    assert strict.portal.services.mail_counts.today(ANA.id, strict.clock()) == 0
