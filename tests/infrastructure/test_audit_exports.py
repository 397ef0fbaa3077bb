"""Where exports of the audit log are written to, and how long they lie there."""

from __future__ import annotations

from typing import Any

from portal.domain.audit.exports import PREFIX
from portal.domain.people.data_exports import PREFIX as DATA_PREFIX
from portal.domain.written_files import KEPT_DAYS


def test_exports_are_kept_as_long_as_their_pages_say(resources: dict[str, Any]) -> None:
    """A week, and half-written ones a day; neither is a log that the portal hears of."""
    rules = resources["LogsBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    for prefix in (PREFIX, DATA_PREFIX):
        (days,) = [each["ExpirationInDays"] for each in rules if each.get("Prefix") == prefix]
        assert days == KEPT_DAYS
    assert {"DaysAfterInitiation": 1} in [each.get("AbortIncompleteMultipartUpload") for each in rules]
