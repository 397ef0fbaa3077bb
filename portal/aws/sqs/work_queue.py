"""The queue of planned work: a message for each lane, and nothing of what is to be done there."""

from __future__ import annotations

import json
from collections.abc import Sequence

from portal.aws.client.calls import Clients, plain_failures
from portal.domain.errors import Unavailable

AT_ONCE = 10  # messages of one call ("SendMessageBatch")


class WorkQueue:
    def __init__(self, clients: Clients, url: str) -> None:
        self.clients = clients
        self.url = url

    @property
    def is_there(self) -> bool:
        return bool(self.url)

    def send(self, lanes: Sequence[str]) -> None:
        for first in range(0, len(lanes), AT_ONCE):
            entries = [
                {"Id": str(place), "MessageBody": json.dumps({"work": lane})}
                for place, lane in enumerate(lanes[first : first + AT_ONCE])
            ]
            with plain_failures():
                answer = self.clients.get("sqs").send_message_batch(QueueUrl=self.url, Entries=entries)
            if answer.get("Failed"):
                raise Unavailable()
