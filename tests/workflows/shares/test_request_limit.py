"""Room for requests: who is withdrawn while a request of theirs waits makes room for another's."""

from __future__ import annotations

import pytest

from portal.domain.shares.share import AccessRequestState
from portal.engine.workflow import Workflow, run
from portal.workflows.shares import access_requests, adding, recipients
from tests.actions import (
    ask_for_more,
    download_file,
    link_token,
    list_rows,
    make_person,
    make_request,
    share_files,
    upload_file,
    withdraw_share,
)
from tests.builders import Running

ANA = make_person("Ana Lopes")


def open_asks(portal: Running) -> int:
    return len(askers(portal))


def askers(portal: Running) -> set[str]:
    """Whose requests the share knows to wait."""
    (share,) = [item for item in list_rows(portal) if item["sk"]["S"] == "SHARE"]
    return set(share.get("askers", {"SS": []})["SS"])


def test_withdrawing_who_asked_makes_room(portal: Running) -> None:
    """Three wait at most: the fourth may ask once one of them was withdrawn; coming back counts nothing."""
    file, services = upload_file(portal, ANA), portal.portal.services
    people = "\n".join(f"p{place}@example.com" for place in range(4))
    made = share_files(portal, ANA, [file], recipients_text=people, download_limit=1)
    for place in range(4):
        download_file(portal, link_token(portal, made, place), file)

    def ask(place: int) -> None:
        ask_for_more(portal, link_token(portal, made, place))

    def withdraw(place: int) -> None:
        withdraw_share(portal, ANA, made.about, made.recipients[place].id)

    for place in range(3):
        ask(place)
    for _ in range(2):
        withdraw(0)
    assert open_asks(portal) == 2
    assert askers(portal) == {each.id for each in made.recipients[1:3]}
    ask(3)
    withdraw(3)
    back = recipients.AddRecipients(
        make_request(ANA, portal), share_id=made.about, recipients_text="p0@example.com"
    )
    run(adding.ADD_RECIPIENTS, back, services)
    found = services.shares.get_with_recipient(made.about, made.recipients[0].id)
    assert found is not None
    assert found[1].asking is not None
    assert found[1].asking.state is AccessRequestState.DECLINED
    assert open_asks(portal) == 2
    assert askers(portal) == {each.id for each in made.recipients[1:3]}


@pytest.mark.parametrize("answer", [access_requests.APPROVE_REQUEST, access_requests.DECLINE_REQUEST])
@pytest.mark.parametrize("ended", [True, False])
def test_an_answer_leaves_those_who_still_wait(
    portal: Running, answer: Workflow[access_requests.AnswerRequest], ended: bool
) -> None:
    """Whether or not it extends the share."""
    file, services = upload_file(portal, ANA), portal.portal.services
    made = share_files(portal, ANA, [file], recipients_text="p@x.example, q@x.example", download_limit=1)
    for place in range(2):
        download_file(portal, link_token(portal, made, place), file)
    if ended:
        portal.clock.turn(days=8)
    for place in range(2):
        ask_for_more(portal, link_token(portal, made, place))
    waiting = [each.id for each in made.recipients]
    assert askers(portal) == set(waiting)
    while waiting:
        answered = access_requests.AnswerRequest(
            make_request(ANA, portal), share_id=made.about, recipient_id=waiting.pop()
        )
        run(answer, answered, services)
        assert (askers(portal), open_asks(portal)) == (set(waiting), len(waiting))
