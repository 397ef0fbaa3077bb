"""Handovers in the table: one item a giver, and the pieces in which their files and shares become another's.

A file and a share each name their owner in one attribute, which each piece changes on condition that it still
names the giver. So whenever it ends, everything has exactly one owner, and what is left is found again. A
file's object and a share's links are found by what does not change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from portal.aws.client.admin_keys import handover_key
from portal.aws.client.codec import pack, unpack
from portal.aws.client.keys import (
    DueKind,
    file_key,
    file_name_key,
    file_names_partition,
    files_list,
    profile_key,
    recipient_key,
    share_key,
    shares_list,
)
from portal.aws.client.table import Table
from portal.aws.client.writes import ConditionFailed, Item, Key, Write, check, delete, put, update
from portal.aws.tables.audit_log import append_record
from portal.aws.tables.conditions import as_seen
from portal.aws.tables.due import query_due
from portal.aws.tables.file_search import name_item
from portal.aws.tables.holds import check_not_held
from portal.aws.tables.notifications import queue_notification
from portal.aws.tables.profiles import require_trust
from portal.aws.tables.quotas import Quotas
from portal.aws.tables.share_items import copy_of
from portal.domain.audit.record import AuditRecord
from portal.domain.errors import SignInNeeded
from portal.domain.files.file import File
from portal.domain.mail.notifications import Notification
from portal.domain.people.handover import BeginHandoverResult, Handover, HandoverState, PieceResult
from portal.domain.policy.limits import Limits
from portal.domain.shares.share import Recipient, Share

# Someone who can have things: known, not leaving, and not shut out.
CAN_GIVE = "attribute_exists(#pk) AND attribute_not_exists(#closing_at)"
CAN_HAVE = f"{CAN_GIVE} AND attribute_not_exists(#disabled_at)"


class Handovers:
    def __init__(self, table: Table, quotas: Quotas) -> None:
        self.table = table
        self.quotas = quotas

    def begin(self, handover: Handover, record: AuditRecord) -> BeginHandoverResult:
        over = "attribute_not_exists(#pk) OR #state <> :running"
        begun = put(item(handover), over, running=HandoverState.RUNNING)
        giver, receiver = BeginHandoverResult.GIVER_CANNOT, BeginHandoverResult.RECEIVER_CANNOT
        writes = [
            begun.failing_as(BeginHandoverResult.RUNNING_ALREADY),
            check_person(profile_key(handover.giver_id), CAN_GIVE, giver, record),
            check_person(profile_key(handover.receiver_id), CAN_HAVE, receiver, record),
        ]
        try:
            self.table.transact([*writes, *check_not_held(handover.giver_id), append_record(record)])
        except ConditionFailed as failed:
            return failed.as_result(BeginHandoverResult)
        return BeginHandoverResult.BEGUN

    def get(self, giver_id: str) -> Handover | None:
        found = self.table.get(handover_key(giver_id))
        return unpack(Handover, found) if found else None

    def list_due(self, now: datetime) -> Iterator[Handover]:
        return (unpack(Handover, each) for each in query_due(self.table, "handover", now))

    def list_file_ids(self, giver_id: str, after: str, limit: int) -> list[str]:
        items, _ = self.table.query(
            "#pk = :names AND #sk > :after", limit=limit, names=file_names_partition(giver_id),
            after=after or "!",
        )  # fmt: skip
        return [str(each["sk"]) for each in items]

    def move_files(
        self, before: Handover, after: Handover, files: Sequence[File], records: Sequence[AuditRecord],
        limits: Limits,
    ) -> PieceResult:  # fmt: skip
        size = sum(each.size for each in files)
        taken, given = self.quotas.hand_over(before.giver_id, before.receiver_id, len(files), size, limits)
        moved = [write.failing_as(PieceResult.CHANGED) for each in files for write in move(each, before)]
        return self.do_piece(
            before, after, [*moved, taken.failing_as(PieceResult.OVER_QUOTA), given], records
        )

    def move_share(
        self, before: Handover, after: Handover, share: Share, recipients: Sequence[Recipient],
        record: AuditRecord,
    ) -> PieceResult:  # fmt: skip
        new = replace(
            share, owner_id=before.receiver_id, owner_name=before.receiver_name,
            owner_address=before.receiver_address, version=share.version + 1,
        )  # fmt: skip
        write = update(
            share_key(share.id),
            "SET #owner_id = :owner, #owner_name = :name, #owner_address = :address, #version = :next,"
            " #list_pk = :list",
            "#owner_id = :giver AND #state = :as_read AND #version = :version AND size(#addresses) = :people",
            owner=new.owner_id, name=new.owner_name, address=new.owner_address, next=new.version,
            list=shares_list(new.owner_id), giver=share.owner_id, as_read=share.state, version=share.version,
            people=len(share.addresses),
        )  # fmt: skip
        copies = [
            update(recipient_key(share.id, each.id), "SET #share = :share", "attribute_exists(#pk)",
                   share=copy_of(new))
            for each in recipients if share.has_copies
        ]  # fmt: skip
        moved = [each.failing_as(PieceResult.CHANGED) for each in (write, *copies)]
        return self.do_piece(before, after, moved, [record])

    def do_piece(
        self, before: Handover, after: Handover, writes: Sequence[Write], records: Sequence[AuditRecord]
    ) -> PieceResult:
        receiver = check_receiver(before).failing_as(PieceResult.RECEIVER_CANNOT)
        giver = check(profile_key(before.giver_id), CAN_GIVE).failing_as(PieceResult.GIVER_GONE)
        held = [each.failing_as(PieceResult.GIVER_HELD) for each in check_not_held(before.giver_id)]
        place = replace_place(before, after).failing_as(PieceResult.OVERTAKEN)
        try:
            self.table.transact([place, receiver, giver, *held, *writes, *map(append_record, records)])
        except ConditionFailed as failed:
            return failed.as_result(PieceResult)
        return PieceResult.MOVED

    def advance(self, before: Handover, after: Handover, notices: Sequence[Notification] = ()) -> bool:
        return self.table.try_transact([replace_place(before, after), *map(queue_notification, notices)])


def item(handover: Handover) -> Item:
    pk, sk = handover_key(handover.giver_id)
    due: Item = {}
    if handover.state is HandoverState.RUNNING:
        due = {"due_kind": DueKind.HANDOVER, "due_at": int(handover.begun_at.timestamp())}
    return {**pack(handover), "pk": pk, "sk": sk, **due}


def replace_place(before: Handover, after: Handover) -> Write:
    """The handover with its next place, on condition that no other process went on with it."""
    same = {"same": before.id, "step": before.step}
    return put(item(replace(after, step=before.step + 1)), "#id = :same AND #step = :step", **same)


def check_person(
    profile: Key, condition: str, result: BeginHandoverResult, record: AuditRecord
) -> Write:  # fmt: skip
    """A condition on someone's profile; on the actor's own, whose trust cannot be checked beside it, with
    that.
    """
    write = check(profile, condition)
    if record.trust is not None and profile == profile_key(record.trust.person_id):
        return require_trust(write, record.trust, record.trust.person_id).failing_as(SignInNeeded())
    return write.failing_as(result)


def check_receiver(handover: Handover) -> Write:
    return check(profile_key(handover.receiver_id), CAN_HAVE)


def move(file: File, handover: Handover) -> list[Write]:
    """One file to its new owner: itself, and its name, which the search of each owner's files finds."""
    new = replace(
        file, owner_id=handover.receiver_id, owner_name=handover.receiver_name,
        uploader_id=file.uploader_id or file.owner_id,
    )  # fmt: skip
    condition, seen = as_seen(file, ("owner_id", "state", "name"))
    values: dict[str, Any] = {
        "owner": new.owner_id, "owner_name": new.owner_name, "uploader": new.uploader_id,
        "list": files_list(new.owner_id, new.state),
    }  # fmt: skip
    write = update(
        file_key(file.id),
        "SET #owner_id = :owner, #owner_name = :owner_name, #uploader_id = :uploader, #list_pk = :list",
        condition, **values, **seen,
    )  # fmt: skip
    return [write, delete(file_name_key(file), "attribute_exists(#pk)"), put(name_item(new))]
