"""Each thing that a request for more needs, and each that its answer needs, missing alone: it is refused for
that, and nothing is changed or mailed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from portal.domain.errors import Refusal
from portal.domain.files.file import File
from portal.domain.people.person import Person
from portal.engine.workflow import Workflow, run
from portal.workflows.files.owned_files import TRASH, ChangeFile
from portal.workflows.shares.access_requests import APPROVE_REQUEST, DECLINE_REQUEST, AnswerRequest
from portal.workflows.shares.sharing import ShareFiles
from tests.actions import (
    ask_for_more,
    download_file,
    link_token,
    list_mails,
    make_person,
    make_request,
    read_state,
    share_files,
    upload_file,
    withdraw_share,
)
from tests.builders import Running

pytestmark = pytest.mark.requirement("R11", "R12", "R48")

ANA, BEN = make_person("Ana Lopes"), make_person("Ben Okoro")
ADMIN = make_person("Cleo Adams", admin=True)


@dataclass
class Spent:
    """A share whose first recipient has used up the only download."""

    portal: Running
    file: File
    made: ShareFiles

    def ask(self, **brought: str) -> None:
        ask_for_more(self.portal, **({"token": link_token(self.portal, self.made)} | brought))

    def answer(
        self, workflow: Workflow[AnswerRequest] = APPROVE_REQUEST, who: Person = ANA, **brought: str
    ) -> None:
        fields = {"share_id": self.made.about, "recipient_id": self.made.recipients[0].id} | brought
        run(workflow, AnswerRequest(make_request(who, self.portal), **fields), self.services)

    def withdraw(self, recipient_id: str = "") -> None:
        withdraw_share(self.portal, ANA, self.made.about, recipient_id)

    def trash(self) -> None:
        run(TRASH, ChangeFile(make_request(ANA, self.portal), file_id=self.file.id), self.services)

    @property
    def services(self) -> Any:
        return self.portal.portal.services


@pytest.fixture
def spent(portal: Running) -> Spent:
    file = upload_file(portal, ANA)
    made = share_files(portal, ANA, [file], recipients_text="a@x.example, b@x.example", download_limit=1)
    download_file(portal, link_token(portal, made), file)
    return Spent(portal, file, made)


Act = Callable[[Spent], object]
ASKING: dict[str, tuple[Act, dict[str, Any], str]] = {
    "a long note": (lambda _: None, {"note": "x" * 301}, "note_long"),
    "no link": (lambda _: None, {"token": "x"}, "not_found"),
    "a withdrawn share": (lambda spent: spent.withdraw(), {}, "withdrawn"),
    "a withdrawn link": (lambda spent: spent.withdraw(spent.made.recipients[0].id), {}, "withdrawn"),
    "a deleted file": (lambda spent: spent.trash(), {}, "removed"),
    "a request of this day": (lambda spent: spent.ask(), {}, "asked_lately"),
}


@pytest.mark.parametrize("case", ASKING)
def test_what_a_request_lacks_is_what_it_is_refused_for(spent: Spent, case: str) -> None:
    act, brought, reason = ASKING[case]
    act(spent)
    assert refuse(spent, lambda: spent.ask(**brought)) == reason


def test_what_is_open_is_not_asked_for(spent: Spent) -> None:
    token = link_token(spent.portal, spent.made, 1)
    assert refuse(spent, lambda: spent.ask(token=token)) == "open_again"


ANSWERING: dict[str, tuple[Act, dict[str, Any], str]] = {
    "another's share": (lambda spent: spent.ask(), {"who": BEN}, "not_found"),
    "an administrator": (lambda spent: spent.ask(), {"who": ADMIN}, "not_found"),
    "no share": (lambda spent: spent.ask(), {"share_id": "x"}, "not_found"),
    "no such person": (lambda spent: spent.ask(), {"recipient_id": "x"}, "not_found"),
    "no request": (lambda _: None, {}, "not_found"),
    "a withdrawn share": (lambda spent: (spent.ask(), spent.withdraw()), {}, "answered"),
    "an answer": (lambda spent: (spent.ask(), spent.answer()), {}, "answered"),
    "a refusal": (lambda spent: (spent.ask(), spent.answer(DECLINE_REQUEST)), {}, "answered"),
}


@pytest.mark.parametrize("workflow", [APPROVE_REQUEST, DECLINE_REQUEST], ids=["give", "decline"])
@pytest.mark.parametrize("case", ANSWERING)
def test_what_an_answer_lacks_is_what_it_is_refused_for(
    spent: Spent, case: str, workflow: Workflow[AnswerRequest]
) -> None:
    act, brought, reason = ANSWERING[case]
    act(spent)
    assert refuse(spent, lambda: spent.answer(workflow, **brought)) == reason


def test_what_is_deleted_is_not_given_and_may_be_declined(spent: Spent) -> None:
    spent.ask()
    spent.trash()
    assert refuse(spent, spent.answer) == "file_gone"
    spent.answer(DECLINE_REQUEST)


def refuse(spent: Spent, act: Callable[[], None]) -> str:
    """What an act is refused for."""
    before = read_state(spent.portal), len(list_mails(spent.portal))
    with pytest.raises(Refusal) as refused:
        act()
    assert (read_state(spent.portal), len(list_mails(spent.portal))) == before
    return refused.value.reason
