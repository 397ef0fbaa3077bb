"""Conditions that several tables' writes share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from portal.aws.client.codec import moment
from portal.domain.files.file import File


def as_seen(file: File, names: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """The condition that nobody changed these of a file since it was read, and its values."""
    parts, values = list[str](), dict[str, Any]()
    for name in names:
        known = getattr(file, name)
        missing = f"attribute_not_exists(#{name})"
        if known is None:
            parts.append(missing)
            continue
        parts.append(f"({missing} OR #{name} = :seen_{name})" if known == 0 else f"#{name} = :seen_{name}")
        values[f"seen_{name}"] = moment(known) if isinstance(known, datetime) else known
    return " AND ".join(parts), values
