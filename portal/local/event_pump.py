"""What Lambda's event source mappings do in AWS: hand the queues' messages to our handler, in batches, and
delete those that the handler did not report as failed. Runs under the same role as the portal.

Source of the shapes: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html and, for partial failures,
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

import argparse
import itertools
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import boto3

from portal.local.processes import end_with_parent

BATCH = 10  # Lambda's default batch size for a queue
POLL_SECONDS = 1  # of one queue, before the next one has its turn
PAUSE_AFTER_A_FAULT_SECONDS = 1.0

Handler = Callable[[dict[str, Any], Any], Any]
log = logging.getLogger("portal.local.event_pump")


@dataclass
class Invocation:
    """The parts of Lambda's context object that a handler may look at."""

    function_name: str = "portal-local"
    function_version: str = "$LATEST"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:000000000000:function:portal-local"
    aws_request_id: str = field(default_factory=lambda: str(uuid4()))
    deadline: float = field(default_factory=lambda: time.monotonic() + 30)

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.deadline - time.monotonic()) * 1000))


def lambda_record(message: dict[str, Any], queue_arn: str) -> dict[str, Any]:
    """A received message as Lambda passes it on."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": message.get("MessageAttributes", {}),
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": queue_arn.split(":")[3],
    }


def pump_once(
    sqs: Any, queue_url: str, queue_arn: str, handler: Handler, wait_seconds: int = POLL_SECONDS,
    batch: int = BATCH,
) -> int:  # fmt: skip
    """Receive one batch, handle it, delete what succeeded; the number deleted. A handler that raises keeps
    the batch: it comes back after the queue's visibility timeout, and in the end goes to the dead letters."""
    messages = sqs.receive_message(
        QueueUrl=queue_url,
        MaxNumberOfMessages=batch,
        WaitTimeSeconds=wait_seconds,
        MessageSystemAttributeNames=["All"],
        MessageAttributeNames=["All"],
    ).get("Messages", [])
    if not messages:
        return 0
    answer = handler({"Records": [lambda_record(message, queue_arn) for message in messages]}, Invocation())
    failed = {failure["itemIdentifier"] for failure in (answer or {}).get("batchItemFailures", [])}
    done = [message for message in messages if message["MessageId"] not in failed]
    for message in done:
        sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
    return len(done)


def main() -> None:
    end_with_parent()
    parser = argparse.ArgumentParser()
    for name in ("--queue-url", "--queue-arn", "--work-url", "--work-arn"):
        parser.add_argument(name, required=True)
    arguments = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(message)s")
    log.setLevel(logging.INFO)

    from portal.lambda_entry import handler  # after the arguments: it reads the configuration when imported

    sqs = boto3.client("sqs")
    log.info("listening to %s and %s", arguments.queue_arn, arguments.work_arn)
    # As the mappings have it (infrastructure/mappings.yaml).
    queues = ((arguments.queue_url, arguments.queue_arn, BATCH), (arguments.work_url, arguments.work_arn, 1))
    for url, arn, batch in itertools.cycle(queues):
        try:
            pump_once(sqs, url, arn, handler, batch=batch)
        except Exception:
            log.exception("a batch failed")
            time.sleep(PAUSE_AFTER_A_FAULT_SECONDS)


if __name__ == "__main__":
    main()
