"""One line of S3's access log, every field of it.

Source: "Amazon S3 server access log format" of the S3 user guide: fields are separated by blanks, "-" is
nothing, and further fields may come to stand behind the known ones. Referrer and browser are written by
whoever made the request and may hold anything, quotes too, so the fields before them are read from the left
and those behind them, which hold no quotes, from the right.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

BEFORE = re.compile(
    r"(?P<bucket_owner>\S+) (?P<bucket>\S+) \[(?P<time>[^]]+)\] (?P<source>\S+) (?P<requester>\S+) "
    r"(?P<request_id>\S+) (?P<operation>\S+) (?P<key>\S+) "
    r'(?:"(?:(?P<method>\S+) (?P<address>\S+) (?P<protocol>[^"\s]+)|-)"|-) '
    r"(?P<status>\S+) (?P<error>\S+) (?P<bytes_sent>\S+) (?P<object_size>\S+) "
    r"(?P<total_ms>\S+) (?P<turnaround_ms>\S+) "
)
BEHIND = (
    "version_id", "host_id", "signature_version", "cipher_suite", "authentication", "host", "tls_version",
    "access_point", "acl_required",
)  # fmt: skip
NUMBERS = ("status", "bytes_sent", "object_size", "total_ms", "turnaround_ms")
MAX_DIGITS = 18
MAX_LINE = 65_536  # of a longer one nothing is read: no request is that long


@dataclass(frozen=True)
class LogLine:
    """Texts are empty, and numbers None, where the log says nothing. key: as S3 writes it, percent-encoded;
    total_ms: from the request to the last byte sent; turnaround_ms: to the first.
    """

    bucket_owner: str
    bucket: str
    at: datetime
    source: str
    requester: str
    request_id: str
    operation: str
    key: str
    method: str
    address: str
    protocol: str
    status: int | None
    error: str
    bytes_sent: int | None
    object_size: int | None
    total_ms: int | None
    turnaround_ms: int | None
    referrer: str = ""
    agent: str = ""
    version_id: str = ""
    host_id: str = ""
    signature_version: str = ""
    cipher_suite: str = ""
    authentication: str = ""
    host: str = ""
    tls_version: str = ""
    access_point: str = ""
    acl_required: str = ""

    @property
    def is_broken_off(self) -> bool:
        """Whether the answer was to be the whole object and ended before its end. Of an answer to a range the
        log does not say how long it was to be.
        """
        sent, size = self.bytes_sent, self.object_size
        return self.status == 200 and sent is not None and size is not None and sent < size


def parse_line(line: str) -> LogLine | None:
    """The fields of a line; None of one that is cut before its numbers, or no line of the log at all."""
    found = BEFORE.match(line) if len(line) <= MAX_LINE else None
    at = parse_time(found["time"]) if found else None
    if found is None or at is None:
        return None
    before = {name: "" if value in {None, "-"} else value for name, value in found.groupdict().items()}
    del before["time"]
    numbers = {name: parse_number(before.pop(name)) for name in NUMBERS}
    return LogLine(at=at, **before, **numbers, **parse_rest(line[found.end() :]))  # type: ignore[arg-type]


def parse_rest(text: str) -> dict[str, str]:
    """Referrer and browser, in quotes and with whatever within, then what S3 says itself."""
    quoted, _, rest = text.rstrip("\r\n").rpartition('"')
    referrer, _, agent = quoted.removeprefix('"').partition('" "')
    behind = dict(zip(BEHIND, rest.split(" ")[1:], strict=False))
    found = {"referrer": referrer, "agent": agent, **behind}
    return {name: "" if value == "-" else value for name, value in found.items()}


def parse_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS else None


def parse_time(text: str) -> datetime | None:
    """ "06/Feb/2026:00:01:57 +0000" """
    try:
        return datetime.strptime(text, "%d/%b/%Y:%H:%M:%S %z").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
