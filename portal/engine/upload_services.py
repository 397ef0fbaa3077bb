"""What uploading is handed: the services behind it, as interfaces."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from portal.domain.files.file import File
from portal.domain.policy.limits import Limits
from portal.domain.policy.quotas import Allowance
from portal.domain.uploads.parts import AskedPart, AssemblyResult, Begun, Part, SignedPart


class Parts(Protocol):
    """Files that come in parts. Signing is local: no call is made."""

    def begin(self, file: File, *, checked: bool) -> str:
        """Create S3's upload; its id. checked: every part comes with its SHA-256."""

    def sign_part(self, file: File, part: AskedPart, seconds: int) -> SignedPart: ...
    def list_parts(self, file: File) -> list[Part] | None:
        """The parts that S3 has, by number; None where it knows no such upload."""

    def finish(self, file: File, parts: Sequence[Part]) -> AssemblyResult:
        """Put the parts together. Raises Unavailable where that takes longer than a call may."""

    def list_begun_before(self, then: datetime) -> list[Begun]:
        """Every upload that S3 knows and that was begun before then."""

    def abort(self, key: str, upload_id: str = "") -> None:
        """Give up this upload, or every one of the key; what is over already stays as it is."""


class Quotas(Protocol):
    def get_allowance(self, person_id: str, limits: Limits) -> Allowance:
        """What a person has in use, and what these limits and everyone's leave to them."""

    def level(self) -> None:
        """Bring the counter of all together, where there is a limit, in line with what there is."""
