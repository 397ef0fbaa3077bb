"""Keys of files that the worker writes for somebody: a person's are together, newest last. Which of them are
still to be written is apart from them, since they are listed by their partition.
"""

from __future__ import annotations

from portal.aws.client.writes import Key


def export_key(person_id: str, export_id: str) -> Key:
    return f"EXPORTS#{person_id}", export_id


def waiting_exports_key(person_id: str) -> Key:
    return f"EXPORTING#{person_id}", "WAITING"


def data_export_key(person_id: str, export_id: str) -> Key:
    return f"DATA_EXPORTS#{person_id}", export_id


def waiting_data_exports_key(person_id: str) -> Key:
    return f"DATA_EXPORTING#{person_id}", "WAITING"
