"""Many emails at once through a mail service that throttles: nothing lost, nothing twice."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace

import pytest

from portal.domain.errors import Unavailable
from portal.domain.mail.email_message import OutgoingMail
from portal.workflows.upkeep.sweep import sweep
from tests.actions import list_rows, make_person, share_files, upload_file
from tests.builders import Running

pytestmark = pytest.mark.requirement("R52", "R53", "R54")

ANA = make_person("Ana Lopes")


@dataclass
class Throttling:
    """Takes so many emails a turn of the clock; now and then it takes one and its answer is lost."""

    rate: int = 12
    left: int = 12
    sent: list[OutgoingMail] = field(default_factory=list)
    lost: int = 0
    chance: random.Random = field(default_factory=lambda: random.Random(5))  # noqa: S311 -- no secret

    def send(self, letter: OutgoingMail) -> str:
        if self.left <= 0:
            raise Unavailable
        self.left -= 1
        self.sent.append(letter)
        if self.chance.random() < 0.03:
            self.lost += 1
            raise Unavailable
        return f"message-{len(self.sent)}"


def test_two_hundred_recipients_each_get_their_mail(portal: Running) -> None:
    """Over several shares; twice only where the service took an email and its answer was lost."""
    mailer = Throttling()
    services = replace(portal.portal.services, mailer=mailer)
    running = replace(portal, portal=replace(portal.portal, services=services))
    file = upload_file(running, ANA)
    for share in range(5):
        people = "\n".join(f"p{share}.{place}@example.com" for place in range(40))
        share_files(running, ANA, [file], recipients_text=people)
    for _ in range(30):
        running.clock.turn(minutes=1)
        mailer.left = mailer.rate
        sweep(services, lambda: 60.0)
    got = Counter(letter.to for letter in mailer.sent)
    assert len(got) == 200
    assert sum(got.values()) == 200 + mailer.lost
    assert mailer.lost > 0
    states = Counter(item["mail"]["M"]["state"]["S"] for item in list_rows(running) if "mail" in item)
    assert states == {"sent": 200}


@pytest.mark.dates
def test_what_its_share_outlived_leaves_the_queue(portal: Running) -> None:
    """Emails that could not be sent in time say so, and keep no others waiting."""
    mailer = Throttling(left=0)
    services = replace(portal.portal.services, mailer=mailer)
    running = replace(portal, portal=replace(portal.portal, services=services))
    people = "\n".join(f"p{place}@example.com" for place in range(30))
    share_files(running, ANA, [upload_file(running, ANA)], recipients_text=people)
    portal.clock.turn(days=9)
    later = share_files(running, ANA, [upload_file(running, ANA)])
    mailer.left = 5
    running.clock.turn(minutes=1)
    sweep(services, lambda: 60.0)
    assert [letter.to for letter in mailer.sent] == [later.addresses[0]]
    states = Counter(item["mail"]["M"]["state"]["S"] for item in list_rows(running) if "mail" in item)
    assert states == {"failed": 30, "sent": 1}
