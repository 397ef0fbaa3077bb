"""Python imports this at its start where it is on PYTHONPATH: every call to AWS is noted in CALLS_TO_AWS."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


def record_calls(path: Path) -> None:
    """A line each: the service's signing name, the operation, the method."""
    from botocore.client import BaseClient

    send: Any = BaseClient._make_api_call

    def record(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        model = client.meta.service_model
        method = model.operation_model(operation).http["method"]
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{model.signing_name} {operation} {method}\n")
        return send(client, operation, parameters)

    BaseClient._make_api_call = record


if "CALLS_TO_AWS" in os.environ:
    record_calls(Path(os.environ["CALLS_TO_AWS"]))
