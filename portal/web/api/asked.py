"""What a call about uploads says, read strictly: every wrong kind of value ends in a sentence (R23)."""

from __future__ import annotations

import re
from typing import Any

from portal.domain.errors import N_, Invalid, Refusal
from portal.domain.uploads.parts import AskedPart
from portal.workflows.uploads.announcing import MAX_FILES_PER_REQUEST, Announced

IN_BASE64 = re.compile(r"[A-Za-z0-9+/]{43}=")
ONCE = re.compile(r"[!-~]{1,200}")
SHA256 = re.compile(r"[0-9a-fA-F]{64}")


def several(body: Any) -> bool:
    """Whether a call speaks of a list of files rather than of one."""
    return isinstance(body, dict) and "files" in body


def parse_announced(body: Any) -> tuple[Announced, ...]:
    """`{name, size, folder?, sha256?}`, or `{files: [...]}` of several."""
    if not several(body):
        return (parse_file(body),)
    found = []
    for place, each in enumerate(parse_list(body)):
        try:
            found.append(parse_file(each))
        except Refusal as refusal:
            refusal.extensions["file"] = place
            raise
    return tuple(found)


def once(header: str | None) -> str:
    """The header `Idempotency-Key`, in quotes or without; empty where there is none."""
    if header and not ONCE.fullmatch(header):
        raise Invalid(
            N_("Send an Idempotency-Key of at most 200 letters, digits or signs, without spaces."),
            field="Idempotency-Key", reason="idempotency_key",
        )  # fmt: skip
    return header or ""


def draft_id(body: Any) -> str:
    """The draft of a share that files are for, in `{draft_id?}`; empty where none is said."""
    found = body.get("draft_id", "") if isinstance(body, dict) else ""
    if not isinstance(found, str):
        raise Invalid(N_("Name a draft by its id."), field="draft_id", reason="draft_id")
    return found


def parse_list(body: Any) -> list[Any]:
    """The list in `{files: [...]}`."""
    found = body.get("files") if isinstance(body, dict) else None
    if not isinstance(found, list) or not 1 <= len(found) <= MAX_FILES_PER_REQUEST:
        raise Invalid(
            N_("Name between 1 and %(most)s files at once."),
            field="files", reason="files_number", params={"most": MAX_FILES_PER_REQUEST},
        )  # fmt: skip
    return found


def parse_file(body: Any) -> Announced:
    said = body if isinstance(body, dict) else {}
    name, size, folder = said.get("name"), said.get("size"), said.get("folder", "")
    if not isinstance(name, str):
        raise Invalid(N_("Say the file's name."), field="name", reason="name_missing")
    if not isinstance(size, int) or isinstance(size, bool):
        raise Invalid(N_("Say the file's size in bytes."), field="size", reason="size_missing")
    if not isinstance(folder, str):
        raise Invalid(N_("Say the folder as text."), field="folder", reason="folder_missing")
    return Announced(name, size, folder, sha256(said))


def parts(body: Any) -> tuple[AskedPart, ...]:
    """`{parts: [{number, sha256?}, ...]}`; the hash in base64, as S3 takes it."""
    found = body.get("parts") if isinstance(body, dict) else None
    if not isinstance(found, list):
        raise Invalid(N_("Say which parts."), field="parts", reason="parts_missing")
    return tuple(map(part, found))


def part(said: Any) -> AskedPart:
    number, digest = (said.get("number"), said.get("sha256")) if isinstance(said, dict) else (None, None)
    if not isinstance(number, int) or isinstance(number, bool):
        raise Invalid(N_("Say the number of each part."), field="parts", reason="parts_number")
    if digest is not None and not (isinstance(digest, str) and IN_BASE64.fullmatch(digest)):
        raise Invalid(N_("Say each part's SHA-256 in base64."), field="parts", reason="sha256_form")
    return AskedPart(number, digest or "")


def sha256(body: Any) -> str:
    """The SHA-256 of a whole file in `{sha256?}`, in hexadecimal; empty where it is not said."""
    found = body.get("sha256") if isinstance(body, dict) else None
    if found is None:
        return ""
    if not isinstance(found, str) or not SHA256.fullmatch(found):
        raise Invalid(
            N_("Say the SHA-256 in hexadecimal, 64 characters."), field="sha256", reason="sha256_form"
        )
    return found.lower()
