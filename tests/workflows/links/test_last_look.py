"""Once something that closes a file has answered, no address of the file is signed, whoever asks how."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pytest

from portal.domain.errors import Refusal
from portal.domain.files.file import File
from portal.engine.workflow import Workflow, run
from portal.workflows.files import own_download, owned_files
from portal.workflows.files.scan_results import close_infected
from portal.workflows.shares import adding, recipients
from portal.workflows.shares.sharing import ShareFiles
from tests.actions import (
    download_file,
    link_token,
    list_rows,
    make_id,
    make_person,
    make_request,
    preview_file,
    share_files,
    upload_file,
    withdraw_share,
)
from tests.builders import Running
from tests.held import HeldAnswer
from tests.workflows.shares.test_change import change_share

ANA = make_person("Ana Lopes")
pytestmark = pytest.mark.requirement("R48", "R73", "I12")


@dataclass(frozen=True)
class Given:
    """A film, a share of it, and a press's id."""

    running: Running
    film: File
    made: ShareFiles
    press: str

    @property
    def token(self) -> str:
        return link_token(self.running, self.made)


def prepare_press(portal: Running, path: str, film: File) -> tuple[Given, Callable[[], str]]:
    """A share of its own, pressed as often before as the path says; and the press to come."""
    ask, before, ago, _ = (PATHS | OWN)[path]
    given = Given(portal, film, share_files(portal, ANA, [film]), make_id(portal))
    for _ in range(before):
        assert ask(given)
    portal.clock.turn(seconds=ago.total_seconds())
    return given, partial(ask, given)


def own(workflow: Workflow[own_download.OwnDownload], given: Given) -> str:
    context = own_download.OwnDownload(make_request(ANA, given.running), file_id=given.film.id)
    return run(workflow, context, given.running.portal.services).address


def press(how: Callable[..., str], given: Given) -> str:
    return how(given.running, given.token, given.film, given.press)


# Who presses, how often before, how long ago, and with how many calls.
Path = tuple[Callable[[Given], str], int, timedelta, int]
PATHS: dict[str, Path] = {
    f"{name}, {when}": (partial(press, how), before, ago, 2)
    for name, how in {"download": download_file, "preview": preview_file}.items()
    for when, before, ago in [
        ("fresh", 0, timedelta(0)),
        ("repeated", 1, timedelta(seconds=30)),
        ("renewed", 3, timedelta(hours=2)),
    ]
}
OWN: dict[str, Path] = {
    "own": (partial(own, own_download.OWN_DOWNLOAD), 0, timedelta(0), 2),
    "own look": (partial(own, own_download.OWN_PREVIEW), 0, timedelta(0), 2),
    # Within the hour it is on record already, and looked at once more.
    "own look, repeated": (partial(own, own_download.OWN_PREVIEW), 1, timedelta(0), 3),
}


def withdraw(given: Given) -> None:
    withdraw_share(given.running, ANA, given.made.about)


def withdraw_recipient(given: Given) -> None:
    withdraw_share(given.running, ANA, given.made.about, given.made.recipients[0].id)


def bring_back(given: Given) -> None:
    """Withdrawn and added again, by another link."""
    withdraw_recipient(given)
    context = recipients.AddRecipients(
        make_request(ANA, given.running), share_id=given.made.about,
        recipients_text=given.made.recipients[0].address,
    )  # fmt: skip
    run(adding.ADD_RECIPIENTS, context, given.running.portal.services)


def end_sooner(given: Given) -> None:
    clock = given.running.clock
    change_share(given.running, given.made, expires_on=clock().date() + timedelta(days=1))
    clock.turn(days=2)


def let_it_end(given: Given) -> None:
    given.running.clock.turn(days=30)


def end_this_moment(given: Given) -> None:
    assert given.made.share is not None
    given.running.clock.now = given.made.share.expires_at


def delete(given: Given) -> None:
    context = owned_files.ChangeFile(make_request(ANA, given.running), file_id=given.film.id)
    run(owned_files.TRASH, context, given.running.portal.services)


def find_threat(given: Given) -> None:
    film = given.film
    assert close_infected(film.key, film.version_id, ["EICAR"], given.running.portal.services)


def find_threat_somewhere(given: Given) -> None:
    """In a version that the scanner does not name."""
    assert close_infected(given.film.key, "", ["EICAR"], given.running.portal.services)


CLOSING_FILE: dict[str, Callable[[Given], object]] = {
    "file deleted": delete,
    "threat found": find_threat,
    "threat found in some version": find_threat_somewhere,
}
CLOSING: dict[str, Callable[[Given], object]] = {
    "share withdrawn": withdraw,
    "recipient withdrawn": withdraw_recipient,
    "recipient brought back": bring_back,
    "end moved": end_sooner,
    "ended": let_it_end,
    "ends this moment": end_this_moment,
    "code asked": lambda given: change_share(given.running, given.made, confirm=True),
    "password asked": lambda given: change_share(given.running, given.made, password="correct horse"),
    **CLOSING_FILE,
}
CASES = [(path, change) for path in PATHS for change in CLOSING] + [
    (path, change) for path in OWN for change in CLOSING_FILE
]


@pytest.mark.parametrize(("path", "change"), CASES)
def test_no_address_is_signed_after_a_change_that_closes_it_has_answered(
    portal: Running, path: str, change: str
) -> None:
    """With the answer of each of the path's calls held in turn while the change is made elsewhere: what was
    read before gives out nothing any more, and what the last call let go was signed before.
    """
    film, calls = upload_file(portal, ANA, "film.mp4"), (PATHS | OWN)[path][-1]
    for place in range(calls):
        given, ask = prepare_press(portal, path, film)
        address = ""
        with HeldAnswer(portal, place, partial(CLOSING[change], given)) as held, suppress(Refusal):
            address = ask()
        assert "changed" in held.happened
        assert bool(address) is (place == calls - 1), f"call {place} of {calls}"
        assert not address or held.happened[-1] == "changed"
        if change in CLOSING_FILE:
            film = upload_file(portal, ANA, "film.mp4")


def count_shares(portal: Running) -> int:
    return sum(item["sk"]["S"] == "SHARE" for item in list_rows(portal))


@pytest.mark.parametrize("already_kept", [False, True])
@pytest.mark.parametrize("change", CLOSING_FILE)
def test_no_share_is_made_of_a_file_that_was_closed_meanwhile(
    portal: Running, change: str, already_kept: bool
) -> None:
    """With the answer of each call held in turn, until the change comes behind the share. already_kept: by
    another share, which lasts longer.
    """
    place, was_there = 0, False
    while not was_there:
        film = upload_file(portal, ANA, "film.mp4")
        other = share_files(portal, ANA, [film]) if already_kept else None
        given = Given(portal, film, other or share_files(portal, ANA, [upload_file(portal, ANA)]), "")
        before, found, made = count_shares(portal), list[int](), None

        def close(given: Given = given, found: list[int] = found) -> None:
            found.append(count_shares(portal))
            CLOSING_FILE[change](given)

        with HeldAnswer(portal, place, close) as held, suppress(Refusal):
            made = share_files(portal, ANA, [film])
        assert "changed" in held.happened
        was_there = found == [before + 1]
        assert (made is not None) is was_there, f"call {place}"
        place += 1
