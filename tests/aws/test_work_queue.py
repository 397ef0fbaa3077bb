"""Planned work on its way to the queue, and how fast SES says it may be used."""

from __future__ import annotations

import json
from typing import Any

import pytest

from portal.aws.client.calls import clients
from portal.aws.ses.mailer import Mailer
from portal.aws.sqs.work_queue import WorkQueue
from portal.domain.errors import Unavailable
from portal.domain.mail.sending_pace import SendingQuota
from tests.builders import Running


class Answers:
    """Clients of a service that answers so."""

    def __init__(self, **answer: Any) -> None:
        self.answer = answer

    def get(self, service: str) -> Any:
        return self

    def send_message_batch(self, **_: Any) -> Any:
        return self.answer

    def get_account(self) -> Any:
        return self.answer


def test_each_lane_is_a_message(portal: Running) -> None:
    made = clients(portal.config.region)
    url = made.get("sqs").create_queue(QueueName="work")["QueueUrl"]
    lanes = [f"lane-{number}" for number in range(23)]
    WorkQueue(made, url).send(lanes)
    found = list[str]()
    while messages := made.get("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [json.loads(each["Body"])["work"] for each in messages]
    assert sorted(found) == sorted(lanes)


def test_a_message_that_was_not_taken_is_told_of() -> None:
    queue = WorkQueue(Answers(Failed=[{"Id": "0"}]), "https://queue.example")  # type: ignore[arg-type]
    with pytest.raises(Unavailable):
        queue.send(["mail"])


@pytest.mark.parametrize(
    ("said", "quota"),
    [
        ({"Max24HourSend": 50000.0, "MaxSendRate": 14.0, "SentLast24Hours": 3.0}, SendingQuota(14, 50000, 3)),
        ({"Max24HourSend": -1.0, "MaxSendRate": 50.0, "SentLast24Hours": 3.0}, SendingQuota(50, None, 3)),
        (None, None),
    ],
)
def test_the_quota_is_what_ses_says(said: Any, quota: SendingQuota | None) -> None:
    """ "SendQuota" of GetAccount; -1 a day is without end."""
    made: Any = Answers(SendQuota=said)
    assert Mailer(made, "files@example.org", "").read_quota() == quota
