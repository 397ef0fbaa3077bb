"""Drafts of shares: kept with each step of the form, thrown away by hand, by sending, and by time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from portal.domain.audit.record import Action
from portal.domain.errors import N_, Invalid, NotFound
from portal.domain.files.file import File, FileState
from portal.domain.ids import derive_id, is_id
from portal.domain.people.permissions import Privilege
from portal.domain.shares import drafts
from portal.domain.shares.drafts import Draft, SaveDraftResult
from portal.engine.services import Services
from portal.engine.workflow import Context, Stage, Workflow

MAX_IDS = 100  # of files, groups and people each: what one read takes; a share has fewer
MAX_BY_HAND = 500  # addresses, as many as a share may have


@dataclass(frozen=True, kw_only=True)
class SaveDraft(Context):
    """files: the sender's own of those it names, where they were read just now."""

    draft: Draft
    files: tuple[File, ...] = ()
    result: SaveDraftResult | None = None


@dataclass(frozen=True, kw_only=True)
class ThrowAway(Context):
    draft_id: str


def parse_draft(context: SaveDraft, services: Services) -> SaveDraft:
    """What a form may keep, and nothing else of what was posted."""
    asked = context.draft
    if not is_id(asked.id):
        raise Invalid(N_("This form is incomplete. Please open it again."), reason="submission")
    return replace(context, draft=strip_draft(asked, context.me.id, context.now), about=context.me.id)


def strip_draft(asked: Draft, owner_id: str, now: datetime) -> Draft:
    """A draft as someone may keep it."""
    answers = {name: text for name, text in asked.answers.items() if name in drafts.KEPT_FIELDS}
    groups = tuple(each for each in asked.groups if is_id(each))[:MAX_IDS]
    return replace(asked, owner_id=owner_id, saved_at=now, answers=answers, groups=groups,
                   by_hand=asked.by_hand[:MAX_BY_HAND], wish=None, returned=None)  # fmt: skip


def keep_own_files(context: SaveDraft, services: Services) -> SaveDraft:
    """Someone else's files are not remembered, nor what is deleted by now; uploads under way are."""
    asked = list(dict.fromkeys(context.draft.file_ids))[:MAX_IDS]
    found = context.files or services.files.get_many(context.me.id, asked)
    kept = tuple(each.id for each in found if each.state in {FileState.READY, FileState.PENDING})
    return replace(context, draft=replace(context.draft, file_ids=kept))


def save(context: SaveDraft, services: Services) -> SaveDraft:
    share_id = derive_id("share", context.me.id, context.draft.id)
    result = services.drafts.save(context.draft, share_id, drafts.MAX_DRAFTS, context.required_record)
    return replace(context, result=result)


def find_own_draft(context: ThrowAway, services: Services) -> ThrowAway:
    if services.drafts.get(context.me.id, context.draft_id, context.now) is None:
        raise NotFound()
    return replace(context, about=context.me.id)


def throw_away(context: ThrowAway, services: Services) -> ThrowAway:
    services.drafts.remove(context.me.id, context.draft_id, context.required_record)
    return context


SAVE_DRAFT: Workflow[SaveDraft] = Workflow(
    "save_draft",
    Action.DRAFT_BEGUN,
    {
        Stage.VALIDATE: (parse_draft,),
        Stage.IDENTIFY: (keep_own_files,),
        Stage.PROCESS: (save,),
    },
    needs=Privilege.SHARE,
)
THROW_AWAY: Workflow[ThrowAway] = Workflow(
    "throw_away_draft",
    Action.DRAFT_THROWN_AWAY,
    {
        Stage.IDENTIFY: (find_own_draft,),
        Stage.PROCESS: (throw_away,),
    },
)
