"""Changing who gets in after a share was sent: at once, also for those who are in."""

from __future__ import annotations

from contextvars import Context
from dataclasses import replace
from typing import Any

import pytest

from portal.domain.links.proofs import Proof
from portal.domain.shares.share import Notify
from portal.queries.received import list_received
from portal.workflows.links.link_access import ProofNeeded
from tests.actions import link_token, list_records, list_rows, send_code, share_files, upload_file
from tests.builders import Running
from tests.workflows.links.test_confirm import confirm_link, press_download, reason, share_one_file
from tests.workflows.links.test_share_password import enter_password
from tests.workflows.shares.test_change import ANA, BEN, change_share

pytestmark = pytest.mark.requirement("R44", "R48")


def test_a_password_is_set_changed_and_removed(portal: Running) -> None:
    """Whoever is in is asked for each new password; the same one again is no change."""
    share = share_one_file(portal)
    token = link_token(portal, share)
    proof = confirm_link(portal, token, *send_code(portal, token))
    assert press_download(portal, token, proof)
    change_share(portal, share, password="correct horse")
    assert reason(lambda: press_download(portal, token, proof)) == "unconfirmed"
    both = enter_password(portal, token, "correct horse", proof)
    assert press_download(portal, token, both)
    version = change_share(portal, share, password=" correct horse ").version
    assert press_download(portal, token, both)
    assert change_share(portal, share, password="battery staple").version == version + 1
    assert reason(lambda: press_download(portal, token, both)) == "unconfirmed"
    assert press_download(portal, token, enter_password(portal, token, "battery staple", both))
    change_share(portal, share, no_password=True)
    assert press_download(portal, token, proof)
    told = [each["details"]["M"]["password"]["S"] for each in list_records(portal, "share.changed")]
    assert told == ["set", "changed", "removed"]
    kept = str(list_rows(portal))
    assert "correct horse" not in kept
    assert "battery staple" not in kept


def test_a_code_that_is_asked_for_later_is_asked_of_everybody(portal: Running) -> None:
    """A proof of the password alone opens nothing any more; switched off again, it does."""
    share = share_one_file(portal, confirm=False, password="correct horse")
    token = link_token(portal, share)
    proof = enter_password(portal, token, "correct horse")
    assert press_download(portal, token, proof)
    change_share(portal, share, confirm=True)
    assert reason(lambda: press_download(portal, token, proof)) == "unconfirmed"
    change_share(portal, share, confirm=False)
    assert press_download(portal, token, proof)


class ChangedAfterReading:
    """The downloads, but that a change comes between a press of Download and its counting."""

    def __init__(self, downloads: Any, change: Any) -> None:
        self.downloads, self.change = downloads, change

    def __getattr__(self, name: str) -> Any:
        return getattr(self.downloads, name)

    def read_attempt(self, *asked: str) -> Any:
        found, change, self.change = self.downloads.read_attempt(*asked), self.change, lambda: None
        Context().run(change)  # another request: it shares no context with the press
        return found


@pytest.mark.parametrize("asked", [{"password": "correct horse"}, {"confirm": True}])
def test_a_download_that_is_being_counted_meets_the_change(portal: Running, asked: dict[str, Any]) -> None:
    """Looked at again with what is asked by then, and not counted."""
    share = share_one_file(portal, confirm=False)
    services = portal.portal.services
    between: Any = ChangedAfterReading(services.downloads, lambda: change_share(portal, share, **asked))
    slow = Running(replace(portal.portal, services=replace(services, downloads=between)), portal.clock)
    with pytest.raises(ProofNeeded):
        press_download(slow, link_token(portal, share), None)
    found = services.shares.get(share.about)
    assert found is not None
    assert found.download_count == 0


def test_what_recipients_lists_show_follows(portal: Running) -> None:
    """The copies on recipients' items, and never the hash in them."""
    share = share_files(portal, ANA, [upload_file(portal, ANA)], recipients_text=BEN.address)
    change_share(portal, share, confirm=True, preview=False, notify=Notify.EVERY, password="correct horse")
    [copy] = [each.share for each in list_received(BEN, portal.portal.services).page.items]
    assert (copy.confirm, copy.preview, copy.notify, copy.password_hash) == (True, False, Notify.EVERY, "")
    assert str(list_rows(portal)).count("scrypt:") == 1
    details = list_records(portal, "share.changed")[-1]["details"]["M"]
    assert {name: details[name]["S"] for name in ("confirm", "preview", "notify", "password")} == {
        "confirm": "on", "preview": "off", "notify": "every", "password": "set",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"password": "short"}, "password_length"),
        ({"password": "x" * 129}, "password_length"),
        ({"password": "correct horse", "no_password": True}, "password_both"),
    ],
)
def test_what_cannot_be_is_refused(portal: Running, asked: dict[str, Any], why: str) -> None:
    share = share_one_file(portal)
    assert reason(lambda: change_share(portal, share, **asked)) in {why, "invalid"}
    assert list_records(portal, "share.changed")[-1]["outcome"]["S"] == "refused"


def test_a_proof_of_another_password_of_another_share_counts_for_nothing(portal: Running) -> None:
    """The step in a proof names the password by its share's own salted hash."""
    one, other = (share_one_file(portal, confirm=False, password="correct horse") for _ in range(2))
    proof = enter_password(portal, link_token(portal, one), "correct horse")
    theirs = other.recipients[0]
    moved = Proof(other.about, theirs.id, theirs.generation, proof.expires_at, proof.steps)
    assert reason(lambda: press_download(portal, link_token(portal, other), moved)) == "unconfirmed"
