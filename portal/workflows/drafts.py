"""Drafts of shares: kept with each step of the form, thrown away by hand, by sending, and by time."""

from __future__ import annotations

from dataclasses import dataclass, replace

from portal.domain import drafts
from portal.domain.audit import Action
from portal.domain.drafts import Draft
from portal.domain.errors import Invalid, NotFound, words
from portal.domain.files import FileState
from portal.domain.ids import derived_id, is_id
from portal.workflows.engine import Context, Stage, Workflow, record_with_change
from portal.workflows.services import Services

MOST_IDS = 100  # of files, groups and people each: what one read takes; a share has fewer


@dataclass(frozen=True, kw_only=True)
class SaveDraft(Context):
    """came_to: "saved"; or why not: "sent" (it was shared by now), "many" (there are as many as may be)."""

    draft: Draft
    came_to: str = ""


@dataclass(frozen=True, kw_only=True)
class ThrowAway(Context):
    draft_id: str


def the_draft(context: SaveDraft, services: Services) -> SaveDraft:
    """What a form may keep, and nothing else of what was posted."""
    asked = context.draft
    if not is_id(asked.id):
        raise Invalid(words("This form is incomplete. Open it again, please."), reason="submission")
    answers = {name: text for name, text in asked.answers.items() if name in drafts.KEPT}
    groups = tuple(each for each in asked.groups if is_id(each))[:MOST_IDS]
    mine = replace(asked, owner_id=context.me.id, saved_at=context.now, answers=answers, groups=groups,
                   by_hand=asked.by_hand[:MOST_IDS])  # fmt: skip
    return replace(context, draft=mine, about=context.me.id)


def own_files(context: SaveDraft, services: Services) -> SaveDraft:
    """Somebody else's files are not remembered, nor what is deleted by now."""
    asked = [each for each in dict.fromkeys(context.draft.file_ids) if is_id(each)][:MOST_IDS]
    found = services.files.get_many(context.me.id, asked) if asked else []
    kept = tuple(each.id for each in found if each.state is FileState.READY)
    return replace(context, draft=replace(context.draft, file_ids=kept))


def save(context: SaveDraft, services: Services) -> SaveDraft:
    share_id = derived_id("share", context.me.id, context.draft.id)
    came_to = services.drafts.save(context.draft, share_id, drafts.MOST, context.made_record)
    return replace(context, came_to=came_to)


def mine(context: ThrowAway, services: Services) -> ThrowAway:
    known = is_id(context.draft_id) and services.drafts.get(context.me.id, context.draft_id, context.now)
    if not known:
        raise NotFound()
    return replace(context, about=context.me.id)


def throw_away(context: ThrowAway, services: Services) -> ThrowAway:
    services.drafts.remove(context.me.id, context.draft_id, context.made_record)
    return context


SAVE_DRAFT: Workflow[SaveDraft] = Workflow(
    "save_draft",
    Action.DRAFT_BEGUN,
    {
        Stage.VALIDATE: (the_draft,),
        Stage.IDENTIFY: (own_files,),
        Stage.AUDIT: (record_with_change("save_draft", Action.DRAFT_BEGUN),),
        Stage.PROCESS: (save,),
    },
)
THROW_AWAY: Workflow[ThrowAway] = Workflow(
    "throw_away_draft",
    Action.DRAFT_THROWN_AWAY,
    {
        Stage.IDENTIFY: (mine,),
        Stage.AUDIT: (record_with_change("throw_away_draft", Action.DRAFT_THROWN_AWAY),),
        Stage.PROCESS: (throw_away,),
    },
)
