"""The acts on drafts that are sent once their files have arrived."""

from __future__ import annotations

from portal.domain.audit.record import PORTAL
from portal.domain.errors import Invalid
from portal.engine.workflow import Request, run
from portal.workflows.shares import wishes
from portal.workflows.shares.sending import send_wished
from tests.actions import make_id, make_request, sign_in_before
from tests.aws.acts import ANA, Act, act
from tests.builders import Running
from tests.workflows.shares.wished import announce, begin, complete_by_event, press_send, put_object


@act
def send_when_ready(running: Running) -> Act:
    draft_id = make_id(running)
    files = announce(running, draft_id)
    yield
    press_send(running, draft_id, files)


@act
def stop_sending(running: Running) -> Act:
    draft_id, _ = begin(running)
    yield
    context = wishes.OnWish(make_request(ANA, running), draft_id=draft_id)
    run(wishes.STOP_SENDING, context, running.portal.services)


@act
def return_draft(running: Running) -> Act:
    sign_in_before(running, ANA)
    draft_id, _ = begin(running)
    services = running.portal.services
    draft = services.drafts.get(ANA.id, draft_id, running.clock())
    yield
    context = wishes.OnWish(
        Request(running.clock(), PORTAL), draft_id=draft_id, draft=draft, refusal=Invalid(), about=ANA.id
    )
    run(wishes.RETURN_DRAFT, context, services)


@act
def sending(running: Running) -> Act:
    """Whoever takes in the last file sends it."""
    sign_in_before(running, ANA)
    draft_id, [file] = begin(running)
    put_object(running, file, b"twelve bytes")
    complete_by_event(file.key, running.portal.services)
    yield
    send_wished(ANA.id, draft_id, running.portal.services)
