"""Where exports of the audit log are written to, and how long they lie there."""

from __future__ import annotations

from typing import Any

from portal.domain.audit.exports import KEPT_DAYS, PREFIX


def test_exports_are_kept_as_long_as_their_pages_say(resources: dict[str, Any]) -> None:
    """A week, and half-written ones a day; neither is a log that the portal hears of."""
    rules = resources["LogsBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    (days,) = [each["ExpirationInDays"] for each in rules if each.get("Prefix") == PREFIX]
    assert days == KEPT_DAYS
    assert {"DaysAfterInitiation": 1} in [each.get("AbortIncompleteMultipartUpload") for each in rules]
