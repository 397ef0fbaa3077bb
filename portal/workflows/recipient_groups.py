"""Recipient groups: making, changing and deleting them, and sharing with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from portal.domain.audit import Action
from portal.domain.errors import Conflict, Invalid, NotFound, words
from portal.domain.ids import is_id, sortable_id
from portal.domain.people import Person
from portal.domain.recipient_groups import Group, group_name, members
from portal.workflows.engine import Context, Stage, Workflow, checked_together, record_with_change
from portal.workflows.services import Services


class GroupChangedMeanwhile(Conflict):
    """Another window's change came between; the page shows both (R63)."""

    reason = "changed_meanwhile"
    words = words(
        "This group was changed while you had it open. Nothing you typed is lost: look at both, then save."
    )


@dataclass(frozen=True, kw_only=True)
class OnGroup(Context):
    """Something about a group of one's own."""

    group_id: str = ""
    group: Group | None = None

    @property
    def found(self) -> Group:
        if self.group is None:
            raise RuntimeError("the group is found first")
        return self.group


@dataclass(frozen=True, kw_only=True)
class SaveGroup(OnGroup):
    """name, recipients_text: as typed; version: of the group as whoever asks has seen it. after: the group as
    it shall be; again: it is so already.
    """

    name: str
    recipients_text: str
    version: int = 0
    after: Group | None = None
    again: bool = False

    @property
    def wanted(self) -> Group:
        if self.after is None:
            raise RuntimeError("the group is drafted first")
        return self.after


def the_form(context: SaveGroup, services: Services) -> SaveGroup:
    return checked_together(context, services, (the_name, the_members))


def the_name(context: SaveGroup, services: Services) -> SaveGroup:
    return replace(context, name=group_name(context.name))


def the_members(context: SaveGroup, services: Services) -> SaveGroup:
    members(context.recipients_text, services.limits)
    return context


def a_new_one(context: SaveGroup, services: Services) -> SaveGroup:
    new = Group(
        id=sortable_id(context.now), owner_id=context.me.id, name=context.name, changed_at=context.now,
        addresses=members(context.recipients_text, services.limits),
    )  # fmt: skip
    return replace(context, after=new, about=new.id, details=told(new))


C = TypeVar("C", bound=OnGroup)


def my_group(context: C, services: Services) -> C:
    """Somebody else's group is as good as none, for administrators too."""
    found = services.groups.get(context.me.id, context.group_id) if is_id(context.group_id) else None
    if found is None:
        raise NotFound()
    return replace(context, group=found, about=found.id, details=told(found))


def the_change(context: SaveGroup, services: Services) -> SaveGroup:
    context = my_group(context, services)
    kept = members(context.recipients_text, services.limits)
    same = (context.name, kept) == (context.found.name, context.found.addresses)
    after = replace(
        context.found, name=context.name, addresses=kept, changed_at=context.now,
        version=context.found.version + 1,
    )  # fmt: skip
    details = told(after) | ({"before": context.found.name} if after.name != context.found.name else {})
    return replace(context, after=after, again=same, details=details)


def as_it_was_seen(context: SaveGroup, services: Services) -> SaveGroup:
    """Of two changes at once the second is told; the same change sent twice is one (I7)."""
    if context.found.version != context.version and not context.again:
        raise GroupChangedMeanwhile()
    return context


def make(context: SaveGroup, services: Services) -> SaveGroup:
    """The same form sent twice is one group (I7)."""
    outcome = services.groups.make(context.wanted, services.limits.max_groups, context.made_record)
    if outcome == "many":
        raise Invalid(
            words("You can keep at most %(most)s groups. Delete one that you do not need any more."),
            reason="too_many_groups", values={"most": services.limits.max_groups},
        )  # fmt: skip
    if outcome == "name":
        known = next((g for g in services.groups.of(context.me.id) if g.key == context.wanted.key), None)
        if known is None or known.addresses != context.wanted.addresses:
            raise name_in_use(context)
        return replace(context, again=True)
    return context


def change(context: SaveGroup, services: Services) -> SaveGroup:
    if context.again:
        return context
    outcome = services.groups.change(context.found, context.wanted, context.made_record)
    if outcome == "version":
        raise GroupChangedMeanwhile()
    if outcome == "name":
        raise name_in_use(context)
    return context


def name_in_use(context: SaveGroup) -> Invalid:
    return Invalid(
        words("You have a group called %(name)s already. Choose another name, or change that group."),
        field="name", reason="name_in_use", values={"name": context.wanted.name},
    )  # fmt: skip


def delete(context: OnGroup, services: Services) -> OnGroup:
    if not services.groups.delete(context.found, context.made_record):
        raise GroupChangedMeanwhile()
    return context


def told(group: Group) -> dict[str, str]:
    return {"name": group.name, "people": str(len(group.addresses))}


def chosen(person: Person, group_ids: Sequence[str], services: Services) -> dict[str, tuple[str, ...]]:
    """The groups that somebody shares with, as they are at this moment: addresses by the group's name.

    Raises Invalid where one of them is not there, or not theirs.
    """
    asked = list(dict.fromkeys(group_ids))
    known = [each for each in asked if is_id(each)][: services.limits.max_groups]
    found = services.groups.get_many(person.id, known)
    if len(found) != len(asked):
        raise Invalid(
            words("One of the groups is not there any more. Look at whom you chose."),
            field="recipients", reason="group_missing",
        )  # fmt: skip
    return {each.name: each.addresses for each in found}


MAKE_GROUP: Workflow[SaveGroup] = Workflow(
    "make_group",
    Action.GROUP_MADE,
    {
        Stage.VALIDATE: (the_form, a_new_one),
        Stage.AUDIT: (record_with_change("make_group", Action.GROUP_MADE),),
        Stage.PROCESS: (make,),
    },
)
CHANGE_GROUP: Workflow[SaveGroup] = Workflow(
    "change_group",
    Action.GROUP_CHANGED,
    {
        Stage.VALIDATE: (the_form,),
        Stage.IDENTIFY: (the_change,),
        Stage.AUTHORIZE: (as_it_was_seen,),
        Stage.AUDIT: (record_with_change("change_group", Action.GROUP_CHANGED),),
        Stage.PROCESS: (change,),
    },
)
DELETE_GROUP: Workflow[OnGroup] = Workflow(
    "delete_group",
    Action.GROUP_DELETED,
    {
        Stage.IDENTIFY: (my_group,),
        Stage.AUDIT: (record_with_change("delete_group", Action.GROUP_DELETED),),
        Stage.PROCESS: (delete,),
    },
)
