"""What the bucket says has come or gone ("Event message structure", S3 user guide).

Events come twice, late and out of order, so none is believed: the workflow asks S3 what is there now. So no
`sequencer` is compared, and a removal, which only the portal itself makes, needs nothing done (R58).
"""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import unquote_plus

from portal.events.event_context import EventContext, Message
from portal.workflows.shares.sending import send_wished
from portal.workflows.upkeep.access_log_records import take_log
from portal.workflows.uploads.completion import complete_by_event

log = logging.getLogger(__name__)


def is_notification(message: Message) -> bool:
    found = read_records(message)
    return is_test(message) or (bool(found) and all(each.get("eventSource") == "aws:s3" for each in found))


def is_test(message: Message) -> bool:
    """S3 sends one of these when notifications are set up."""
    return message.get("Service") == "Amazon S3" and message.get("Event") == "s3:TestEvent"


def take(message: Message, delivery: EventContext) -> None:
    """Take in each object. One that fails keeps none of the others back; the first failure is raised then."""
    failures = []
    for record in read_records(message):
        try:
            take_record(record, delivery)
        except Exception as failure:
            log.exception("an object could not be taken in")
            failures.append(failure)
    if failures:
        raise failures[0]


def take_record(record: Message, delivery: EventContext) -> None:
    bucket, sources = record["s3"]["bucket"]["name"], delivery.sources
    # Keys arrive as in a query: "+" is a space, everything else percent-encoded UTF-8.
    key = unquote_plus(record["s3"]["object"]["key"])
    if bucket not in {sources.files_bucket, sources.logs_bucket}:
        log.warning("refused an event of another bucket", extra={"bucket": bucket})
    elif not record["eventName"].startswith("ObjectCreated:"):
        return
    elif bucket == sources.logs_bucket:
        take_log(key, delivery.services.access_logs.lines(key), sources.files_bucket, delivery.services)
    else:
        version_id = record["s3"]["object"].get("versionId", "")
        file = complete_by_event(key, delivery.services, delivery.request_id, version_id)
        if file and file.draft_id:
            send_wished(file.owner_id, file.draft_id, delivery.services, delivery.request_id)


def read_records(message: Message) -> list[dict[str, Any]]:
    found = message.get("Records")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
