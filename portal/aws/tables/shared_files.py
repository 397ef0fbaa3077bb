"""The files of a share, as it pinned them. Up to `MAX_WHOLE` stand in the share itself and cost no read.

Of more, the others lie behind it in pieces, by folder and name; and each has an entry in its file's list of
shares, which says with one read that it belongs to the share.
"""

from __future__ import annotations

from collections.abc import Iterator

from portal.aws.client.codec import unpack
from portal.aws.client.cursors import Cursors
from portal.aws.client.keys import file_share_key, share_partition
from portal.aws.client.piece_keys import PIECES, piece_key
from portal.aws.client.table import Table
from portal.aws.client.writes import Item
from portal.domain.files.file import SharedFile
from portal.domain.ids import is_id
from portal.domain.paging import Page
from portal.domain.shares.share import MAX_WHOLE, Share

IN_PIECES = "#pk = :share AND begins_with(#sk, :pieces)"
AT_ONCE = 25  # pieces of one query: a thousand files of long names are below its megabyte


class SharedFiles:
    def __init__(self, table: Table, cursors: Cursors) -> None:
        self.table = table
        self.cursors = cursors

    def find(self, share: Share, file_id: str) -> SharedFile | None:
        first = next((each for each in share.first_files if each.id == file_id), None)
        if first or not share.more_files or not is_id(file_id):
            return first
        entry = self.table.get(file_share_key(share, file_id))
        return unpack(SharedFile, entry["file"]) if entry and "file" in entry else None

    def list_page(self, share: Share, cursor: str | None, pieces: int = 1) -> Page[SharedFile]:
        scope = f"files of {share.id}"
        start = self.cursors.open(scope, cursor)
        number = int(start["piece"]) if start else 0
        files = list(share.first_files) if number == 0 else []
        wanted = min(number + pieces, count_pieces(share)) - max(number, 1)
        if wanted > 0:
            pk, sk = piece_key(share.id, max(number, 1) - 1)
            items, _ = self.table.query(
                IN_PIECES, limit=wanted, start={"pk": pk, "sk": sk}, share=pk, pieces=PIECES
            )
            files += [each for item in items for each in unpack_piece(item)]
        behind = number + pieces
        more = {"piece": behind} if behind < count_pieces(share) else None
        return Page(tuple(files), self.cursors.seal(scope, more))

    def list_all(self, share: Share) -> Iterator[SharedFile]:
        yield from share.first_files
        if share.more_files:
            pk = share_partition(share.id)
            for item in self.table.query_all(IN_PIECES, rows=AT_ONCE, share=pk, pieces=PIECES):
                yield from unpack_piece(item)


def count_pieces(share: Share) -> int:
    """With the one that stands in the share itself."""
    return -(-share.file_count // MAX_WHOLE)


def unpack_piece(item: Item) -> list[SharedFile]:
    return [unpack(SharedFile, each) for each in item["files"]]
