"""What the malware scan says of a version of a file, and what follows from that (R36).

Each result is a mark of its own that is never taken back, and a version's state is read from all its marks:
so results may come twice, late and in any order, and the answer is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

# The scanner's own words ("Monitoring S3 object scan status", GuardDuty user guide), and one of ours.
NO_THREATS_FOUND = "NO_THREATS_FOUND"
THREATS_FOUND = "THREATS_FOUND"
NO_RESULT = "NO_RESULT"  # of a scan that nothing was heard of in time


class ScanState(StrEnum):
    """Of one version of a file. Each but the first is also the name of a mark: see `Marks`."""

    WAITING = "waiting"  # nothing is known yet
    CLEAN = "clean"
    THREAT = "threat"
    UNSUPPORTED = "unsupported"  # the scanner cannot look into it, as into an encrypted archive
    FAILED = "failed"  # the scan went wrong, was not allowed to read, or said nothing in time
    RELEASED = "released"  # whatever was said, two administrators or the policy let it pass


class ScanClosed(StrEnum):
    """Why the scan keeps a file from everyone."""

    INFECTED = "infected"
    WAITING = "waiting"
    UNSCANNED = "unscanned"


class Marks(StrEnum):
    """A file's sets of versions that a result or a release was noted for."""

    THREATS = "threats"
    CLEAN = "clean"
    UNSUPPORTED = "unsupported"
    FAILED = "failed"
    RELEASED = "released"  # may be given out though no scan called it clean
    THREATS_RELEASED = "threats_released"  # may be given out though malware was found


STATES = {
    NO_THREATS_FOUND: ScanState.CLEAN,
    THREATS_FOUND: ScanState.THREAT,
    "UNSUPPORTED": ScanState.UNSUPPORTED,
    "ACCESS_DENIED": ScanState.FAILED,
    "FAILED": ScanState.FAILED,
    NO_RESULT: ScanState.FAILED,
}
MARKS = {
    ScanState.CLEAN: Marks.CLEAN,
    ScanState.THREAT: Marks.THREATS,
    ScanState.UNSUPPORTED: Marks.UNSUPPORTED,
    ScanState.FAILED: Marks.FAILED,
}
PASSED = {ScanState.CLEAN, ScanState.RELEASED}
UNSCANNED = {ScanState.UNSUPPORTED, ScanState.FAILED}


@dataclass(frozen=True)
class ScanResult:
    """What a scan came to. status: the scanner's own word; version_id: empty where nobody named it; threats:
    their names.
    """

    status: str
    version_id: str
    threats: tuple[str, ...] = ()

    @property
    def state(self) -> ScanState | None:
        """None for a word that means no end of a scan, or that is not known."""
        return STATES.get(self.status)


@dataclass(frozen=True)
class ReleaseRequest:
    """What one administrator asks for and another one has to confirm."""

    by_id: str
    by_name: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class ScanCase:
    """What a file's scan still owes, or what it complains of: WAITING until its result is asked for at
    `next_look_at`, else in quarantine. It decides nothing: the file's own marks do. since: when it came to
    this; reason: names of threats, or the scanner's word; rescanned_at: when another scan was asked for last.
    """

    file_id: str
    version_id: str
    state: ScanState
    since: datetime
    reason: str = ""
    next_look_at: datetime | None = None
    rescanned_at: datetime | None = None
    release: ReleaseRequest | None = None
