"""Which portal, with which token, and where what must outlive a command is kept."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import click

from portal_cli.http import check_address
from portal_cli.problems import NotSignedIn

APP = "file-portal"
TOKEN_VARIABLE, ADDRESS_VARIABLE, FOLDER_VARIABLE = "PORTAL_TOKEN", "PORTAL_URL", "PORTAL_CLI_HOME"


def find_folder() -> Path:
    """Ours alone: settings, the token where there is no keyring, and what is needed to go on."""
    folder = Path(os.environ.get(FOLDER_VARIABLE) or click.get_app_dir(APP))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def write_private(path: Path, text: str) -> None:
    """Whole or not at all, and for nobody else to read."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(dir=path.parent)  # which makes it with mode 600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise


def read_object(path: Path) -> dict[str, Any]:
    """What is kept there; nothing where it is not there or cannot be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def remember_address(address: str) -> None:
    write_private(find_folder() / "settings.json", json.dumps({"portal": address}))


def find_address(given: str) -> str:
    """What was typed, else PORTAL_URL, else where one signed in last."""
    known = (
        given
        or os.environ.get(ADDRESS_VARIABLE)
        or read_object(find_folder() / "settings.json").get("portal")
    )
    if not known:
        raise NotSignedIn("Say which portal: portal login https://files.example.org, or PORTAL_URL.")
    return check_address(str(known))
