"""All that is kept about oneself: asking for it, which the schedule writes as an archive, and fetching it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from portal.domain.audit.record import Action
from portal.domain.errors import N_, NotFound, TooMany
from portal.domain.ids import make_sortable_id
from portal.domain.people.data_exports import DataExport
from portal.domain.written_files import ExportState
from portal.engine.services import Services
from portal.engine.workflow import Audit, Context, Stage, Workflow

MOST_A_WEEK = 5  # as long as each is kept
LINK_SECONDS = 60


class OneWaiting(TooMany):
    message = N_("Your data is being collected already. You get an email once it is ready.")


@dataclass(frozen=True, kw_only=True)
class ExportData(Context):
    export: DataExport | None = None


def require_few(context: ExportData, services: Services) -> ExportData:
    kept = [each for each in services.data_exports.list_newest(context.me.id)
            if each.kept_until > context.now]  # fmt: skip
    if any(each.state is ExportState.WAITING for each in kept):
        raise OneWaiting
    if len(kept) >= MOST_A_WEEK:
        raise TooMany(N_("You collected your data often in the last days. The archives are still there."))
    return context


def describe_data_export(context: ExportData, services: Services) -> ExportData:
    export = DataExport(make_sortable_id(context.now), context.me.id, context.now)
    return replace(context, export=export, about=context.me.id)


def queue_data_export(context: ExportData, services: Services) -> ExportData:
    if context.export is None:
        raise RuntimeError("the export is described first")
    if not services.data_exports.create(context.export, 1, context.required_record):
        raise OneWaiting
    return context


EXPORT_DATA: Workflow[ExportData] = Workflow(
    "export_data",
    Action.DATA_EXPORTED,
    {
        Stage.AUTHORIZE: (require_few,),
        Stage.AUDIT: (describe_data_export,),
        Stage.PROCESS: (queue_data_export,),
    },
)


@dataclass(frozen=True, kw_only=True)
class FetchData(Context):
    """Someone fetches an archive of their own. address: where its bytes are, for LINK_SECONDS."""

    export_id: str
    export: DataExport | None = None
    address: str = ""


def find_own_archive(context: FetchData, services: Services) -> FetchData:
    export = services.data_exports.get(context.me.id, context.export_id)
    if export is None or not export.is_offered(context.now):
        raise NotFound()
    return replace(context, export=export, about=context.me.id)


def sign_archive_address(context: FetchData, services: Services) -> FetchData:
    if context.export is None:
        raise RuntimeError("the archive is found first")
    return replace(context, address=services.exports.sign_address(context.export, LINK_SECONDS))


FETCH_DATA: Workflow[FetchData] = Workflow(
    "fetch_data",
    Action.DATA_FETCHED,
    {
        Stage.IDENTIFY: (find_own_archive,),
        Stage.PROCESS: (sign_archive_address,),
    },
    Audit.BEFORE_CHANGE,
)
