"""`/v1/recipients`: whom the caller may mean by what they typed."""

from __future__ import annotations

from flask import Response, jsonify, request
from flask_babel import gettext, ngettext

from portal.domain.contacts.recipient_groups import Group
from portal.domain.contacts.suggestions import KnownAddress
from portal.domain.people.beside import Beside
from portal.queries.contacts import suggest_recipients
from portal.web.api.routes import serve
from portal.web.current import services
from portal.web.edge.audience import Audience, Place, reads
from portal.web.identity.access import current_person

blueprint = Place("recipients", __name__, Audience.PROGRAM)


@reads(Beside.ORGANISATION_GROUPS)
def suggest() -> Response:
    """`?q=`, two characters at least -> `{suggestions: [{address, note} | {group_id, name, note}, ...]}`.

    At most eight, and only of the caller's own groups, the organisation's, and the people they shared with.
    note: words for the reader, or empty.
    """
    groups, known = suggest_recipients(current_person(), request.args.get("q", ""), services())
    return jsonify(suggestions=[*map(show_group, groups), *map(show_address, known)])


def show_group(group: Group) -> dict[str, str]:
    return {"group_id": group.id, "name": group.name, "note": describe_group(group, len(group.addresses))}


def describe_group(group: Group, many: int) -> str:
    if not group.is_of_organisation:
        return str(ngettext("Group, %(num)d address", "Group, %(num)d addresses", many))
    return str(
        ngettext(
            "Group of the organisation, %(num)d address", "Group of the organisation, %(num)d addresses", many
        )
    )


def show_address(known: KnownAddress) -> dict[str, str]:
    return {"address": known.address, "note": gettext("Last email did not arrive") if known.came_back else ""}


serve(blueprint, globals())
