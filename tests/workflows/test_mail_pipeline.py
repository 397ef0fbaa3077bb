"""Many mails at once through a mail service that throttles: nothing lost, nothing twice (R52-R54)."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace

from portal.domain.errors import Unavailable
from portal.domain.letters import Letter
from portal.workflows.sweep import sweep
from tests.builders import Running
from tests.doing import rows, shared, somebody, uploaded

ANA = somebody("Ana Lopes")


@dataclass
class Throttling:
    """Takes so many mails a turn of the clock; now and then it takes one and its answer is lost."""

    rate: int = 12
    left: int = 12
    sent: list[Letter] = field(default_factory=list)
    lost: int = 0
    chance: random.Random = field(default_factory=lambda: random.Random(5))  # noqa: S311 -- no secret

    def send(self, letter: Letter) -> str:
        if self.left <= 0:
            raise Unavailable
        self.left -= 1
        self.sent.append(letter)
        if self.chance.random() < 0.03:
            self.lost += 1
            raise Unavailable
        return f"message-{len(self.sent)}"


def test_two_hundred_recipients_each_get_their_mail(portal: Running) -> None:
    """R52-R54: over several shares; twice only where the service took a mail and its answer was lost."""
    mailer = Throttling()
    services = replace(portal.portal.services, mailer=mailer)
    running = replace(portal, portal=replace(portal.portal, services=services))
    file = uploaded(running, ANA)
    for share in range(5):
        people = "\n".join(f"p{share}.{place}@example.com" for place in range(40))
        shared(running, ANA, [file], recipients_text=people)
    for _ in range(30):
        running.clock.turn(minutes=1)
        mailer.left = mailer.rate
        sweep(services, lambda: 60.0)
    got = Counter(letter.to for letter in mailer.sent)
    assert len(got) == 200
    assert sum(got.values()) == 200 + mailer.lost
    assert mailer.lost > 0
    states = Counter(item["mail"]["M"]["state"]["S"] for item in rows(running) if "mail" in item)
    assert states == {"sent": 200}


def test_what_its_share_outlived_leaves_the_queue(portal: Running) -> None:
    """Mails that could not be sent in time say so, and keep no others waiting."""
    mailer = Throttling(left=0)
    services = replace(portal.portal.services, mailer=mailer)
    running = replace(portal, portal=replace(portal.portal, services=services))
    people = "\n".join(f"p{place}@example.com" for place in range(30))
    shared(running, ANA, [uploaded(running, ANA)], recipients_text=people)
    portal.clock.turn(days=9)
    later = shared(running, ANA, [uploaded(running, ANA)])
    mailer.left = 5
    running.clock.turn(minutes=1)
    sweep(services, lambda: 60.0)
    assert [letter.to for letter in mailer.sent] == [later.addresses[0]]
    states = Counter(item["mail"]["M"]["state"]["S"] for item in rows(running) if "mail" in item)
    assert states == {"failed": 30, "sent": 1}
