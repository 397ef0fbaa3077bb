"""S3's access log of the bucket of files: who got how many bytes of what.

Source: "Amazon S3 server access log format" of the S3 user guide. Referrer and browser are written by whoever
made the request and may hold anything, quotes too, so nothing behind them is read, and they only to be shown.
The key, the version, the status and the bytes stand before them; the note of whose download it was is part of
what the portal signed (`links.note`), and S3 answers a changed one with 403.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from portal.domain.mail.email_message import single_line

LINE = re.compile(
    r"\S+ (?P<bucket>\S+) \[(?P<time>[^]]+)\] (?P<source>\S+) \S+ \S+ (?P<operation>\S+) \S+ "
    r'"GET (?P<address>\S+) [^"\s]+" (?P<status>\d{3}) \S+ (?P<bytes>\d+|-) (?P<size>\d+|-) \S+ \S+ '
    r'(?:"[^"]*" "(?P<agent>[^"]*)")?'
)
NOTE = "x-recipient"


@dataclass(frozen=True)
class Fetch:
    """Bytes of one file that went out to one recipient, in one request or in several of one log.

    key: the object's; at: of the last of them; source: the address it went to; agent: what the browser calls
    itself; times: how many requests; bytes: what they got together; longest: the most that one of them got.
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

    def is_complete(self, size: int) -> bool:
        """Whether the whole file of `size` bytes went out: one answer as long as the file begins at its first
        byte and ends at its last, also where a range was asked for.
        """
        return self.longest == size


def parse_fetch(line: str, bucket: str) -> Fetch | None:
    """What a line says of a recipient's download; None for everything else."""
    found = LINE.match(line)
    if found is None or found["bucket"] != bucket or found["operation"] != "REST.GET.OBJECT":
        return None
    if found["status"] not in {"200", "206"} or not found["bytes"].isdecimal():
        return None
    asked = urlsplit(found["address"])
    query = parse_qs(asked.query)
    share_id, _, recipient_id = query.get(NOTE, [""])[-1].partition(".")
    at = moment(found["time"])
    if not recipient_id or at is None:
        return None
    got = int(found["bytes"])
    return Fetch(
        share_id, recipient_id, "files/" + asked.path.partition("/files/")[2],
        query.get("versionId", [""])[-1], at, found["source"], single_line(found["agent"] or "", 160),
        got, longest=got,
    )  # fmt: skip


def moment(text: str) -> datetime | None:
    """ "06/Feb/2026:00:01:57 +0000" """
    try:
        return datetime.strptime(text, "%d/%b/%Y:%H:%M:%S %z").astimezone(UTC)
    except ValueError:
        return None


def merge_fetches(fetches: Iterable[Fetch]) -> list[Fetch]:
    """One for each recipient, file and address, however many requests it took: a film that is looked at is
    fetched in hundreds, and whoever holds a link must not be able to fill the audit log.
    """
    found: dict[tuple[str, ...], Fetch] = {}
    for each in fetches:
        place = (each.share_id, each.recipient_id, each.key, each.version_id, each.source)
        before = found.get(place)
        found[place] = add_bytes(before, each) if before else each
    return list(found.values())


def add_bytes(before: Fetch, after: Fetch) -> Fetch:
    return replace(
        before, at=max(before.at, after.at), bytes=before.bytes + after.bytes,
        times=before.times + after.times, longest=max(before.longest, after.longest),
    )  # fmt: skip
