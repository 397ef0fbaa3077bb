"""`/admin/audit`: everything that happened, searched; and one record with all that it knows."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from portal.domain.audit.record import Action, AuditRecord, Outcome
from portal.queries.admin.audit import find_activity, get_record
from portal.queries.admin.seals import find_proof
from portal.web.current import now, services
from portal.web.edge.audience import Audience, Place
from portal.web.forms.audit import FIELDS, read_fields
from portal.web.wording.action_words import describe_action
from portal.web.wording.history import describe_record

blueprint = Place("admin_audit", __name__, Audience.AUDITOR)

# What the thing is that a record is about, by the first word of its action; of emails it is their share.
THINGS = {
    "file": "file",
    "share": "share",
    "recipient": "share",
    "mail": "share",
    "person": "person",
    "organisation_group": "group",
}


@blueprint.get("/admin/audit")
def index() -> str:
    fields, cursor = read_fields(request.args), request.args.get("cursor")
    view = find_activity(fields.search(), fields.person, cursor, now(), services())
    return render_template(
        "pages/admin/audit.html", view=view, found=view.found, cursor=cursor, told=describe_record,
        here=fields.values, asked=dict.fromkeys(FIELDS, "") | fields.values, **list_choices(),
    )  # fmt: skip


@blueprint.get("/admin/audit/<mark>")
def show(mark: str) -> str:
    record = get_record(mark, services())
    return render_template(
        "pages/admin/audit_record.html", record=record, told=describe_record, kind=name_thing(record),
        proof=find_proof(record, services()), address=mark,
    )  # fmt: skip


def list_choices() -> dict[str, Any]:
    """What the form offers to choose from."""
    return {"actions": [(each.value, describe_action(each)) for each in Action], "outcomes": list(Outcome)}


def name_thing(record: AuditRecord) -> str:
    """What the record is about: a file, a share or a person; empty for what has no page."""
    return THINGS.get(record.action.partition(".")[0], "") if record.about else ""
