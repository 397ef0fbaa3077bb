"""The queue's messages reach the handler as Lambda would bring them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from portal.local.event_pump import pump_once
from portal.local.ministack import MiniStack


class Queue:
    def __init__(self, sqs: Any) -> None:
        self.sqs = sqs
        # A message that was received is visible again at once, so that the next test step can look for it.
        settings = {"VisibilityTimeout": "0"}
        self.url = sqs.create_queue(QueueName=f"events-{uuid4().hex}", Attributes=settings)["QueueUrl"]
        self.arn = f"arn:aws:sqs:eu-central-1:000000000000:{self.url.rsplit('/', 1)[1]}"

    def send(self, *bodies: str) -> None:
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.url, MessageBody=body)

    def pump(self, handler: Any) -> int:
        return pump_once(self.sqs, self.url, self.arn, handler, wait_seconds=0)

    def left(self) -> list[str]:
        found = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages", [])
        return sorted(message["Body"] for message in found)


@pytest.fixture
def queue(aws: MiniStack) -> Queue:
    return Queue(aws.session().client("sqs"))


def test_the_handler_gets_what_lambda_would_hand_it(queue: Queue) -> None:
    """The record's fields are those of AWS's documented SQS event."""
    queue.send("hello")
    events: list[dict[str, Any]] = []
    assert queue.pump(lambda event, context: events.append(event)) == 1
    (record,) = events[0]["Records"]
    assert (record["body"], record["eventSource"], record["eventSourceARN"]) == (
        "hello",
        "aws:sqs",
        queue.arn,
    )
    assert {"messageId", "receiptHandle", "attributes", "md5OfBody", "awsRegion"} <= set(record)
    assert queue.left() == []


@pytest.mark.requirement("R58")
def test_only_what_the_handler_reports_as_failed_comes_back(queue: Queue) -> None:
    """One bad record must not bring the good ones back, nor be lost."""
    queue.send("good", "bad", "fine")

    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        bad = [record["messageId"] for record in event["Records"] if record["body"] == "bad"]
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in bad]}

    while "good" in queue.left() or "fine" in queue.left():
        queue.pump(handler)
    assert queue.left() == ["bad"]


@pytest.mark.requirement("R58")
def test_a_handler_that_raises_loses_nothing(queue: Queue) -> None:
    """A crash keeps the whole batch for the next try."""
    queue.send("once", "twice")

    def handler(event: dict[str, Any], context: Any) -> None:
        raise RuntimeError("the handler fell over")

    with pytest.raises(RuntimeError):
        queue.pump(handler)
    assert queue.left() == ["once", "twice"]
