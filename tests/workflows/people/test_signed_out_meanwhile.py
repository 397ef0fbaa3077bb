"""A request that read its session just before its person signed out everywhere changes nothing any more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from portal.domain.audit.record import Actor
from portal.domain.errors import SignInNeeded
from portal.domain.ids import read_time
from portal.domain.people.principal import Principal
from portal.domain.uploads.parts import AskedPart
from portal.engine.workflow import Request, Workflow, run
from portal.workflows.uploads.cancelling import CANCEL, Cancel
from portal.workflows.uploads.completion import COMPLETE, Complete
from portal.workflows.uploads.own_upload import OfUpload, Uploader
from portal.workflows.uploads.signing import SIGN_PARTS, Sign
from tests.actions import put_object, read_state, reserve_file
from tests.aws.acts import ANA, IDA
from tests.aws.file_acts import ACTS
from tests.builders import Clock, Running, make_running
from tests.parts import SMALL, announce_film
from tests.web.signing import session_of

pytestmark = pytest.mark.requirement("R10")
# Not done in a session: what a link or a signed address opens, and what time does. Signing a form again
# changes nothing, and there is no session left to end, nor a token to revoke. The mail service is asked to
# release an address before the table is; moto cannot be asked. A draft that is to be sent is sent by the
# portal, which asks first whether what its owner pressed still counts; where not, it comes back to them.
WITHOUT_SESSION = {
    "open_link", "download", "ask_for_more", "send_code", "confirm_address", "enter_password", "unsubscribe",
    "beginning_a_session", "sweeping", "sign_form", "release_address",
    "end_session", "revoke_token", "note_scan_result", "sending", "return_draft",
}  # fmt: skip


@pytest.fixture
def portal(aws: None, clock: Clock) -> Running:
    return make_running(clock, **SMALL)


@pytest.mark.parametrize("workflow", sorted(ACTS.keys() - WITHOUT_SESSION))
def test_nothing_is_done_in_a_session_that_has_ended(portal: Running, workflow: str) -> None:
    """The request's time, at which it read its session, is not later than the sign-out."""
    for person in (ANA, IDA):
        session_of(portal, person)
    act = ACTS[workflow](portal)
    next(act)
    for person in (ANA, IDA):
        portal.portal.services.people.end_sessions(person, portal.clock())
    before = read_state(portal)
    with pytest.raises(SignInNeeded):
        next(act)
    assert read_state(portal) == before


def test_signed_in_again_everything_is_as_before(portal: Running) -> None:
    session_of(portal, ANA)
    portal.portal.services.people.end_sessions(ANA, portal.clock())
    portal.clock.turn(seconds=1)
    act = ACTS["share"](portal)
    next(act)
    next(act, None)


BY_KEY: dict[str, Callable[[Uploader, str], tuple[Workflow[Any], OfUpload]]] = {
    "sign parts": lambda who, id: (SIGN_PARTS, replace(Sign.from_uploader(who, id), asked=(AskedPart(1),))),
    "keep a hash": lambda who, id: (COMPLETE, replace(Complete.from_uploader(who, id), sha256="0" * 64)),
    "complete": lambda who, id: (COMPLETE, Complete.from_uploader(who, id)),
    "cancel": lambda who, id: (CANCEL, Cancel.from_uploader(who, id)),
}


@pytest.mark.parametrize("asked", BY_KEY)
@pytest.mark.parametrize("ends", ["before", "not at all"])
def test_nothing_is_done_by_the_key_of_an_upload_announced_before(
    portal: Running, asked: str, ends: str
) -> None:
    """The key was still looked at before its owner signed out everywhere."""
    session_of(portal, ANA)
    in_parts = asked == "sign parts"
    file = announce_film(portal, ANA) if in_parts else reserve_file(portal, ANA)
    if asked == "complete":
        put_object(portal, file, b"twelve bytes")
    portal.clock.turn(seconds=1)
    key = Request(
        portal.clock(), Actor("person", ANA.id), Principal.by_upload_key(ANA.id, read_time(file.id))
    )
    workflow, context = BY_KEY[asked](Uploader(key, ANA.id, True), file.id)
    if ends == "before":
        portal.portal.services.people.end_sessions(ANA, portal.clock())
        before = read_state(portal)
        with pytest.raises(SignInNeeded):
            run(workflow, context, portal.portal.services)
        assert read_state(portal) == before
    else:
        run(workflow, context, portal.portal.services)
