"""What the organisation allows: where email goes, and how many a person sends on a day."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from portal.domain.errors import Invalid, MailsUsedUp, Refusal
from portal.domain.shares.share import Recipient
from portal.engine.workflow import dry_run, run
from portal.workflows.shares import adding, recipients
from portal.workflows.shares.sharing import SHARE, ShareFiles
from tests.actions import list_mails, make_id, make_person, make_request, read_state, share_files, upload_file
from tests.builders import Clock, Running, make_running

pytestmark = pytest.mark.requirement("R57")

ANA, BEN = make_person("Ana Lopes"), make_person("Ben Okoro")


@pytest.fixture
def strict(aws: None, clock: Clock) -> Running:
    """Only two domains, without one below them; three emails a day."""
    return make_running(
        clock,
        PORTAL_ALLOWED_DOMAINS="example.com, bücher.example",
        PORTAL_BLOCKED_DOMAINS="secret.example.com",
        PORTAL_MAX_MAILS_A_DAY="3",
    )


def asking(portal: Running, text: str) -> ShareFiles:
    return ShareFiles(
        make_request(ANA, portal), submission_id=make_id(portal), file_ids=[upload_file(portal, ANA).id],
        recipients_text=text, message="", expires_on=None, download_limit=None,
    )  # fmt: skip


def change_limits(portal: Running, **changes: Any) -> Running:
    services = portal.portal.services
    limits = replace(services.limits, **changes)
    return replace(portal, portal=replace(portal.portal, services=replace(services, limits=limits)))


def read_recipients(portal: Running, made: ShareFiles) -> list[Recipient]:
    found = portal.portal.services.shares.get_with_recipients(made.about)
    assert found is not None
    return found[1]


def add_recipients(portal: Running, made: ShareFiles, text: str) -> recipients.AddRecipients:
    context = recipients.AddRecipients(make_request(ANA, portal), share_id=made.about, recipients_text=text)
    return run(adding.ADD_RECIPIENTS, context, portal.portal.services)


def send_again(portal: Running, made: ShareFiles) -> recipients.SendAgain:
    each = read_recipients(portal, made)[0]
    context = recipients.SendAgain(
        make_request(ANA, portal), share_id=made.about, recipient_id=each.id, seen=each.mail.message_id
    )
    return run(recipients.SEND_AGAIN, context, portal.portal.services)


@pytest.mark.requirement("R51")
@pytest.mark.parametrize("address", ["a@example.com", "a@mail.Example.COM", "a@BÜCHER.example",
                                     "a@xn--bcher-kva.example", "a@not-secret.example.com"])  # fmt: skip
def test_allowed_domains_cover_what_is_below_them(strict: Running, address: str) -> None:
    """By the domain's one ASCII form, whatever way it is written."""
    dry_run(SHARE, asking(strict, address), strict.portal.services)


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
    """Before anything is written, with the address named, at its field."""
    context = asking(strict, f"fine@example.com, {address}")
    before = read_state(strict)
    with pytest.raises(Invalid) as refused:
        run(SHARE, context, strict.portal.services)
    assert (refused.value.reason, refused.value.field) == (reason, "recipients")
    assert str(refused.value.params["addresses"]).startswith("a@")
    assert "fine@" not in str(refused.value.params["addresses"])
    assert (read_state(strict), list_mails(strict)) == (before, [])


@pytest.mark.requirement("R68")
@pytest.mark.parametrize(
    "blocked", ["fa\u00df.example", "fass.example", "\u03b2\u03cc\u03bb\u03bf\u03c2.example"]
)
def test_a_list_means_the_domain_it_names(aws: None, clock: Clock, blocked: str) -> None:
    """A sharp s or a final sigma in the list or in the address: neither blocks another owner's domain."""
    portal = make_running(clock, PORTAL_BLOCKED_DOMAINS=f"{blocked}., other.example")
    others = {"fa\u00df.example", "fass.example", "\u03b2\u03cc\u03bb\u03bf\u03c3.example"} - {blocked}
    for other in others:
        dry_run(SHARE, asking(portal, f"a@{other}"), portal.portal.services)
    with pytest.raises(Invalid) as refused:
        dry_run(SHARE, asking(portal, f"a@mail.{blocked}"), portal.portal.services)
    assert refused.value.reason == "domain_blocked"


def test_they_hold_for_who_is_added_and_for_mails_sent_again(portal: Running) -> None:
    """Also where the list became stricter after the share was made."""
    made = share_files(portal, ANA, [upload_file(portal, ANA)], recipients_text="x@example.com")
    strict = change_limits(portal, blocked_recipients=("example.com",))
    for act in (lambda: add_recipients(strict, made, "y@example.com"), lambda: send_again(strict, made)):
        with pytest.raises(Invalid) as refused:
            act()
        assert refused.value.reason == "domain_blocked"
    assert len(list_mails(portal)) == 1


@pytest.mark.dates
def test_so_many_mails_a_day(strict: Running) -> None:
    """Shares, added recipients and emails sent again count together; refused, nothing is half done."""
    made = share_files(
        strict, ANA, [upload_file(strict, ANA)], recipients_text="a@example.com, b@example.com"
    )
    context = asking(strict, "c@example.com, d@example.com")
    before = read_state(strict)
    with pytest.raises(MailsUsedUp) as refused:
        run(SHARE, context, strict.portal.services)
    assert (refused.value.params["left"], refused.value.params["count"]) == (1, 2)
    assert 0 < (refused.value.retry_after_seconds or 0) <= 24 * 3600 + 1
    assert read_state(strict) == before
    add_recipients(strict, made, "c@example.com")
    for act in (lambda: add_recipients(strict, made, "d@example.com"), lambda: send_again(strict, made)):
        with pytest.raises(MailsUsedUp):
            act()
    assert len(list_mails(strict)) == 3
    assert strict.portal.services.mail_counts.count_today(ANA.id, strict.clock()) == 3


@pytest.mark.dates
def test_others_and_tomorrow_are_not_counted_in(strict: Running) -> None:
    """A day is one of UTC, a count one person's."""
    three = "a@example.com, b@example.com, c@example.com"
    share_files(strict, ANA, [upload_file(strict, ANA)], recipients_text=three)
    share_files(strict, BEN, [upload_file(strict, BEN)], recipients_text=three)
    with pytest.raises(Refusal):
        share_files(strict, ANA, [upload_file(strict, ANA)], recipients_text="d@example.com")
    strict.clock.turn(days=1)
    share_files(strict, ANA, [upload_file(strict, ANA)], recipients_text="d@example.com")
    assert len(list_mails(strict)) == 7


@pytest.mark.requirement("I7")
def test_the_same_form_again_is_not_refused(strict: Running) -> None:
    """Its emails are counted already, though none is left."""
    three, once = "a@example.com, b@example.com, c@example.com", make_id(strict)
    file = upload_file(strict, ANA)
    share_files(strict, ANA, [file], recipients_text=three, submission_id=once)
    assert share_files(strict, ANA, [file], recipients_text=three, submission_id=once).again
    assert strict.portal.services.mail_counts.count_today(ANA.id, strict.clock()) == 3


def test_more_at_once_than_a_day_has(strict: Running) -> None:
    """The first share of a day, too."""
    with pytest.raises(MailsUsedUp):
        share_files(
            strict,
            ANA,
            [upload_file(strict, ANA)],
            recipients_text="\n".join(f"p{n}@example.com" for n in range(4)),
        )
    assert strict.portal.services.mail_counts.count_today(ANA.id, strict.clock()) == 0
