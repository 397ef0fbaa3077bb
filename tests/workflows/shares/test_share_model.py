"""Sharing, changing, withdrawing, downloading and time itself, in any order, against a small model."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from portal.aws.client.calls import clients
from portal.domain.errors import Refusal
from portal.domain.files.file import File
from portal.domain.shares.expiry import end_of_day
from portal.domain.shares.share import RecipientState, ShareState
from portal.engine.workflow import run
from portal.workflows.shares import adding, change, recipients, revoke
from portal.workflows.shares.sharing import ShareFiles
from tests.actions import download_file, list_mails, make_person, make_request, share_files, upload_file
from tests.builders import Running, table_properties

ANA = make_person("Ana Lopes")
PEOPLE = ("x@example.com", "y@example.com", "z@example.com")
LIMITS = st.one_of(st.none(), st.integers(1, 3))
DAYS = st.integers(0, 12)


@dataclass
class Person:
    """What the model knows of a recipient: open or not, whose turn the link is, downloads so far."""

    open: bool = True
    generation: int = 1
    downloads: int = 0


@dataclass
class Given:
    """What the model knows of a share."""

    made: ShareFiles
    expires_at: Any
    limit: int | None
    version: int = 1
    open: bool = True
    people: dict[str, Person] = field(default_factory=dict)

    def answer(self, now: Any, who: str, generation: int) -> str:
        """What a press of Download must come to."""
        person = self.people[who]
        if person.generation != generation:
            return "not_found"
        if not self.open or not person.open:
            return "withdrawn"
        if now >= self.expires_at:
            return "expired"
        spent = self.limit is not None and person.downloads >= self.limit
        return "spent" if spent else "done"


def outcome(act: Any) -> str:
    try:
        act()
    except Refusal as refusal:
        return refusal.reason
    return "done"


class Sharing(RuleBasedStateMachine):
    """Each rule does one thing to the portal and to the model, and compares what came of it."""

    portal: Running
    shares = Bundle("shares")

    @initialize()
    def begin(self) -> None:
        """An empty table for each run: moto copies the whole of it in every transaction."""
        table = clients(self.portal.config.region).get("dynamodb")
        table.delete_table(TableName=self.portal.config.table)
        table.create_table(TableName=self.portal.config.table, **table_properties())
        self.file: File = upload_file(self.portal, ANA)
        self.all: list[Given] = []
        self.sent = len(list_mails(self.portal))

    def now(self) -> Any:
        return self.portal.clock()

    def do(self, workflow: Any, kind: Any, given: Given, **asked: Any) -> str:
        context = kind(make_request(ANA, self.portal), share_id=given.made.about, **asked)
        return outcome(lambda: run(workflow, context, self.portal.portal.services))

    @rule(target=shares, limit=LIMITS, days=DAYS)
    def share(self, limit: int | None, days: int) -> Given:
        day = (self.now() + timedelta(days=days)).date()
        made = share_files(self.portal, ANA, [self.file], recipients_text=PEOPLE[0], download_limit=limit,
                      expires_on=day)  # fmt: skip
        assert made.share is not None
        given = Given(made, made.share.expires_at, limit, people={PEOPLE[0]: Person()})
        self.all.append(given)
        self.sent += 1
        return given

    @rule(given=shares, limit=LIMITS, days=st.one_of(st.none(), DAYS), stale=st.booleans())
    def change(self, given: Given, limit: int | None, days: int | None, stale: bool) -> None:
        """Stale: by a form that was opened before the last change."""
        day = (self.now() + timedelta(days=days)).date() if days is not None else None
        ends = end_of_day(day, ZoneInfo("UTC")) if day else given.expires_at
        differs = (ends, limit) != (given.expires_at, given.limit)
        got = self.do(change.CHANGE_SHARE, change.ChangeShare, given, version=given.version - stale,
                      expires_on=day, download_limit=limit, message="")  # fmt: skip
        if not given.open:
            assert got == "withdrawn"
        elif stale and differs:
            assert got == "changed_meanwhile"
        elif ends <= self.now():
            assert got == "expired"
        else:
            assert got == "done"
            given.expires_at, given.limit = ends, limit
            given.version += differs

    @rule(given=shares)
    def withdraw(self, given: Given) -> None:
        assert self.do(revoke.WITHDRAW_SHARE, revoke.Withdraw, given) == "done"
        given.version += 1 if given.open else 0
        given.open = False

    @rule(given=shares, who=st.sampled_from(PEOPLE))
    def withdraw_one(self, given: Given, who: str) -> None:
        if who in given.people:
            got = self.do(revoke.WITHDRAW_RECIPIENT, revoke.Withdraw, given, recipient_id=self.id(given, who))
            assert got == "done"
            given.people[who].open = False

    @rule(given=shares, who=st.sampled_from(PEOPLE))
    def add(self, given: Given, who: str) -> None:
        got = self.do(adding.ADD_RECIPIENTS, recipients.AddRecipients, given, recipients_text=who)
        closed = "withdrawn" if not given.open else "expired" if self.now() >= given.expires_at else "done"
        assert got == closed
        if got != "done":
            return
        person = given.people.get(who)
        self.sent += person is None or not person.open
        if person is None:
            given.people[who] = Person()
        elif not person.open:
            person.open, person.generation = True, person.generation + 1

    @rule(given=shares, who=st.sampled_from(PEOPLE), older=st.booleans())
    def download(self, given: Given, who: str, older: bool) -> None:
        """By the newest link, or by one of an older generation, which stays dead (I5)."""
        if who not in given.people:
            return
        generation = given.people[who].generation - older
        links = self.portal.portal.services.links
        token = links.token(given.made.about, self.id(given, who), generation, links.current_id)
        got = outcome(lambda: download_file(self.portal, token, self.file))
        assert got == given.answer(self.now(), who, generation)
        given.people[who].downloads += got == "done"

    @rule(days=st.integers(1, 6), seconds=st.integers(0, 86_400))
    def wait(self, days: int, seconds: int) -> None:
        self.portal.clock.turn(days=days, seconds=seconds)

    def id(self, given: Given, who: str) -> str:
        found = self.portal.portal.services.shares.get_with_recipients(given.made.about)
        assert found is not None
        return next(each.id for each in found[1] if each.address == who)

    @invariant()
    def each_mail_went_once(self) -> None:
        """I7: to who is new or came back, and to nobody else."""
        assert len(list_mails(self.portal)) == getattr(self, "sent", 0)

    @invariant()
    def the_table_says_what_the_model_says(self) -> None:
        """I1: counters; R47, R48: states; also in the copies that recipients' lists show."""
        for given in getattr(self, "all", []):
            found = self.portal.portal.services.shares.get_with_recipients(given.made.about)
            assert found is not None
            share, people = found
            assert (share.state is ShareState.OPEN) == given.open
            assert (share.expires_at, share.download_limit) == (given.expires_at, given.limit)
            assert share.version == given.version
            assert share.download_count == sum(each.downloads for each in given.people.values())
            assert {each.address: (each.state is RecipientState.OPEN, each.generation, each.download_count)
                    for each in people} == {
                who: (each.open, each.generation, each.downloads) for who, each in given.people.items()
            }  # fmt: skip


@pytest.mark.requirement("R47", "R48", "R49", "R63", "I1", "I5", "I7")
def test_any_order_of_things_comes_to_what_the_model_says(portal: Running) -> None:
    """The same runs each time, and a failure is not made shorter: moto is slow."""
    Sharing.portal = portal
    run_state_machine_as_test(
        Sharing,
        settings=settings(
            max_examples=25, stateful_step_count=20, phases=[Phase.generate], deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
