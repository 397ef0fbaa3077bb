"""What DynamoDB answers instead, as exceptions."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """code: the exception's name in the API reference. details: what its answer carries besides."""

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.details = code, message, details


def invalid(message: str) -> Refused:
    return Refused("ValidationException", message)


def condition_failed(old: Any = None) -> Refused:
    details = {"Item": old} if old else {}
    return Refused("ConditionalCheckFailedException", "The conditional request failed", **details)
