"""A share's password: after the code, so many tries an hour, kept as a hash in one place (R44, R46)."""

from __future__ import annotations

import pytest

from portal.domain.errors import TooMany
from portal.domain.proofs import Proof
from portal.workflows import confirm
from portal.workflows.engine import run
from tests.builders import Running
from tests.doing import code_sent, new_id, recorded, rows, shared, token_of, unlocking, uploaded
from tests.workflows.test_change import changed
from tests.workflows.test_confirm import ANA, confirmed, fetched, made, reason


def entered(running: Running, token: str, password: str, proof: Proof | None = None) -> Proof:
    context = unlocking(running, token, password=password, proof=proof)
    done = run(confirm.ENTER_PASSWORD, context, running.portal.services).proof
    assert done is not None
    return done


def test_a_password_comes_after_the_code(portal: Running) -> None:
    """Both are needed; the second does not make the hour of the first longer."""
    token = token_of(portal, made(portal, password="  correct horse "))
    assert reason(lambda: entered(portal, token, "correct horse")) == "unconfirmed"
    proof = confirmed(portal, token, *code_sent(portal, token))
    assert reason(lambda: fetched(portal, token, proof)) == "unconfirmed"
    portal.clock.turn(minutes=30)
    both = entered(portal, token, "correct horse", proof)
    assert both.expires_at == proof.expires_at
    assert fetched(portal, token, both)
    assert len(recorded(portal, "recipient.password_entered")) == 2


def test_ten_passwords_an_hour(portal: Running) -> None:
    token = token_of(portal, made(portal, confirm=False, password="correct horse"))
    portal.clock.now = portal.clock.now.replace(minute=0, second=0)
    for _ in range(10):
        assert reason(lambda: entered(portal, token, "Correct horse")) == "wrong_password"
    with pytest.raises(TooMany) as refused:
        entered(portal, token, "correct horse")
    assert refused.value.retry_after_seconds == 3600
    portal.clock.turn(hours=1)
    assert fetched(portal, token, entered(portal, token, "correct horse"))


def test_no_password_is_kept_or_copied(portal: Running) -> None:
    """The hash stands on the share alone, not on its recipients' copies of it, also after a change."""
    changed(portal, made(portal, password="correct horse"), message="changed")
    found = str(rows(portal))
    assert "correct horse" not in found
    assert found.count("scrypt$") == 1


def test_the_same_form_with_another_password_is_another(portal: Running) -> None:
    """R51."""
    file, form = uploaded(portal, ANA), new_id(portal)
    asked = {"submission_id": form, "password": "correct horse"}
    first = shared(portal, ANA, [file], **asked)
    assert shared(portal, ANA, [file], **asked).about == first.about
    for other in ("wrong horse", ""):
        assert (
            reason(lambda other=other: shared(portal, ANA, [file], **(asked | {"password": other})))
            == "submission_reused"
        )
    for bad in ("short", "x" * 129):
        assert reason(lambda bad=bad: shared(portal, ANA, [file], password=bad)) == "password_length"
