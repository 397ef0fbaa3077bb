"""`/v1/recipients`: whom the caller may mean by what they typed."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext, ngettext

from portal import queries
from portal.domain.recipient_groups import Group
from portal.domain.suggestions import KnownAddress
from portal.web.access import person
from portal.web.current import services

blueprint = Blueprint("recipients", __name__)


@blueprint.get("/v1/recipients")
def suggest() -> Response:
    """`?q=`, two characters at least -> `{suggestions: [{address, note} | {group_id, name, note}, ...]}`.

    At most eight, and only of the caller's own groups and the people they shared with. note: words for the
    reader, or empty.
    """
    groups, known = queries.suggestions(person(), request.args.get("q", ""), services())
    return jsonify(suggestions=[*map(of_group, groups), *map(of_address, known)])


def of_group(group: Group) -> dict[str, str]:
    many = len(group.addresses)
    note = ngettext("Group, %(num)d address", "Group, %(num)d addresses", many)
    return {"group_id": group.id, "name": group.name, "note": note}


def of_address(known: KnownAddress) -> dict[str, str]:
    return {"address": known.address, "note": gettext("Last mail did not arrive") if known.came_back else ""}
