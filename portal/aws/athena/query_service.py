"""Athena: runs reports' queries of the access log, in a workgroup of the portal's own.

The workgroup says where results go and how much one query may read (infrastructure/template.yaml). Sources:
StartQueryExecution, QueryExecutionStatus and AthenaError of Athena's API reference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from portal.aws.client.calls import Clients, code, plain_failures
from portal.domain.errors import Unavailable
from portal.domain.usage.reports import Failure, QueryRefused, Report, Run, RunState

STATES = {
    "QUEUED": RunState.RUNNING, "RUNNING": RunState.RUNNING, "SUCCEEDED": RunState.DONE,
    "FAILED": RunState.FAILED, "CANCELLED": RunState.CANCELLED,
}  # fmt: skip
USER_ERROR = 2  # AthenaError's category of what is wrong with the query itself
SCAN_LIMIT = "bytes scanned limit"  # how the reason of a query begins that its workgroup cancelled
FORBIDDEN_CODES = {"AccessDeniedException", "AccessDenied"}
INVALID = "InvalidRequestException"
MOST_REASON = 500  # characters


class AthenaService:
    """workgroup, database: empty where none are set up."""

    def __init__(self, clients: Clients, workgroup: str, database: str) -> None:
        self.clients = clients
        self.workgroup = workgroup
        self.database = database

    @property
    def is_set_up(self) -> bool:
        return bool(self.workgroup and self.database)

    @property
    def client(self) -> Any:
        return self.clients.get("athena")

    def start(self, report: Report) -> str:
        parameters = {"ExecutionParameters": list(report.parameters)} if report.parameters else {}
        try:
            with plain_failures():
                answer = self.client.start_query_execution(
                    QueryString=report.text,
                    ClientRequestToken=f"portal-report-{report.id}",  # one report is one query (I7)
                    QueryExecutionContext={"Database": self.database},
                    WorkGroup=self.workgroup,
                    **parameters,
                )
        except ClientError as error:
            failure = Failure.FORBIDDEN if code(error) in FORBIDDEN_CODES else Failure.WRONG
            raise QueryRefused(failure, read_message(error)) from error
        return str(answer["QueryExecutionId"])

    def look(self, execution_ids: Sequence[str]) -> Mapping[str, Run]:
        if not execution_ids:
            return {}
        try:
            with plain_failures():
                answer = self.client.batch_get_query_execution(QueryExecutionIds=list(execution_ids))
        except ClientError as error:
            if code(error) == INVALID:  # such as once the workgroup was replaced
                return {}
            raise Unavailable() from error
        return {each["QueryExecutionId"]: read_run(each) for each in answer.get("QueryExecutions", [])}

    def stop(self, execution_id: str) -> None:
        try:
            with plain_failures():
                self.client.stop_query_execution(QueryExecutionId=execution_id)
        except ClientError as error:
            if code(error) != INVALID:  # there is none any more
                raise Unavailable() from error


def read_run(execution: Mapping[str, Any]) -> Run:
    status, statistics = execution["Status"], execution.get("Statistics", {})
    state, reason = STATES[status["State"]], str(status.get("StateChangeReason", ""))
    error = status.get("AthenaError", {})
    failure = None
    if SCAN_LIMIT in reason.casefold():
        state, failure = RunState.FAILED, Failure.TOO_MUCH
    elif state is RunState.FAILED:
        failure = Failure.WRONG if error.get("ErrorCategory") == USER_ERROR else Failure.SERVICE
    return Run(
        state,
        int(statistics.get("DataScannedInBytes", 0)),
        int(statistics.get("TotalExecutionTimeInMillis", 0)),
        failure,
        reason[:MOST_REASON],
    )


def read_message(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Message", ""))[:MOST_REASON]
