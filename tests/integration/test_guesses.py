"""A thousand guesses at once, on a table that is atomic: five are looked at."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from portal.domain.audit.record import Action, Actor, Outcome
from portal.domain.errors import Refusal
from portal.domain.links import codes, tokens
from portal.engine.services import Services
from portal.engine.workflow import Request, Workflow, run
from portal.local.session import LocalPortal
from portal.workflows.links.confirmation import CONFIRM_ADDRESS, SEND_CODE, Unlock
from tests.integration.client import Client

pytestmark = pytest.mark.requirement("R44", "R46")


@pytest.fixture
def link(signed_in: Callable[..., Client]) -> tuple[str, str]:
    """The token of a new link whose recipient has to confirm the address, and the address."""
    staff = signed_in()
    file = staff.upload("secret.txt", b"for one person")
    staff.get(f"/shares/new?file={file}")
    _, fields = staff.fill_form("/shares/new")
    address = f"{fields['submission_id']}@partner.example"
    answer = staff.post(f"{staff.url}/shares/new", fields | {"step": "share", "recipients": address})
    page = staff.get(answer.headers["Location"])
    return page.all("input", readonly="")[0].attributes["value"].rsplit("/", 1)[1], address


def ask_for_code(token: str, place: int = 0, **fields: Any) -> Unlock:
    """place: which of many sources it comes from, each of which has a limit of its own."""
    actor = Actor("visitor", "visitor", source_ip=f"198.51.{100 + place // 200}.{place % 200}")
    return Unlock(Request(datetime.now(UTC), actor), token=token, browser="browser", **fields)


def came_to(workflow: Workflow[Unlock], context: Unlock, services: Services) -> str:
    """What one press came to: what it was refused for, or "through"."""
    try:
        run(workflow, context, services)
    except Refusal as refusal:
        return refusal.reason
    return "through"


def press_at_once(count: int, press: Callable[[int], str]) -> Counter[str]:
    with ThreadPoolExecutor(50) as pool:
        return Counter(pool.map(press, range(count)))


def codes_sent(local: LocalPortal, address: str) -> list[str]:
    """The codes in the emails to an address, oldest first; the first email brought the link."""
    mails = [each for each in local.outbox() if each["to"] == address][1:]
    assert not any("/d/" in each["text"] + each["html"] for each in mails)
    return [re.findall(r"\b\d{6}\b", each["text"])[0] for each in mails]


def request_code(local: LocalPortal, services: Services, token: str, address: str) -> tuple[str, str]:
    sent = run(SEND_CODE, ask_for_code(token), services).sent
    assert sent is not None
    return sent.id, codes_sent(local, address)[-1]


def test_a_thousand_guesses(local: LocalPortal, services: Services, link: tuple[str, str]) -> None:
    """Exactly five are compared; then not even the code itself gets through, until there is a new one."""
    token, _ = link
    code_id, code = request_code(local, services, *link)
    guesses = [f"{(int(code) + 1 + place) % 10**6:06}" for place in range(1000)]

    def guess(place: int) -> str:
        context = ask_for_code(token, place, code_id=code_id, code=guesses[place])
        return came_to(CONFIRM_ADDRESS, context, services)

    assert press_at_once(1000, guess) == {"wrong_code": 5, "code_tries": 995}
    late = ask_for_code(token, code_id=code_id, code=code)
    assert came_to(CONFIRM_ADDRESS, late, services) == "code_tries"
    code_id, code = request_code(local, services, *link)
    assert came_to(CONFIRM_ADDRESS, ask_for_code(token, code_id=code_id, code=code), services) == "through"


def test_the_right_code_forty_times_at_once(
    local: LocalPortal, services: Services, link: tuple[str, str]
) -> None:
    """It is used once; the same browser may repeat that for a minute, within its tries."""
    code_id, code = request_code(local, services, *link)
    context = ask_for_code(link[0], code_id=code_id, code=code)
    got = press_at_once(40, lambda _: came_to(CONFIRM_ADDRESS, context, services))
    assert 1 <= got["through"] <= codes.TRIES
    share = tokens.parse(link[0])
    assert share is not None
    records = services.audit.list_about(share.share_id, None, 100).items
    assert [each.outcome for each in records if each.action is Action.ADDRESS_CONFIRMED].count(
        Outcome.DONE
    ) == 1


def test_forty_requests_for_a_code(local: LocalPortal, services: Services, link: tuple[str, str]) -> None:
    """Five emails go out, whoever asks how often at once."""
    token, address = link
    got = press_at_once(40, lambda _: came_to(SEND_CODE, ask_for_code(token), services))
    assert got == {"through": 5, "too_many_codes": 35}
    assert len(codes_sent(local, address)) == 5
