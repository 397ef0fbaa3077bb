"""What outlives a stage, and how the next one takes it in again."""

from __future__ import annotations

from collections.abc import Mapping

# By their names in the template, which its outputs have as well.
OUTLIVE = ("Table", "AuditTable", "FilesBucket", "LogsBucket", "RootsBucket", "UserPool")


def describe_adoption(outputs: Mapping[str, str]) -> str:
    """As the stage's file says it."""
    lines = [f'{name} = "{outputs[name]}"' for name in OUTLIVE if name in outputs]
    return "\n".join(["[adopt]", *lines])
