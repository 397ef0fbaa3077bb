"""The audit log, searched as on its page, and one record with all that it knows."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from portal.domain.audit.marks import write_in_address
from portal.domain.audit.record import Action, AuditRecord, Outcome
from portal.domain.audit.search import AuditSearch
from portal.queries.admin.audit import find_activity, get_record
from portal.web.api.fields import Asked, Moment, Text, Told, length, one_of
from portal.web.api.operations import Answer, operation
from portal.web.current import now, services
from portal.web.forms.audit import read_day


class SearchAsked(Asked):
    """All that is said must fit."""

    person = Text(validate=length(1, 200), metadata={"description": "an id, or how a name or address begins"})
    thing = Text(validate=length(1, 200), metadata={"description": "the id of a file, share or person"})
    address = Text(validate=length(1, 320), metadata={"description": "of a recipient"})
    action = Text(validate=one_of(*Action))
    outcome = Text(validate=one_of(*Outcome))
    source_ip = Text(validate=length(1, 60))
    first = Text(validate=length(1, 20), data_key="from", metadata={"description": "a day of UTC"})
    last = Text(validate=length(1, 20), data_key="to", metadata={"description": "a day of UTC"})
    cursor = Text(validate=length(1, 2000))


class ActorTold(Told):
    kind = Text(required=True)
    id = Text(required=True)
    name = Text(required=True)
    source_ip = Text(required=True)
    device = Text(required=True)


class RecordTold(Told):
    record_id = fields.Function(
        lambda record: write_in_address(record.mark), required=True, metadata={"type": "string"}
    )
    at = Moment(required=True)
    action = fields.String(required=True)
    outcome = fields.String(required=True)
    actor = fields.Nested(ActorTold, required=True)
    about = Text(required=True)
    reason = Text(required=True)
    workflow = Text(required=True)
    stage = Text(required=True)
    step = Text(required=True)
    details = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    request_id = Text(required=True)


class RecordsTold(Told):
    records = fields.List(fields.Nested(RecordTold), required=True)
    next = Text(allow_none=True, required=True)
    searched_back_to = fields.Date(
        allow_none=True, required=True,
        metadata={"description": "where a page is short and the search goes on: as far as it came"},
    )  # fmt: skip
    people = fields.List(
        fields.String(), required=True,
        metadata={"description": "where the person may be several: their ids, to ask for one of them"},
    )  # fmt: skip


@operation("Search the audit log, newest first", query=SearchAsked, answer=RecordsTold)
def search(query: dict[str, Any]) -> Answer:
    wanted = AuditSearch(
        thing=query.get("thing", ""), address=query.get("address", ""),
        action=Action(query["action"]) if "action" in query else None,
        outcome=Outcome(query["outcome"]) if "outcome" in query else None,
        source_ip=query.get("source_ip", ""),
        first_day=read_day(query.get("first", "")), last_day=read_day(query.get("last", "")),
    )  # fmt: skip
    view = find_activity(wanted, query.get("person", ""), query.get("cursor"), now(), services())
    told = {
        "records": view.found.records, "next": view.found.next, "searched_back_to": view.found.back_to,
        "people": [each.id for each in view.people.several],
    }  # fmt: skip
    return Answer(told, next=view.found.next)


@operation("Read a record of the audit log", answer=RecordTold)
def show(record_id: str) -> AuditRecord:
    return get_record(record_id, services())
