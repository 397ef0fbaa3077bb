"""Drafts that are to be sent once their files have arrived: pressed, arriving, looked at."""

from __future__ import annotations

from typing import Any

from portal.domain.files.file import File
from portal.domain.people.person import Person
from portal.domain.shares.drafts import Draft, SaveDraftResult
from portal.engine.workflow import run
from portal.workflows.shares import sending
from portal.workflows.shares.sending import SendState, SendWhenReady
from portal.workflows.upkeep.sweep import sweep
from portal.workflows.uploads import announcing
from portal.workflows.uploads.completion import complete_by_event
from tests.actions import make_id, make_person, make_request, put_object
from tests.builders import Running

ANA, BEN = make_person("Ana Lopes"), make_person("Ben Okoro")
BODY = b"twelve bytes"


def announce(portal: Running, draft_id: str, *names: str, who: Person = ANA) -> list[File]:
    announced = tuple(announcing.Announced(name, len(BODY)) for name in names or ("report.pdf",))
    context = announcing.Reserve(make_request(who, portal), announced=announced, draft_id=draft_id)
    return list(run(announcing.RESERVE, context, portal.portal.services).files)


def press_send(
    portal: Running, draft_id: str, files: list[File], who: Person = ANA, **more: Any
) -> SendWhenReady:
    ids = tuple(each.id for each in files)
    asked = {
        "recipients_text": "partner@example.com", "message": "Hello.", "expires_on": None,
        "download_limit": None, "days": 7,
    } | more  # fmt: skip
    typed = Draft(draft_id, who.id, portal.clock(), ids, {"recipients": asked["recipients_text"]})
    context = SendWhenReady(
        make_request(who, portal), submission_id=draft_id, file_ids=ids, typed=typed, **asked
    )
    return run(sending.SEND_WHEN_READY, context, portal.portal.services)


def begin(portal: Running, *names: str, who: Person = ANA, **more: Any) -> tuple[str, list[File]]:
    """Files on their way, and Send pressed."""
    draft_id = make_id(portal)
    files = announce(portal, draft_id, *names, who=who)
    assert press_send(portal, draft_id, files, who, **more).result is SaveDraftResult.SAVED
    return draft_id, files


def arrive(portal: Running, file: File) -> SendState:
    """The bucket's event, as the queue brings it."""
    put_object(portal, file, BODY)
    complete_by_event(file.key, portal.portal.services)
    return look(portal, file.draft_id, file.owner_id)


def look(portal: Running, draft_id: str, owner_id: str = ANA.id) -> SendState:
    return sending.send_wished(owner_id, draft_id, portal.portal.services)


def tick(portal: Running, **later: float) -> None:
    portal.clock.turn(**later)
    sweep(portal.portal.services, lambda: 300.0)


def list_shares(portal: Running) -> list[Any]:
    return list(portal.portal.services.shares.list_page(ANA.id, None, 50).items)


def read_draft(portal: Running, draft_id: str) -> Draft | None:
    return portal.portal.services.drafts.get(ANA.id, draft_id, portal.clock())
