"""Who got how many bytes of what, out of S3's access log of the bucket of files.

The key, the version, the status and the bytes are S3's own; the note of whose download it was is part of what
the portal signed (`links.note`), and S3 answers a changed one with 403. The browser's name is only to be
shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from portal.domain.links.access_log_lines import LogLine, parse_line
from portal.domain.mail.email_message import single_line

NOTE = "x-recipient"
SHOWN = "response-content-disposition"  # inline, where a browser is to show the file


@dataclass(frozen=True)
class Fetch:
    """Bytes of one file that went out to one recipient, in one request or in several of one log.

    key: the object's; at: of the last of them; source: the address it went to; agent: what the browser calls
    itself; times: how many requests; bytes: what they got together; longest: the most that one of them got;
    broken: how many ended before their end; is_preview: whether the file was to be shown.
    The log does not say from where in the file an answer's bytes are, so only `longest` proves anything:
    answers that add up to the file's size may all be of its first half.
    """

    share_id: str
    recipient_id: str
    key: str
    version_id: str
    at: datetime
    source: str
    agent: str
    bytes: int
    times: int = 1
    longest: int = 0
    broken: int = 0
    is_preview: bool = False

    def is_complete(self, size: int) -> bool:
        """Whether the whole file of `size` bytes went out: one answer as long as the file begins at its first
        byte and ends at its last, also where a range was asked for.
        """
        return self.longest == size

    def is_broken_off(self, size: int) -> bool:
        """Whether a download ended before its end, and none of this log brought the whole file. Whoever looks
        at a file leaves when they have seen enough, which is no fault of the wire.
        """
        return self.broken > 0 and not self.is_preview and not self.is_complete(size)


def parse_fetch(line: str, bucket: str) -> Fetch | None:
    """What a line says of a recipient's download; None for everything else."""
    found = parse_line(line)
    if found is None or found.bucket != bucket or found.operation != "REST.GET.OBJECT":
        return None
    if found.method != "GET" or found.status not in {200, 206} or found.bytes_sent is None:
        return None
    return read_fetch(found, found.bytes_sent)


def read_fetch(found: LogLine, got: int) -> Fetch | None:
    try:
        asked = urlsplit(found.address)
    except ValueError:  # no address at all, as with half a bracket
        return None
    query = parse_qs(asked.query)
    share_id, _, recipient_id = query.get(NOTE, [""])[-1].partition(".")
    if not recipient_id:
        return None
    return Fetch(
        share_id, recipient_id, "files/" + asked.path.partition("/files/")[2],
        query.get("versionId", [""])[-1], found.at, found.source, single_line(found.agent or "-", 160),
        got, longest=got, broken=int(found.is_broken_off),
        is_preview=query.get(SHOWN, [""])[-1].startswith("inline"),
    )  # fmt: skip


def merge_fetches(fetches: Iterable[Fetch]) -> list[Fetch]:
    """One for each recipient, file and address, however many requests it took: a film that is looked at is
    fetched in hundreds, and whoever holds a link must not be able to fill the audit log.
    """
    found: dict[tuple[str, ...], Fetch] = {}
    for each in fetches:
        place = (
            each.share_id, each.recipient_id, each.key, each.version_id, each.source, str(each.is_preview),
        )  # fmt: skip
        before = found.get(place)
        found[place] = add_bytes(before, each) if before else each
    return list(found.values())


def add_bytes(before: Fetch, after: Fetch) -> Fetch:
    return replace(
        before, at=max(before.at, after.at), bytes=before.bytes + after.bytes,
        times=before.times + after.times, longest=max(before.longest, after.longest),
        broken=before.broken + after.broken,
    )  # fmt: skip
