"""The one email of a share is claimed with it; several, and what waits for a scan, are claimed one by one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from portal.domain.mail.email_message import OutgoingMail
from portal.domain.mail.mail_job import MailState
from portal.workflows.upkeep.sweep import sweep
from tests.actions import list_mails, list_rows, make_person, share_files, upload_file
from tests.builders import Running, make_running

pytestmark = pytest.mark.requirement("R53", "R75")

ANA = make_person("Ana Lopes")


class Killed(BaseException):
    """The process ends here."""


class Mortal:
    """A mail service at whose first call the process dies."""

    def send(self, letter: OutgoingMail) -> str:
        raise Killed


def list_jobs(portal: Running) -> list[dict[str, Any]]:
    """The invitations as they are in the table."""
    items = [item for item in list_rows(portal) if item["sk"]["S"].startswith("RECIPIENT#")]
    return [{"due": int(item["due_at"]["N"]), **item["mail"]["M"]} for item in items]


def die_while_sharing(portal: Running, recipients: str) -> None:
    services = replace(portal.portal.services, mailer=Mortal())
    dying = replace(portal, portal=replace(portal.portal, services=services))
    with pytest.raises(Killed):
        share_files(dying, ANA, [upload_file(portal, ANA)], recipients_text=recipients)


def test_whoever_dies_before_it_is_sent_leaves_it_to_the_schedule(portal: Running) -> None:
    """As any claimed email: after its lease and not before, once, and it counts as handed over."""
    die_while_sharing(portal, "a@example.com")
    [job] = list_jobs(portal)
    assert (job["tries"], job["unanswered"]) == ({"N": "1"}, {"N": "1"})
    assert job["due"] == int(portal.clock().timestamp()) + 60
    portal.clock.turn(seconds=59)
    sweep(portal.portal.services, lambda: 60.0)
    assert list_mails(portal) == []
    for _ in range(2):
        portal.clock.turn(seconds=1)
        sweep(portal.portal.services, lambda: 60.0)
    assert len(list_mails(portal)) == 1


def test_of_several_only_the_one_under_way_is_claimed(portal: Running) -> None:
    """Another that nobody came to counts as never handed over, and is due at once."""
    die_while_sharing(portal, "a@example.com, b@example.com")
    unanswered = [job.get("unanswered", {"N": "0"})["N"] for job in list_jobs(portal)]
    assert sorted(unanswered) == ["0", "1"]
    share_files(portal, ANA, [upload_file(portal, ANA)], recipients_text="c@example.com, d@example.com")
    assert len(list_mails(portal)) == 2


def test_what_waits_for_its_scan_is_not_claimed(aws: None, clock: Any) -> None:
    portal = make_running(clock, PORTAL_SCAN_REQUIRED="on")
    share_files(portal, ANA, [upload_file(portal, ANA)], recipients_text="a@example.com")
    [job] = list_jobs(portal)
    assert job["state"] == {"S": MailState.QUEUED}
    assert job.get("unanswered", {"N": "0"}) == {"N": "0"}
    assert job["problem"] == {"S": "scanning"}


def test_the_link_passed_on_by_hand_leaves_one_email_to_claim(portal: Running) -> None:
    made = share_files(
        portal, ANA, [upload_file(portal, ANA)], recipients_text="a@example.com, b@example.com",
        by_hand=["b@example.com"],
    )  # fmt: skip
    assert len(list_mails(portal)) == 1
    assert made.share is not None
    recipients = portal.portal.services.shares.get_recipients([made.share], 5)
    states = {each.address: each.mail.state for each in recipients}
    assert states == {"a@example.com": MailState.SENT, "b@example.com": MailState.BY_HAND}
