"""A share as one ZIP: under which paths its files stand in it, made so that it unpacks the same everywhere.

Windows and macOS take `A.txt` and `a.txt` for one name, and nothing can be a file and a folder at once.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from portal.domain.errors import Invalid
from portal.domain.files.file import SharedFile
from portal.domain.files.names import EXTENSION_BYTES, NAME_BYTES, make_safe_name, split

SUMS = "SHA256SUMS.txt"  # as `sha256sum --check` reads them


def build_paths(files: Sequence[SharedFile]) -> list[str]:
    """The path of each file in order, then that of the list of their sums; each of them once."""
    wanted = [(folder_of(file), file.name) for file in files] + [("", SUMS)]
    taken = {same(parent) for folder, _ in wanted for parent in parents(folder)}
    found = []
    for folder, name in wanted:
        path, number = folder + name, 1
        while same(path) in taken:
            number += 1
            path = folder + number_name(name, number)
        taken.add(same(path))
        found.append(path)
    return found


def folder_of(file: SharedFile) -> str:
    """Its folder with a slash behind it; nothing that leads out of the folder it is unpacked in."""
    return "".join(f"{segment(part)}/" for part in file.folder.split("/") if part)


def segment(part: str) -> str:
    try:
        return make_safe_name(part)
    except Invalid:
        return "_"  # "..", and what nobody could see


def parents(folder: str) -> list[str]:
    """ "a/b/" lies in "a" and "a/b"."""
    parts = folder.split("/")[:-1]
    return ["/".join(parts[: place + 1]) for place in range(len(parts))]


def number_name(name: str, number: int) -> str:
    """ "report (2).pdf", no longer than a name may be."""
    stem, extension = split(name)
    if len(extension.encode()) > EXTENSION_BYTES:
        stem, extension = name, ""
    ending = f" ({number}){extension}"
    return stem.encode()[: NAME_BYTES - len(ending.encode())].decode(errors="ignore") + ending


def same(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()
