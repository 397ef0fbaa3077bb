"""Keys of who opened a share's links, beside the share and in pieces: two openings rarely meet on one, and
one read has all.
"""

from __future__ import annotations

import zlib

from portal.aws.client.writes import Key

PIECES = 8


def seen_key(share_id: str, recipient_id: str) -> Key:
    return f"SEEN#{share_id}", str(zlib.crc32(recipient_id.encode()) % PIECES)


def list_seen_keys(share_id: str) -> list[Key]:
    return [(f"SEEN#{share_id}", str(piece)) for piece in range(PIECES)]
