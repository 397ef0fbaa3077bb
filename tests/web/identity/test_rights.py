"""What acts for somebody who is not there asks one question, and hears one answer: may they still?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from portal.domain.errors import Unavailable
from portal.domain.people.person import Person
from portal.domain.webhooks.deliveries import DeliveryState
from portal.engine.workflow import run
from portal.workflows.webhooks.announcing import announce_recent
from portal.workflows.webhooks.delivering import deliver_due
from portal.workflows.webhooks.managing import MAKE_WEBHOOK, SaveWebhook
from tests.actions import make_id, make_request, reserve_file, set_policy, upload_file
from tests.builders import Clock
from tests.receiver import Receiver
from tests.web.browser import Browser
from tests.web.pages.admin.pool import Pool, make_pool
from tests.web.provider import Account, Provider
from tests.web.tokens import Program, make_token
from tests.workflows.shares.wished import arrive, begin
from tests.workflows.webhooks.scene import plenty

pytestmark = pytest.mark.requirement("R10", "R12")
TINY = {"name": "a.txt", "size": 3}


@pytest.fixture
def pool(aws: None, clock: Clock, provider: Provider) -> Pool:
    return make_pool(clock, provider, PORTAL_STAFF_GROUP="staff")


@pytest.fixture
def account(pool: Pool) -> Account:
    return pool.add("Ana Lopes", "staff")


class Actors:
    """Of one person: a token, an upload's key, a webhook with something to tell, and a draft that waits for
    its file. Each made now, and asked for later.
    """

    def __init__(self, pool: Pool, me: Person) -> None:
        self.running, self.me = pool.portal, me
        self.receiver = Receiver()
        self.services = replace(pool.portal.portal.services, webhook_poster=self.receiver)
        self.program = Program(self.running, make_token(self.running, me, "upload"))
        _, [self.waiting] = begin(self.running, who=me)
        self.upload = reserve_file(self.running, me, "film.mov", 96 * 2**20)
        context = SaveWebhook(
            make_request(me, self.running), webhook_id=make_id(self.running), name="Orders",
            url="https://hooks.example.org/", events=["file.uploaded"],
        )  # fmt: skip
        self.webhook = run(MAKE_WEBHOOK, context, self.services).required_after
        upload_file(self.running, me)

    def list_outcomes(self) -> tuple[int, int, str, str]:
        """What comes of the token, the key, the webhook and the draft."""
        return (self.show_token(), self.show_key(), self.deliver(), self.send())

    def show_token(self) -> int:
        return self.program.open("POST", "/v1/uploads", json=TINY).status

    def show_key(self) -> int:
        key = self.services.upload_keys.key(self.me.id, self.upload.id)
        caller = Program(self.running)
        return caller.open("GET", f"/v1/uploads/{self.upload.id}", headers={"Upload-Key": key}).status

    def deliver(self) -> str:
        announce_recent(self.services, plenty)
        self.running.clock.turn(seconds=1)
        deliver_due(self.services, plenty)
        states = {each.state for each in self.services.deliveries.list_page(self.webhook.id, None, 9).items}
        assert bool(self.receiver.came) == (DeliveryState.DELIVERED in states)
        return " ".join(states)

    def send(self) -> str:
        try:
            return arrive(self.running, self.waiting)
        except Unavailable:
            return "unknown"


@pytest.fixture
def actors(pool: Pool, account: Account, browser: Browser) -> Actors:
    return Actors(pool, pool.sign_in(browser, account))


Change = Callable[[Pool, str], object]


def ask_pool(call: str, **asked: str) -> Change:
    return lambda pool, name: getattr(pool.cognito, call)(UserPoolId=pool.id, Username=name, **asked)


def require_second_factor(pool: Pool, name: str) -> None:
    directory: Any = type(pool.portal.portal.services.directory)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(directory, "has_second_factor", lambda *_: True)  # of the administrator
        set_policy(pool.portal, second_factor_required="yes")


CHANGES: dict[str, tuple[Change, tuple[int, int, str, str]]] = {
    "nothing": (lambda pool, name: None, (201, 200, "delivered", "sent")),
    "disabled": (ask_pool("admin_disable_user"), (401, 401, "dropped", "returned")),
    "deleted": (ask_pool("admin_delete_user"), (401, 401, "dropped", "returned")),
    "no longer staff": (
        ask_pool("admin_remove_user_from_group", GroupName="staff"), (403, 403, "dropped", "returned"),
    ),
    "may only upload": (
        ask_pool("admin_add_user_to_group", GroupName="portal-upload"), (201, 200, "delivered", "returned"),
    ),
    "may only share": (
        ask_pool("admin_add_user_to_group", GroupName="portal-share"), (403, 403, "delivered", "sent"),
    ),
    "needs a second factor": (require_second_factor, (403, 403, "dropped", "returned")),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_acts_for_somebody_ends_with_what_they_may(
    pool: Pool, account: Account, actors: Actors, change: str
) -> None:
    act, outcomes = CHANGES[change]
    act(pool, account.claims["email"])
    pool.portal.clock.turn(seconds=61)  # a process keeps the policies for a minute
    assert actors.list_outcomes() == outcomes


@pytest.mark.parametrize("is_known", [True, False])
def test_who_could_be_asked_about_a_moment_ago_goes_on(
    pool: Pool, actors: Actors, monkeypatch: pytest.MonkeyPatch, is_known: bool
) -> None:
    """All share what one of them heard; while the directory says nothing, nobody acts and nothing is lost."""
    if is_known:
        assert actors.show_token() == 201

    def be_away(*_: object) -> None:
        raise Unavailable

    with monkeypatch.context() as away:
        away.setattr(type(pool.portal.portal.services.directory), "get", be_away)
        good, bad = (201, 200, "delivered", "sent"), (503, 503, "queued", "unknown")
        assert actors.list_outcomes() == (good if is_known else bad)
    assert actors.list_outcomes()[:3] == (201, 200, "delivered")


@pytest.mark.parametrize(("minutes", "outcomes"), [(14, (201, 200)), (15, (401, 401))])
def test_an_answer_counts_for_a_quarter_of_an_hour(
    pool: Pool, account: Account, actors: Actors, minutes: int, outcomes: tuple[int, int]
) -> None:
    assert actors.show_key() == 200
    pool.cognito.admin_disable_user(UserPoolId=pool.id, Username=account.claims["email"])
    pool.portal.clock.turn(minutes=minutes)
    assert (actors.show_token(), actors.show_key()) == outcomes
