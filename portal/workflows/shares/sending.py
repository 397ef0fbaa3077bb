"""Send was pressed before all files had arrived: the wish is kept with the draft, and whoever takes in the
last file sends it, whether the page is open or not.

What is sent is the draft as Send was pressed on it, under what is allowed by then, and its share is made in
the transaction that removes the draft: so it goes out once, and not after Send was taken back.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from portal.domain.audit.record import PORTAL, Action, Actor
from portal.domain.errors import N_, Forbidden, Invalid, Refusal, SignInNeeded, Unavailable
from portal.domain.files.file import File, FileState
from portal.domain.ids import make_sortable_id
from portal.domain.people.permissions import Privilege
from portal.domain.people.principal import Principal
from portal.domain.shares import expiry, passwords
from portal.domain.shares.drafts import Draft, SaveDraftResult, Terms, Wish
from portal.engine.budgets import iterate_in_time
from portal.engine.owner_limits import resolve_limits
from portal.engine.rights import find_trusted
from portal.engine.services import Services
from portal.engine.workflow import (
    Request,
    Stage,
    Step,
    Workflow,
    collect_refusals,
    isolate_failures,
    run,
)
from portal.workflows.shares import drafts, sharing
from portal.workflows.shares.shareable import check_ready
from portal.workflows.shares.sharing import SHARE, ShareFiles
from portal.workflows.shares.wishes import RETURN_DRAFT, OnWish

log = logging.getLogger(__name__)

MAX_WISHES = 100  # drafts of one person, from which on Send waits for nothing any more
SHUT_OUT = N_(
    "After Send was pressed, this account signed out everywhere or was disabled. Sign in and send again."
)
LOOK_AGAIN = timedelta(minutes=5)
# So long files may be chosen again that no upload was announced for, since the page was closed before.
PATIENCE = timedelta(days=7)


class SendState(StrEnum):
    """What looking at a wish came to."""

    NOTHING = "nothing"  # there is none, or no longer
    WAITING = "waiting"  # for files
    SENT = "sent"
    RETURNED = "returned"  # refused; the draft says why


@dataclass(frozen=True, kw_only=True)
class SendWhenReady(ShareFiles):
    """typed: the draft as it is on the page; days: until when, counted from the day it is sent; missing: how
    many more files were chosen.
    """

    typed: Draft
    days: int | None = None
    missing: int = 0
    result: SaveDraftResult | None = None


def check_form(context: SendWhenReady, services: Services) -> SendWhenReady:
    return collect_refusals(context, services, RULES)


def check_choice(context: SendWhenReady, services: Services) -> SendWhenReady:
    """As a share's, with the files that are still to be announced."""
    chosen, most = tuple(dict.fromkeys(context.file_ids)), services.limits.max_files_per_share
    if not chosen and context.missing > 0:
        return replace(context, file_ids=())
    checked = sharing.check_choice(context, services)
    if context.missing < 0 or len(chosen) + context.missing > most:
        raise Invalid(
            N_("Choose at most %(most)s files for one share."),
            field="files", reason="too_many_files", params={"most": most},
        )  # fmt: skip
    return checked


# A share's, but for that one.
RULES: tuple[Step[Any], ...] = (
    check_choice,
    *(rule for rule in sharing.RULES if rule is not sharing.check_choice),
)


def require_coming(context: SendWhenReady, services: Services) -> SendWhenReady:
    check_ready(context.files, len(context.file_ids), may_come=True)
    return context


def keep_wish(context: SendWhenReady, services: Services) -> SendWhenReady:
    trust = context.request.trust
    terms = Terms(
        context.recipients_text, context.message, tuple(context.group_ids), tuple(context.by_hand),
        context.days, None if context.days else context.expires_on, context.download_limit,
        context.confirm, context.preview, context.notify,
    )  # fmt: skip
    wish = Wish(
        make_sortable_id(context.now), context.now, trust.since if trust else context.now, terms,
        context.zone, context.language, context.missing,
        passwords.hash_password(context.password) if context.password else "",
    )  # fmt: skip
    typed = drafts.strip_draft(context.typed, context.me.id, context.now)
    draft = replace(typed, file_ids=tuple(context.file_ids), wish=wish, returned=None)
    result = services.drafts.save(draft, context.about, MAX_WISHES, context.required_record)
    return replace(context, result=result)


SEND_WHEN_READY: Workflow[SendWhenReady] = Workflow(
    "send_when_ready",
    Action.SENDING_ASKED,
    {
        Stage.VALIDATE: (check_form,),
        Stage.IDENTIFY: (sharing.find_own_files,),
        Stage.AUTHORIZE: (require_coming, sharing.check_kinds, sharing.check_recipients),
        Stage.PROCESS: (keep_wish,),
    },
    needs=Privilege.SHARE,
)


def send_wished(owner_id: str, draft_id: str, services: Services, request_id: str = "") -> SendState:
    """Send a draft if it is to be sent by itself and all of it is there. Safe to call whenever, by many."""
    draft = services.drafts.get(owner_id, draft_id, services.clock())
    if draft is None or draft.wish is None:
        return SendState.NOTHING
    if is_waiting(draft, draft.wish, services):
        return SendState.WAITING
    try:
        send(draft, draft.wish, services, request_id)
    except Unavailable:
        raise
    except SignInNeeded:
        give_back(draft, Forbidden(SHUT_OUT, reason="sender_shut_out"), services, request_id)
        return SendState.RETURNED
    except Refusal as refusal:
        if refusal.reason == "not_wished":
            return SendState.NOTHING
        give_back(draft, refusal, services, request_id)
        return SendState.RETURNED
    return SendState.SENT


def give_back(draft: Draft, refusal: Refusal, services: Services, request_id: str) -> None:
    asked = Request(services.clock(), PORTAL, request_id=request_id)
    context = OnWish(asked, draft_id=draft.id, draft=draft, refusal=refusal, about=draft.owner_id)
    run(RETURN_DRAFT, context, services)


def is_waiting(draft: Draft, wish: Wish, services: Services) -> bool:
    """Whether something of it may still come. Where something is gone, nothing else is waited for."""
    files = services.files.get_many(draft.owner_id, draft.file_ids)
    coming = {FileState.PENDING, FileState.READY}
    if len(files) != len(draft.file_ids) or any(each.state not in coming for each in files):
        return False
    if wish.missing:
        return services.clock() - wish.at < PATIENCE
    return any(each.state is FileState.PENDING for each in files)


def send(draft: Draft, wish: Wish, services: Services, request_id: str) -> None:
    """As its owner, if they could by now themselves, and within what their policies allow."""
    now, terms = services.clock(), wish.terms
    owner = find_trusted(draft.owner_id, wish.since, services, None)
    if wish.missing:
        raise Invalid(
            N_("Not all of the files were uploaded. Choose the others again."), reason="file_missing"
        )
    actor, principal = (
        Actor("person", owner.id, owner.name),
        Principal(owner.id, person=owner, since=wish.since),
    )
    today = now.astimezone(expiry.zone(wish.zone)).date()
    context = ShareFiles(
        Request(now, actor, principal, request_id),
        submission_id=draft.id, file_ids=draft.file_ids, recipients_text=terms.recipients_text,
        message=terms.message, group_ids=terms.group_ids, by_hand=terms.by_hand,
        expires_on=today + timedelta(days=terms.days) if terms.days else terms.expires_on,
        download_limit=terms.download_limit, confirm=terms.confirm, preview=terms.preview,
        notify=terms.notify, zone=wish.zone, language=wish.language, draft=draft,
    )  # fmt: skip
    run(SHARE, context, replace(services, limits=resolve_limits(owner.groups, services)))


def send_with(files: Iterable[File | None], services: Services) -> None:
    """What waited for these files, which have just been taken in. Whatever fails here, they are; and the
    schedule comes to it.
    """
    waiting = dict.fromkeys((each.owner_id, each.draft_id) for each in files if each and each.draft_id)
    for owner_id, draft_id in waiting:
        with suppress(Unavailable), isolate_failures("draft"):
            send_wished(owner_id, draft_id, services)


def look_again(draft: Draft, services: Services) -> bool:
    """Whether to come back to it later, for the sake of all the others that are due."""
    try:
        return send_wished(draft.owner_id, draft.id, services) is SendState.WAITING
    except Unavailable as problem:
        log.warning("a draft has to wait", extra={"draft": draft.id, "problem": type(problem).__name__})
        return True


def send_due_drafts(services: Services, seconds_left: Callable[[], float]) -> int:
    """What the schedule does: drafts whose last file was taken in by somebody who did not come so far, and
    those that wait for what will not come. Returns how many were looked at.
    """
    looked = 0
    for draft in iterate_in_time(services.drafts.list_all_due(services.clock()), seconds_left):
        with isolate_failures("draft"):
            looked += 1
            if look_again(draft, services):
                services.drafts.put_off(draft, services.clock() + LOOK_AGAIN)
    return looked
