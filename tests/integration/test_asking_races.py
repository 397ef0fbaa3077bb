"""Many who ask and answer in the same moment, on a table that is atomic: each counts once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from portal.domain.files.file import File
from portal.engine.workflow import Request, run
from portal.workflows.shares import access_requests
from portal.workflows.shares.sharing import ShareFiles
from tests.actions import VISITOR, download_file, link_token, make_request, share_files
from tests.builders import Running
from tests.integration.test_change_races import ANA, DONE, file, run_at_once, running

__all__ = ["file", "running"]  # fixtures


def share_and_use_up(running: Running, file: File, people: int) -> ShareFiles:
    """A share of which everyone has had their one download."""
    addresses = "\n".join(f"p{place}@example.com" for place in range(people))
    made = share_files(running, ANA, [file], recipients_text=addresses, download_limit=1)
    for place in range(people):
        download_file(running, link_token(running, made, place), file)
    return made


def asks(running: Running, made: ShareFiles, place: int) -> Callable[[], object]:
    context = access_requests.AskForMore(
        Request(running.clock(), VISITOR), token=link_token(running, made, place)
    )
    return partial(run, access_requests.ASK_FOR_MORE, context, running.portal.services)


@pytest.mark.requirement("I7")
def test_ten_presses_of_one_recipient_ask_once(running: Running, file: File) -> None:
    """One request, one mail."""
    made = share_and_use_up(running, file, 1)
    came_to = Counter(run_at_once([asks(running, made, 0) for _ in range(10)]))
    assert came_to == {DONE: 1, "asked_lately": 9}


def test_of_eight_who_ask_at_once_three_do(running: Running, file: File) -> None:
    """So many wait for an answer, never more."""
    made = share_and_use_up(running, file, 8)
    came_to = Counter(run_at_once([asks(running, made, place) for place in range(8)]))
    assert came_to == {DONE: 3, "many_asked": 5}


def test_of_ten_answers_one_counts(running: Running, file: File) -> None:
    """Giving and declining in the same moment: one of them, and at most one more download."""
    made = share_and_use_up(running, file, 1)
    asks(running, made, 0)()
    context = access_requests.AnswerRequest(
        make_request(ANA, running), share_id=made.about, recipient_id=made.recipients[0].id
    )
    services = running.portal.services
    answers = [
        partial(run, which, context, services)
        for which in (access_requests.APPROVE_REQUEST, access_requests.DECLINE_REQUEST)
    ]
    came_to = Counter(run_at_once(answers * 5))
    assert came_to[DONE] == 1
    found = services.shares.get_with_recipient(made.about, made.recipients[0].id)
    assert found is not None
    assert found[1].extra_downloads == (1 if found[1].asking and found[1].asking.state == "given" else 0)
