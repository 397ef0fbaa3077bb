"""Holding the answer of one call to DynamoDB while something else happens, in a single thread."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context
from typing import Any

from tests.builders import Running


class HeldAnswer:
    """Within the block, `in the meantime` runs after DynamoDB has answered the call at `place` and before the
    caller hears of it. happened: "signed" for each address that is signed, and "changed", in order; calls:
    how many answers the block itself heard.
    """

    def __init__(self, running: Running, place: int, meanwhile: Callable[[], object]) -> None:
        services: Any = running.portal.services
        self.tables = services.shares.table.clients.get("dynamodb").meta.events
        self.objects = services.objects.client.meta.events
        self.place, self.meanwhile = place, meanwhile
        self.calls, self.busy = 0, False
        self.happened: list[str] = []

    def __enter__(self) -> HeldAnswer:
        self.tables.register("after-call.dynamodb", self.answered, unique_id="held")
        self.objects.register("before-sign.s3.GetObject", self.signed, unique_id="held")
        return self

    def __exit__(self, *_: object) -> None:
        self.tables.unregister("after-call.dynamodb", unique_id="held")
        self.objects.unregister("before-sign.s3.GetObject", unique_id="held")

    def answered(self, **_: Any) -> None:
        if self.busy:
            return
        self.calls += 1
        if self.calls - 1 == self.place:
            self.busy = True
            Context().run(self.meanwhile)  # another request: it shares no context with the held one
            self.busy = False
            self.happened.append("changed")

    def signed(self, **_: Any) -> None:
        self.happened.append("signed")
