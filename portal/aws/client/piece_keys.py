"""Keys of what a share has too much of for its own item, piece by piece, behind the share itself."""

from __future__ import annotations

from portal.aws.client.keys import share_partition
from portal.aws.client.writes import Key

PIECES = "SLICE#"


def spread_key(share_id: str) -> Key:
    return share_partition(share_id), "SPREAD"


def piece_key(share_id: str, number: int) -> Key:
    """Of so many files; the first of them, number 0, stand in the share itself and not here."""
    return share_partition(share_id), f"{PIECES}{number:06}"
