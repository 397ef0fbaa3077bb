"""What is left of giving a share to many recipients, due until all of them have their items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from portal.aws.client.codec import pack, seconds, unpack
from portal.aws.client.keys import DueKind, recipient_key, share_key
from portal.aws.client.piece_keys import spread_key
from portal.aws.client.table import Table
from portal.aws.client.writes import ConditionFailed, Item, Write, check, delete, put_new, update
from portal.aws.tables.due import query_due
from portal.aws.tables.known_addresses_table import KnownAddresses
from portal.aws.tables.share_items import recipient_item
from portal.domain.shares.share import Recipient, Share, ShareState
from portal.domain.shares.spreading import Spread

# Whoever made the share goes on with it; the schedule does where they did not come so far.
LOOK_AFTER = timedelta(minutes=2)
AS_SEEN = "#done = :seen"
THERE = "there"  # what a transaction fails as that would make a recipient again


class Spreads:
    def __init__(self, table: Table) -> None:
        self.table = table
        self.known = KnownAddresses(table)

    def get(self, share_id: str) -> Spread | None:
        found = self.table.get(spread_key(share_id))
        return unpack(Spread, found) if found else None

    def list_due(self, now: datetime) -> Iterator[Spread]:
        return (unpack(Spread, found) for found in query_due(self.table, "spreading", now))

    def write_piece(self, before: Spread, share: Share, recipients: Sequence[Recipient]) -> bool:
        """One more piece with the note that it is done, all or nothing: of two who write it, one does. Who
        has an item already keeps it as it is.
        """
        done = before.done + len(recipients)
        is_last = done >= before.count
        noted = delete(spread_key(share.id), AS_SEEN, seen=before.done) if is_last else update(
            spread_key(share.id), "SET #done = :done", AS_SEEN, seen=before.done, done=done
        )  # fmt: skip
        still_open = check(share_key(share.id), "#state = :open", open=ShareState.OPEN)
        try:
            self.table.transact([noted, still_open, *self.list_writes(share, recipients)])
        except ConditionFailed as failed:
            if not failed.is_only(THERE):
                return False
            new = self.leave_out_there(share, recipients)
            return self.table.try_transact([noted, still_open, *self.list_writes(share, new)])
        return True

    def list_writes(self, share: Share, recipients: Sequence[Recipient]) -> list[Write]:
        items = [put_new(recipient_item(share, each)).failing_as(THERE) for each in recipients]
        return [*items, *self.known.list_items(share, recipients)]

    def leave_out_there(self, share: Share, recipients: Sequence[Recipient]) -> list[Recipient]:
        keys = {each.id: recipient_key(share.id, each.id) for each in recipients}
        there = self.table.get_many(list(keys.values()))
        return [each for each in recipients if keys[each.id] not in there]

    def end(self, spread: Spread) -> None:
        """Nothing is left to do: the share was withdrawn, or is gone."""
        self.table.try_transact([delete(spread_key(spread.share_id), AS_SEEN, seen=spread.done)])


def put_spread(spread: Spread) -> Write:
    return put_new(spread_item(spread))


def spread_item(spread: Spread) -> Item:
    pk, sk = spread_key(spread.share_id)
    due = {"due_kind": DueKind.SPREAD, "due_at": seconds(spread.at + LOOK_AFTER)}
    return {**pack(spread), "pk": pk, "sk": sk, **due}
