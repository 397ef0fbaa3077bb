"""Room for requests: who is withdrawn while a request of theirs waits makes room for another's."""

from __future__ import annotations

from portal.domain.shares import AskingState
from portal.workflows import asking, recipients
from portal.workflows.engine import run
from portal.workflows.revoke import WITHDRAW_RECIPIENT, Withdraw
from tests.builders import Running
from tests.doing import VISITOR, asked_by, downloaded, rows, shared, somebody, token_of, uploaded

ANA = somebody("Ana Lopes")


def open_asks(portal: Running) -> int:
    (share,) = [item for item in rows(portal) if item["sk"]["S"] == "SHARE"]
    return int(share["open_asks"]["N"])


def test_withdrawing_who_asked_makes_room(portal: Running) -> None:
    """Three wait at most: the fourth may ask once one of them was withdrawn; coming back counts nothing."""
    file, services = uploaded(portal, ANA), portal.portal.services
    people = "\n".join(f"p{place}@example.com" for place in range(4))
    made = shared(portal, ANA, [file], recipients_text=people, download_limit=1)
    for place in range(4):
        downloaded(portal, token_of(portal, made, place), file)

    def ask(place: int) -> None:
        token = token_of(portal, made, place)
        context = asking.AskForMore(now=portal.clock(), actor=VISITOR, token=token)
        run(asking.ASK_FOR_MORE, context, services)

    def withdraw(place: int) -> None:
        recipient_id = made.recipients[place].id
        context = Withdraw(**asked_by(ANA, portal), share_id=made.about, recipient_id=recipient_id)
        run(WITHDRAW_RECIPIENT, context, services)

    for place in range(3):
        ask(place)
    for _ in range(2):
        withdraw(0)
    assert open_asks(portal) == 2
    ask(3)
    withdraw(3)
    back = recipients.AddRecipients(
        **asked_by(ANA, portal), share_id=made.about, recipients_text="p0@example.com"
    )
    run(recipients.ADD_RECIPIENTS, back, services)
    found = services.shares.with_recipient(made.about, made.recipients[0].id)
    assert found is not None
    assert found[1].asking is not None
    assert found[1].asking.state is AskingState.DECLINED
    assert open_asks(portal) == 2
