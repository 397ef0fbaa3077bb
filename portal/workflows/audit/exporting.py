"""Exporting the audit log: asking for a file, which the schedule writes, and fetching it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from portal.domain.audit.exports import AuditExport, ExportFormat, find_beginning
from portal.domain.audit.record import Action
from portal.domain.audit.search import AuditSearch
from portal.domain.errors import N_, NotFound, TooMany
from portal.domain.ids import make_sortable_id
from portal.domain.people.permissions import Privilege
from portal.domain.written_files import ExportState
from portal.engine.services import Services
from portal.engine.workflow import Audit, Context, Stage, Workflow

MAX_WAITING = 3  # of one person at a time
LINK_SECONDS = 60


class OthersWaiting(TooMany):
    message = N_("Other exports of yours are still being written. Ask again once they are ready.")


@dataclass(frozen=True, kw_only=True)
class ExportAudit(Context):
    """Someone asks for all records that fit, up to now, as a file."""

    search: AuditSearch
    format: ExportFormat
    export: AuditExport | None = None


def require_few_waiting(context: ExportAudit, services: Services) -> ExportAudit:
    mine = services.audit_exports.list_newest(context.me.id)
    if sum(each.state is ExportState.WAITING for each in mine) >= MAX_WAITING:
        raise OthersWaiting
    return context


def describe_export(context: ExportAudit, services: Services) -> ExportAudit:
    begins = find_beginning(context.search, context.now)
    export_id, owner_id, now = make_sortable_id(context.now), context.me.id, context.now
    export = AuditExport(export_id, owner_id, now, context.format, context.search, begins, begins)
    asked = {name: str(value) for name, value in vars(context.search).items() if value}
    return replace(context, export=export, about=export.id, details={**asked, "format": export.format})


def queue_export(context: ExportAudit, services: Services) -> ExportAudit:
    if context.export is None:
        raise RuntimeError("the export is described first")
    if not services.audit_exports.create(context.export, MAX_WAITING, context.required_record):
        raise OthersWaiting
    return context


EXPORT_AUDIT: Workflow[ExportAudit] = Workflow(
    "export_audit",
    Action.AUDIT_EXPORTED,
    {
        Stage.AUTHORIZE: (require_few_waiting,),
        Stage.AUDIT: (describe_export,),
        Stage.PROCESS: (queue_export,),
    },
    needs=Privilege.READ_AUDIT,
)


@dataclass(frozen=True, kw_only=True)
class FetchExport(Context):
    """Someone fetches an export of their own. address: where its bytes are, for LINK_SECONDS."""

    export_id: str
    export: AuditExport | None = None
    address: str = ""


def find_own_export(context: FetchExport, services: Services) -> FetchExport:
    export = services.audit_exports.get(context.me.id, context.export_id)
    if export is None or not export.is_offered(context.now):
        raise NotFound()
    return replace(context, export=export, about=export.id, details={"rows": str(export.rows)})


def sign_address(context: FetchExport, services: Services) -> FetchExport:
    if context.export is None:
        raise RuntimeError("the export is found first")
    return replace(context, address=services.exports.sign_address(context.export, LINK_SECONDS))


FETCH_EXPORT: Workflow[FetchExport] = Workflow(
    "fetch_export",
    Action.AUDIT_EXPORT_FETCHED,
    {
        Stage.IDENTIFY: (find_own_export,),
        Stage.PROCESS: (sign_address,),
    },
    Audit.BEFORE_CHANGE,
    needs=Privilege.READ_AUDIT,
)
