"""Make or update everything the portal stands on, then say how to deploy the function (run with `--help`)."""

from __future__ import annotations

from infrastructure.stack import (
    StackFailed,
    create_or_update_stack,
    environment_from_stack,
    portal_environment,
    stack_outputs,
)

__all__ = [
    "StackFailed",
    "create_or_update_stack",
    "environment_from_stack",
    "portal_environment",
    "stack_outputs",
]
