"""What is counted by day (UTC): of everybody together, and of single people, recipients' domains and
files.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NamedTuple

# Of the sketch of who was active: 65,536 places are at most 262 kB of an item, which may have 400.
PLACES = 65_536


class Figure(StrEnum):
    """Bytes are those that S3 says it stored or sent. A bounce is one for good, as the mail service counts
    them; what came back for now is a soft bounce.
    """

    UPLOADS = "uploads"
    BYTES_UPLOADED = "bytes_uploaded"
    FILES_REMOVED = "files_removed"
    SHARES = "shares"
    RECIPIENTS = "recipients"
    DOWNLOADS = "downloads"
    PREVIEWS = "previews"
    BYTES_DELIVERED = "bytes_delivered"
    COMPLETE = "complete"
    BROKEN_OFF = "broken_off"
    MAILS_SENT = "mails_sent"
    BOUNCES = "bounces"
    SOFT_BOUNCES = "soft_bounces"
    COMPLAINTS = "complaints"
    SIGN_INS = "sign_ins"
    REQUESTS = "requests"


class Kind(StrEnum):
    """Of whom or what it is counted by itself. A person's downloads and bytes are those of their shares, and
    their recipients those that they invited; a share's emails are those to its recipients.
    """

    PERSON = "PERSON"
    DOMAIN = "DOMAIN"
    FILE = "FILE"
    SHARE = "SHARE"


TRAFFIC = frozenset(
    {Figure.DOWNLOADS, Figure.PREVIEWS, Figure.BYTES_DELIVERED, Figure.COMPLETE, Figure.BROKEN_OFF}
)
COUNTED_OF: Mapping[Kind, frozenset[Figure]] = {
    Kind.PERSON: TRAFFIC | {Figure.UPLOADS, Figure.BYTES_UPLOADED, Figure.SHARES, Figure.RECIPIENTS},
    Kind.DOMAIN: TRAFFIC,
    Kind.FILE: TRAFFIC,
    Kind.SHARE: TRAFFIC | {Figure.MAILS_SENT},
}


class Subject(NamedTuple):
    """A person, a domain or a file on one day. id: the domain itself, else an id."""

    day: date
    kind: Kind
    id: str


@dataclass(frozen=True)
class DayUsage:
    """A day of everybody. active: the places of who was active (`place_of`), so that days can be united."""

    counts: Mapping[Figure, int] = field(default_factory=dict)
    active: frozenset[int] = frozenset()

    def count(self, figure: Figure) -> int:
        return self.counts.get(figure, 0)

    @property
    def people(self) -> int:
        return count_people(self.active)


@dataclass(frozen=True)
class SubjectUsage:
    """name: a file's; a person's is their profile's, and is forgotten with it."""

    counts: Mapping[Figure, int] = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True)
class UsageChanges:
    """What is to be added to the counters."""

    days: Mapping[date, DayUsage] = field(default_factory=dict)
    subjects: Mapping[Subject, SubjectUsage] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many counters change, which is how many writes they take."""
        return len(self.days) + len(self.subjects)


def place_of(person_id: str) -> int:
    """A person's place in the sketch. Two rarely share one, and a place tells nobody whose it is."""
    return int.from_bytes(hashlib.sha256(person_id.encode()).digest()[:8], "big") % PLACES


def count_people(active: frozenset[int]) -> int:
    """How many people stand behind these places: exact for hundreds, within about 1 % for ten thousand.

    Linear counting: of `PLACES` places, so many are still empty ("A linear-time probabilistic counting
    algorithm", Whang et al. 1990).
    """
    empty = max(1, PLACES - len(active))
    return round(PLACES * math.log(PLACES / empty))
