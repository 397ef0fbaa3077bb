"""The queue of events that failed again and again: how many wait there for somebody to look."""

from __future__ import annotations

from portal.aws.client.calls import Clients, plain_failures


class DeadLetters:
    def __init__(self, clients: Clients, url: str) -> None:
        self.clients = clients
        self.url = url

    def count(self) -> int | None:
        """SQS counts roughly, and within a minute ("GetQueueAttributes"); that there are any is certain."""
        if not self.url:
            return None
        name = "ApproximateNumberOfMessages"
        with plain_failures():
            answer = self.clients.get("sqs").get_queue_attributes(QueueUrl=self.url, AttributeNames=[name])
        return int(answer["Attributes"][name])
