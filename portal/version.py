"""Which version this is: the one in pyproject.toml, which lies beside portal/, in the Lambda too."""

from __future__ import annotations

from functools import cache
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


@cache
def read_version() -> str:
    """Such as `0.2.0`. Read when it is first asked for: no page needs it, so no cold start pays for it."""
    import tomllib

    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    return str(project["version"])
