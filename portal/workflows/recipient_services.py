"""What workflows are handed for whom one shares with: recipient groups, and addresses shared with before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from portal.domain.audit import AuditRecord
from portal.domain.recipient_groups import Group
from portal.domain.suggestions import KnownAddress


class Groups(Protocol):
    """Recipient groups, each in one transaction with its record."""

    def make(self, group: Group, most: int, record: AuditRecord) -> str:
        """Returns "made"; or what was in the way: "name" (there is one of this name), "many" (as many as one
        may have).
        """

    def change(self, before: Group, after: Group, record: AuditRecord) -> str:
        """Returns "changed"; or what was in the way: "version" (not as it was read), "name"."""

    def delete(self, group: Group, record: AuditRecord) -> bool:
        """False where the group is not as it was read."""

    def get(self, owner_id: str, group_id: str) -> Group | None: ...
    def get_many(self, owner_id: str, group_ids: Sequence[str]) -> list[Group]:
        """Those of the named groups that are there; at most 100."""

    def of(self, owner_id: str) -> list[Group]:
        """All of somebody's groups, by name."""

    def erase(self, owner_id: str) -> None: ...


class KnownAddresses(Protocol):
    """Whom somebody shared with. Only for suggestions, so nothing is decided by it."""

    def remember(self, owner_id: str, share_id: str, addresses: Sequence[str], at: datetime) -> None: ...
    def came_back(self, owner_id: str, share_id: str, address: str) -> None:
        """Mark an address whose mail did not arrive, where that share is the last it was used for."""

    def domains(self, owner_id: str) -> frozenset[str]:
        """The domains of all addresses that were remembered."""

    def newest(self, owner_id: str, limit: int) -> list[KnownAddress]: ...
    def forget(self, owner_id: str, address: str | None = None) -> None:
        """Forget one address, or all of them where none is named."""
