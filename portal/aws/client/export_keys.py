"""Keys of exports of the audit log: a person's are together, newest last."""

from __future__ import annotations

from portal.aws.client.writes import Key


def exports_partition(person_id: str) -> str:
    return f"EXPORTS#{person_id}"


def export_key(person_id: str, export_id: str) -> Key:
    return exports_partition(person_id), export_id


def waiting_exports_key(person_id: str) -> Key:
    """Apart from the exports, which are listed by their partition."""
    return f"EXPORTING#{person_id}", "WAITING"
