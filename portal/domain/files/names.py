"""File names: kept as data, made safe to show, to store and to save (R34, R35).

Sources: Unicode UAX #15 (NFC), UAX #9 (bidirectional controls), Microsoft's "Naming Files, Paths, and
Namespaces", RFC 6266 and RFC 8187 for the Content-Disposition header.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from portal.domain.characters import JOINERS, has_visible, keep_readable
from portal.domain.errors import N_, Invalid
from portal.domain.files.transliteration import transliterate

NAME_BYTES = 255  # what ext4, APFS and NTFS can hold as one path part
EXTENSION_BYTES = 32
# Of a folder's whole path, however many there are in each other. macOS takes 1,024 bytes; and 40 of them in a
# share, of which each of its 50 recipients has a copy, stay below the 4 MB of one transaction. S3's key holds
# nothing of it.
FOLDER_BYTES = 900
DEVICES = {"con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in "123456789¹²³"}
RESERVED = re.compile(r'[<>:"|?*]')

TYPES = {
    "pdf": "application/pdf", "txt": "text/plain", "csv": "text/csv", "md": "text/markdown",
    "log": "text/plain", "json": "application/json",
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
    "tif": "image/tiff", "tiff": "image/tiff", "heic": "image/heic", "avif": "image/avif", "bmp": "image/bmp",
    "mp3": "audio/mpeg", "m4a": "audio/mp4", "wav": "audio/wav", "flac": "audio/flac", "ogg": "audio/ogg",
    "mp4": "video/mp4", "m4v": "video/mp4", "mov": "video/quicktime", "webm": "video/webm",
    "mkv": "video/x-matroska",
    "zip": "application/zip", "7z": "application/x-7z-compressed", "gz": "application/gzip",
    "tar": "application/x-tar",
    "doc": "application/msword", "xls": "application/vnd.ms-excel", "ppt": "application/vnd.ms-powerpoint",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text", "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation", "rtf": "application/rtf",
    "eml": "message/rfc822",
}  # fmt: skip
ANY_TYPE = "application/octet-stream"
ARCHIVES = {"zip", "7z", "gz", "tar", "rar", "xz", "bz2"}
SHEETS = {"csv", "xls", "xlsx", "ods"}
SLIDES = {"ppt", "pptx", "odp", "key"}
# What a preview may show, by extension: what browsers draw, play or print as letters and never run. A closed
# list: HTML, SVG and XML are on it under no name.
SHOWN = {
    "png": "picture", "jpg": "picture", "jpeg": "picture", "gif": "picture", "webp": "picture",
    "avif": "picture",
    "pdf": "pdf", "txt": "text", "log": "text", "csv": "text", "md": "text", "json": "text",
    "mp3": "audio", "m4a": "audio", "wav": "audio", "flac": "audio", "ogg": "audio",
    "mp4": "video", "m4v": "video", "webm": "video",
}  # fmt: skip
PLAIN_TEXT = "text/plain; charset=utf-8"


def make_safe_name(raw: str) -> str:
    """The name as it is kept: NFC, one path part, nothing invisible, at most 255 bytes, its extension kept.

    Raises Invalid where nothing is left to call the file.
    """
    text = unicodedata.normalize("NFC", raw.replace("\\", "/"))
    text = text.rsplit("/", 1)[-1]
    text = RESERVED.sub("_", " ".join(keep_readable(text, " ").split())).rstrip(". ").lstrip(" ")
    if not has_visible(text.strip(". ")):
        raise Invalid(N_("Enter a name for the file."), field="name", reason="name_empty")
    if text.split(".", 1)[0].rstrip().casefold() in DEVICES:
        text = "_" + text
    return shorten(text)


def make_safe_folder(raw: str) -> str:
    """Where a file lay when it was sent, as "Plans/2026": every part made safe like a name; empty for none.

    Raises Invalid for a way up and for more than 900 bytes.
    """
    parts = [each for each in raw.replace("\\", "/").split("/") if each]
    try:
        folder = "/".join(map(make_safe_name, parts))
    except Invalid as problem:
        raise Invalid(
            N_("A folder of this name cannot be kept. Rename it, then choose it again."),
            field="folder", reason="folder_name",
        ) from problem  # fmt: skip
    if len(folder.encode()) > FOLDER_BYTES:
        raise Invalid(
            N_("The folders around this file have names that are too long together. Shorten some of "
                "them."),
            field="folder", reason="folder_long",
        )  # fmt: skip
    return folder


def shorten(name: str) -> str:
    stem, extension = split(name)
    if len(extension.encode()) > EXTENSION_BYTES:
        stem, extension = name, ""
    room = NAME_BYTES - len(extension.encode())
    return (
        stem.encode()[:room].decode(errors="ignore").rstrip(". ") + extension
        if room < len(stem.encode())
        else name
    )


def split(name: str) -> tuple[str, str]:
    """The stem and the extension with its dot; no extension for names like `.profile`."""
    dot = name.rfind(".")
    return (name[:dot], name[dot:]) if dot > 0 else (name, "")


def content_type(name: str) -> str:
    """The type from the closed list of types, by extension; octet-stream for everything else."""
    return TYPES.get(extension_of(name), ANY_TYPE)


def extension_of(name: str) -> str:
    return split(name)[1].lstrip(".").casefold()


def kind(name: str) -> str:
    """What a person would call it: picture, audio, video, archive, sheet, slides, document or file."""
    extension = extension_of(name)
    first = content_type(name).split("/")[0]
    if first in {"image", "audio", "video"}:
        return "picture" if first == "image" else first
    for group, called in ((ARCHIVES, "archive"), (SHEETS, "sheet"), (SLIDES, "slides")):
        if extension in group:
            return called
    return "document" if extension in TYPES else "file"


def preview_kind(name: str, stored_type: str) -> str:
    """How a preview shows a file: picture, pdf, text, audio or video; empty where there is none.

    Extension and stored type must both say so: a renamed file is not shown as what it is called now.
    """
    return SHOWN.get(extension_of(name), "") if stored_type == content_type(name) else ""


def preview_type(name: str) -> str:
    """The Content-Type a preview is sent with: the list's own, whatever anyone said of the file."""
    return PLAIN_TEXT if SHOWN[extension_of(name)] == "text" else content_type(name)


def sort_key(name: str) -> str:
    """What a list by name is sorted by: case and compatibility forms set aside."""
    return unicodedata.normalize("NFKC", name).casefold()


def search_text(name: str) -> str:
    """A name as it is searched: as it is sorted, without joiners, which few people type."""
    return re.sub(f"[{JOINERS}]", "", sort_key(name))


def search_words(asked: str, most: int = 10) -> tuple[str, ...]:
    """The words someone searches for, in order, each once, at most `most`; with the marks of their letters,
    which much of the world's scripts write vowels with.
    """
    text = search_text(asked)
    words = "".join(each if unicodedata.category(each)[0] in "LMN" else " " for each in text).split()
    return tuple(dict.fromkeys(words))[:most]


def attachment(name: str) -> str:
    """The Content-Disposition that saves a download under its name (RFC 6266, RFC 8187)."""
    return f"attachment; {build_disposition(name)}"


def inline(name: str) -> str:
    """The Content-Disposition of what the browser shows itself, with the name to save it under."""
    return f"inline; {build_disposition(name)}"


def build_disposition(name: str) -> str:
    ascii_name = re.sub(r'["\\%;/\x00-\x1f\x7f]', "_", transliterate(name)).strip() or "file"
    if ascii_name.startswith("."):
        ascii_name = "file" + ascii_name
    return f"filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"
