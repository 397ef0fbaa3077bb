"""What workflows are handed for whom one shares with: recipient groups, and addresses shared with before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from portal.domain.audit.record import AuditRecord
from portal.domain.contacts.recipient_groups import Group, SaveGroupResult
from portal.domain.contacts.suggestions import KnownAddress


class Groups(Protocol):
    """Recipient groups, each in one transaction with its record."""

    def make(self, group: Group, most: int, record: AuditRecord) -> SaveGroupResult:
        """SAVED, NAME_IN_USE, or TOO_MANY: their owner has `most`."""

    def change(self, before: Group, after: Group, record: AuditRecord) -> SaveGroupResult:
        """SAVED, NAME_IN_USE, or CHANGED_MEANWHILE: not as it was read."""

    def delete(self, group: Group, record: AuditRecord) -> bool:
        """False where the group is not as it was read."""

    def get(self, owner_id: str, group_id: str) -> Group | None: ...
    def get_many(self, owner_id: str, group_ids: Sequence[str]) -> list[Group]:
        """Those of the named groups that are there; at most 100."""

    def list_of(self, owner_id: str) -> list[Group]:
        """All of someone's groups, by name."""

    def delete_all(self, owner_id: str) -> None: ...


class KnownAddresses(Protocol):
    """Whom someone shared with. Only for suggestions, so nothing is decided by it."""

    def remember(self, owner_id: str, share_id: str, addresses: Sequence[str], at: datetime) -> None: ...
    def mark_bounced(self, owner_id: str, share_id: str, address: str) -> None:
        """Mark an address whose email did not arrive, where that share is the last it was used for."""

    def get_domains(self, owner_id: str) -> frozenset[str]:
        """The domains of all addresses that were remembered."""

    def list_newest(self, owner_id: str, limit: int) -> list[KnownAddress]: ...
    def forget(self, owner_id: str, address: str | None = None) -> None:
        """Forget one address, or all of them where none is named."""
