"""A share's password: after the code, so many tries an hour, kept as a hash in one place."""

from __future__ import annotations

import pytest

from portal.domain.errors import TooMany
from portal.domain.links.proofs import Proof
from portal.engine.workflow import run
from portal.workflows.links import confirmation
from tests.actions import (
    link_token,
    list_records,
    list_rows,
    make_id,
    make_unlock,
    send_code,
    share_files,
    upload_file,
)
from tests.builders import Running
from tests.workflows.links.test_confirm import ANA, confirm_link, press_download, reason, share_one_file
from tests.workflows.shares.test_change import change_share

pytestmark = pytest.mark.requirement("R44", "R46")


def enter_password(running: Running, token: str, password: str, proof: Proof | None = None) -> Proof:
    context = make_unlock(running, token, password=password, proof=proof)
    done = run(confirmation.ENTER_PASSWORD, context, running.portal.services).proof
    assert done is not None
    return done


def test_a_password_comes_after_the_code(portal: Running) -> None:
    """Both are needed; the second does not make the hour of the first longer."""
    token = link_token(portal, share_one_file(portal, password="  correct horse "))
    assert reason(lambda: enter_password(portal, token, "correct horse")) == "unconfirmed"
    proof = confirm_link(portal, token, *send_code(portal, token))
    assert reason(lambda: press_download(portal, token, proof)) == "unconfirmed"
    portal.clock.turn(minutes=30)
    both = enter_password(portal, token, "correct horse", proof)
    assert both.expires_at == proof.expires_at
    assert press_download(portal, token, both)
    assert len(list_records(portal, "recipient.password_entered")) == 2


@pytest.mark.dates
def test_ten_passwords_an_hour(portal: Running) -> None:
    token = link_token(portal, share_one_file(portal, confirm=False, password="correct horse"))
    portal.clock.now = portal.clock.now.replace(minute=0, second=0)
    for _ in range(10):
        assert reason(lambda: enter_password(portal, token, "Correct horse")) == "wrong_password"
    with pytest.raises(TooMany) as refused:
        enter_password(portal, token, "correct horse")
    assert refused.value.retry_after_seconds == 3600
    portal.clock.turn(hours=1)
    assert press_download(portal, token, enter_password(portal, token, "correct horse"))


def test_no_password_is_kept_or_copied(portal: Running) -> None:
    """The hash stands on the share alone, not on its recipients' copies of it, also after a change."""
    change_share(portal, share_one_file(portal, password="correct horse"), message="changed")
    found = str(list_rows(portal))
    assert "correct horse" not in found
    assert found.count("scrypt:") == 1


@pytest.mark.requirement("R51")
def test_the_same_form_with_another_password_is_another(portal: Running) -> None:
    file, form = upload_file(portal, ANA), make_id(portal)
    asked = {"submission_id": form, "password": "correct horse"}
    first = share_files(portal, ANA, [file], **asked)
    assert share_files(portal, ANA, [file], **asked).about == first.about
    for other in ("wrong horse", ""):
        assert (
            reason(lambda other=other: share_files(portal, ANA, [file], **(asked | {"password": other})))
            == "submission_reused"
        )
    for bad in ("short", "x" * 129):
        assert reason(lambda bad=bad: share_files(portal, ANA, [file], password=bad)) == "password_length"
