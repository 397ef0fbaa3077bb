"""Recipient groups: making, changing and deleting them, and sharing with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar, assert_never

from portal.domain.audit.record import Action
from portal.domain.contacts.recipient_groups import (
    ORGANISATION,
    Group,
    SaveGroupResult,
    parse_group_name,
    parse_members,
)
from portal.domain.errors import N_, Conflict, Invalid, NotFound
from portal.domain.ids import make_sortable_id
from portal.domain.people.permissions import Privilege
from portal.domain.people.person import Person
from portal.engine.services import Services
from portal.engine.workflow import Context, Stage, Workflow, collect_refusals

MAX_CHOSEN = 100  # groups of one share: what one read takes


class GroupChangedMeanwhile(Conflict):
    """Another window's change came between; the page shows both (R63)."""

    reason = "changed_meanwhile"
    message = N_(
        "This group was changed while you had it open. Nothing you typed is lost: look at both, then save."
    )


@dataclass(frozen=True, kw_only=True)
class OnGroup(Context):
    """Something about a group of one's own. version: of the group as whoever asks has seen it, if that
    matters.
    """

    group_id: str = ""
    version: int | None = None
    group: Group | None = None

    @property
    def owner_id(self) -> str:
        return self.me.id

    @property
    def required_group(self) -> Group:
        if self.group is None:
            raise RuntimeError("the group is found first")
        return self.group


@dataclass(frozen=True, kw_only=True)
class SaveGroup(OnGroup):
    """name, recipients_text: as typed; after: the group as it shall be; again: it is so already."""

    name: str
    recipients_text: str
    version: int = 0
    after: Group | None = None
    again: bool = False

    @property
    def required_result(self) -> Group:
        if self.after is None:
            raise RuntimeError("the group is drafted first")
        return self.after


C = TypeVar("C", bound=OnGroup)
S = TypeVar("S", bound=SaveGroup)


def the_form(context: S, services: Services) -> S:
    return collect_refusals(context, services, (parse_name, check_members))


def parse_name(context: S, services: Services) -> S:
    return replace(context, name=parse_group_name(context.name))


def check_members(context: S, services: Services) -> S:
    parse_members(context.recipients_text, services.limits)
    return context


def draft_group(context: S, services: Services) -> S:
    new = Group(
        id=make_sortable_id(context.now), owner_id=context.owner_id, name=context.name,
        changed_at=context.now, addresses=parse_members(context.recipients_text, services.limits),
    )  # fmt: skip
    return replace(context, after=new, about=new.id, details=describe_group(new))


def find_group(context: C, services: Services) -> C:
    """Someone else's group is treated as missing, for administrators too."""
    found = services.groups.get(context.owner_id, context.group_id)
    if found is None:
        raise NotFound()
    return replace(context, group=found, about=found.id, details=describe_group(found))


def draft_change(context: S, services: Services) -> S:
    context = find_group(context, services)
    kept = parse_members(context.recipients_text, services.limits)
    same = (context.name, kept) == (context.required_group.name, context.required_group.addresses)
    after = replace(
        context.required_group, name=context.name, addresses=kept, changed_at=context.now,
        version=context.required_group.version + 1,
    )  # fmt: skip
    details = describe_group(after) | (
        {"before": context.required_group.name} if after.name != context.required_group.name else {}
    )
    return replace(context, after=after, again=same, details=details)


def require_unchanged(context: S, services: Services) -> S:
    """Of two changes at once the second is told; the same change sent twice is one (I7)."""
    if context.required_group.version != context.version and not context.again:
        raise GroupChangedMeanwhile()
    return context


def make(context: S, services: Services) -> S:
    """The same form sent twice is one group (I7): that of the first."""
    most = get_most_groups(context, services)
    result = services.groups.make(context.required_result, most, context.required_record)
    if result is SaveGroupResult.NAME_IN_USE:
        known = next(
            (g for g in services.groups.list_of(context.owner_id) if g.key == context.required_result.key),
            None,
        )
        same = (context.required_result.addresses, context.required_result.keepers)
        if known and (known.addresses, known.keepers) == same:
            return replace(context, after=known, again=True)
    require_saved(result, context, services)
    return context


def change(context: S, services: Services) -> S:
    if context.again:
        return context
    result = services.groups.change(context.required_group, context.required_result, context.required_record)
    require_saved(result, context, services)
    return context


def require_saved(result: SaveGroupResult, context: SaveGroup, services: Services) -> None:
    match result:
        case SaveGroupResult.SAVED:
            return
        case SaveGroupResult.CHANGED_MEANWHILE:
            raise GroupChangedMeanwhile()
        case SaveGroupResult.NAME_IN_USE:
            raise name_in_use(context)
        case SaveGroupResult.TOO_MANY:
            raise too_many_groups(context, get_most_groups(context, services))
    assert_never(result)


def get_most_groups(context: SaveGroup, services: Services) -> int:
    is_organisations = context.owner_id == ORGANISATION
    return services.limits.max_organisation_groups if is_organisations else services.limits.max_groups


def too_many_groups(context: SaveGroup, most: int) -> Invalid:
    words = (
        N_("The organisation can have at most %(most)s groups. Delete one that nobody needs any more.")
        if context.owner_id == ORGANISATION
        else N_("You can keep at most %(most)s groups. Delete one that you no longer need.")
    )
    return Invalid(words, reason="too_many_groups", params={"most": most})


def name_in_use(context: SaveGroup) -> Invalid:
    words = (
        N_("The organisation already has a group called %(name)s. Choose another name, or change that group.")
        if context.owner_id == ORGANISATION
        else N_("You already have a group called %(name)s. Choose another name, or change that group.")
    )
    return Invalid(words, field="name", reason="name_in_use", params={"name": context.required_result.name})


def delete(context: C, services: Services) -> C:
    if context.version not in {None, context.required_group.version}:
        raise GroupChangedMeanwhile()
    if not services.groups.delete(context.required_group, context.required_record):
        raise GroupChangedMeanwhile()
    return context


def describe_group(group: Group) -> dict[str, str]:
    return {"name": group.name, "people": str(len(group.addresses))}


def expand_groups(person: Person, group_ids: Sequence[str], services: Services) -> dict[str, tuple[str, ...]]:
    """The groups that someone shares with, theirs and the organisation's, as they are at this moment:
    addresses by the group's name.

    Raises Invalid where one of them is not there, or another's.
    """
    asked = list(dict.fromkeys(group_ids))
    if len(asked) > MAX_CHOSEN:
        raise Invalid(
            N_("Choose at most %(most)s groups."),
            field="recipients", reason="too_many_groups", params={"most": MAX_CHOSEN},
        )  # fmt: skip
    found = services.groups.get_many(person.id, asked)
    own = {each.id for each in found}
    others = [each for each in asked if each not in own]
    found = [*found, *services.groups.get_many(ORGANISATION, others)]
    if len(found) != len(asked):
        raise Invalid(
            N_("One of the groups no longer exists. Check whom you chose."),
            field="recipients", reason="group_missing",
        )  # fmt: skip
    chosen = dict[str, tuple[str, ...]]()
    for each in found:  # one's own and the organisation's may have the same name
        chosen[each.name] = (*chosen.get(each.name, ()), *each.addresses)
    return chosen


MAKE_GROUP: Workflow[SaveGroup] = Workflow(
    "make_group",
    Action.GROUP_MADE,
    {
        Stage.VALIDATE: (the_form, draft_group),
        Stage.PROCESS: (make,),
    },
    needs=Privilege.SHARE,
)
CHANGE_GROUP: Workflow[SaveGroup] = Workflow(
    "change_group",
    Action.GROUP_CHANGED,
    {
        Stage.VALIDATE: (the_form,),
        Stage.IDENTIFY: (draft_change,),
        Stage.AUTHORIZE: (require_unchanged,),
        Stage.PROCESS: (change,),
    },
    needs=Privilege.SHARE,
)
DELETE_GROUP: Workflow[OnGroup] = Workflow(
    "delete_group",
    Action.GROUP_DELETED,
    {
        Stage.IDENTIFY: (find_group,),
        Stage.PROCESS: (delete,),
    },
    needs=Privilege.SHARE,
)
