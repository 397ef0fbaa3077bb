"""Whether files can be shared: they are there, they have arrived, and no malware scan speaks against it."""

from __future__ import annotations

from collections.abc import Sequence

from portal.domain.errors import N_, Invalid
from portal.domain.files.file import File, FileState
from portal.domain.files.scans import ScanClosed


def check_ready(files: Sequence[File], asked: int, *, may_come: bool = False) -> None:
    """files: those found of so many that were asked for; may_come: uploads under way are as good."""
    if len(files) != asked:
        raise Invalid(
            N_("One of the files no longer exists. Choose the files again."),
            field="files", reason="file_missing",
        )  # fmt: skip
    fine = {FileState.READY, FileState.PENDING} if may_come else {FileState.READY}
    if waiting := next((file for file in files if file.state not in fine), None):
        raise Invalid(
            N_("%(name)s cannot be shared: it is not ready."),
            field="files", reason="file_not_ready", params={"name": waiting.name},
        )  # fmt: skip
    if infected := next((file for file in files if file.is_infected), None):
        raise Invalid(
            N_("%(name)s cannot be shared: malware was found in it."),
            field="files", reason="file_infected", params={"name": infected.name},
        )  # fmt: skip
    come = (file for file in files if file.state is FileState.READY)
    if unscanned := next((file for file in come if file.scan_closed is ScanClosed.UNSCANNED), None):
        raise Invalid(
            N_("%(name)s cannot be shared: it could not be checked for malware."),
            field="files", reason="file_unscanned", params={"name": unscanned.name},
        )  # fmt: skip
