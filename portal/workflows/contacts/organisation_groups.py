"""The organisation's recipient groups: administrators make and delete them and name their keepers; these
change who is in them; everyone who may share sees and uses them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from portal.domain.audit.record import Action
from portal.domain.contacts.recipient_groups import MAX_KEEPERS, ORGANISATION, Group
from portal.domain.errors import N_, Invalid
from portal.domain.people.permissions import Privilege, require_admin, require_keeper
from portal.domain.people.person import Person
from portal.engine.services import Services
from portal.engine.workflow import Stage, Workflow
from portal.workflows.contacts.accounts import find_accounts
from portal.workflows.contacts.recipient_groups import (
    OnGroup,
    SaveGroup,
    change,
    delete,
    describe_group,
    draft_change,
    draft_group,
    find_group,
    make,
    require_unchanged,
    the_form,
)


@dataclass(frozen=True, kw_only=True)
class OnOrganisationGroup(OnGroup):
    @property
    def owner_id(self) -> str:
        return ORGANISATION


@dataclass(frozen=True, kw_only=True)
class SaveOrganisationGroup(SaveGroup):
    """keepers_text: who shall keep it, as typed: addresses or ids; None leaves them as they are."""

    keepers_text: str | None = None

    @property
    def owner_id(self) -> str:
        return ORGANISATION


def require_keeping(context: SaveOrganisationGroup, services: Services) -> SaveOrganisationGroup:
    require_keeper(context.me, context.required_group.keepers)
    return context


def name_keepers(context: SaveOrganisationGroup, services: Services) -> SaveOrganisationGroup:
    """Only administrators do; nobody else learns by it who has an account."""
    before, after = context.group, replace(context.required_result, changed_by=context.me.name)
    if context.keepers_text is not None:
        require_admin(context.me)
        kept = services.people.get_many(before.keepers) if before and before.keepers else {}
        keepers = find_keepers(context.keepers_text, list(kept.values()), services)
        after = replace(after, keepers=tuple(each.id for each in keepers))
    again = context.again and before is not None and after.keepers == before.keepers
    return replace(context, after=after, again=again, details=describe_change(before, after))


def find_keepers(text: str, kept: list[Person], services: Services) -> list[Person]:
    """In the order that they were typed in, each once. kept: those that it has, who need not be looked up."""
    typed = list(dict.fromkeys(filter(None, re.split(r"[\s,;]+", text))))
    if len(typed) > MAX_KEEPERS:
        raise Invalid(
            N_("A group can have at most %(most)s keepers."),
            field="keepers", reason="too_many_keepers", params={"most": MAX_KEEPERS},
        )  # fmt: skip
    known = {name: each for each in kept for name in (each.id, each.address.casefold()) if name}
    found = [known.get(each) or known.get(each.casefold()) or find_keeper(each, services) for each in typed]
    return list({each.id: each for each in found}.values())


def find_keeper(text: str, services: Services) -> Person:
    found = find_accounts(text, services)
    if len(found) != 1:
        raise Invalid(
            N_("%(who)s cannot be named as keeper: nobody has signed in yet with this confirmed address, or"
                " several have. Ask them to sign in once, or use their id."),
            field="keepers", reason="no_keeper", params={"who": text[:100]},
        )  # fmt: skip
    return found[0]


def describe_change(before: Group | None, after: Group) -> dict[str, str]:
    """Who came and who left, for the record; keepers by their ids."""
    old = before or replace(after, addresses=(), keepers=())
    said = {
        "before": old.name if old.name != after.name else "",
        "added": list_missing(after.addresses, old.addresses),
        "removed": list_missing(old.addresses, after.addresses),
        "keepers_added": list_missing(after.keepers, old.keepers),
        "keepers_removed": list_missing(old.keepers, after.keepers),
    }
    return describe_group(after) | {name: words for name, words in said.items() if words}


def list_missing(some: tuple[str, ...], others: tuple[str, ...]) -> str:
    return ", ".join(each for each in some if each not in others)


MAKE_ORGANISATION_GROUP: Workflow[SaveOrganisationGroup] = Workflow(
    "make_organisation_group",
    Action.ORGANISATION_GROUP_MADE,
    {
        Stage.VALIDATE: (the_form, draft_group),
        Stage.AUTHORIZE: (name_keepers,),
        Stage.PROCESS: (make,),
    },
    needs=Privilege.ADMINISTER,
)
CHANGE_ORGANISATION_GROUP: Workflow[SaveOrganisationGroup] = Workflow(
    "change_organisation_group",
    Action.ORGANISATION_GROUP_CHANGED,
    {
        Stage.VALIDATE: (the_form,),
        Stage.IDENTIFY: (draft_change,),
        Stage.AUTHORIZE: (require_keeping, name_keepers, require_unchanged),
        Stage.PROCESS: (change,),
    },
    needs=Privilege.SHARE,
)
DELETE_ORGANISATION_GROUP: Workflow[OnOrganisationGroup] = Workflow(
    "delete_organisation_group",
    Action.ORGANISATION_GROUP_DELETED,
    {
        Stage.IDENTIFY: (find_group,),
        Stage.PROCESS: (delete,),
    },
    needs=Privilege.ADMINISTER,
)
