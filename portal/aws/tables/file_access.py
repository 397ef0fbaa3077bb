"""Whether a file's bytes may be given out: the condition that everything which does so makes its own."""

from __future__ import annotations

from portal.aws.client.keys import file_key
from portal.aws.client.table import Table
from portal.aws.client.writes import ConditionFailed, Item, Write, check
from portal.aws.tables.audit_log import WRITTEN_BEFORE, append_record
from portal.aws.tables.conditions import as_seen
from portal.domain.audit.record import AuditRecord
from portal.domain.files.file import ANY_VERSION, File, FileState, SharedFile

# Ready, in this version, and no malware found in it but what was released: it may be shared.
INTACT = (
    "#state = :ready AND #version_id = :version AND (attribute_not_exists(#threats)"
    " OR NOT (contains(#threats, :version) OR contains(#threats, :any))"
    " OR contains(#threats_released, :version))"
)
# And scanned, where that is asked for: its bytes may be given out.
SERVED = (
    f"{INTACT} AND (attribute_not_exists(#scan_required) OR #scan_required = :not_asked"
    " OR contains(#clean, :version) OR contains(#released, :version))"
)


class FileAccess:
    def __init__(self, table: Table) -> None:
        self.table = table

    def hand_out(self, file: File, record: AuditRecord) -> bool:
        condition, owner = as_seen(file, ("owner_id",))
        values = {**as_served(file.version_id), **owner}
        served = check(file_key(file.id), f"{SERVED} AND {condition}", **values).failing_as("not_served")
        try:
            self.table.transact([served, append_record(record)])
        except ConditionFailed as failed:
            # Nothing says that a transaction looks at all of its conditions once one has failed.
            return failed.is_only(WRITTEN_BEFORE) and self.table.try_transact([served])
        return True


def still_served(file: SharedFile) -> Write:
    """That a file is there to be given out, in the version it was shared in; whoever's it is by now."""
    return check(file_key(file.id), SERVED, **as_served(file.version_id))


def as_intact(version_id: str) -> Item:
    """The values of INTACT."""
    return {"ready": FileState.READY, "version": version_id, "any": ANY_VERSION}


def as_served(version_id: str) -> Item:
    """The values of SERVED."""
    return as_intact(version_id) | {"not_asked": False}
