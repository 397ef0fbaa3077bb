"""What the items of a share and of its recipients look like.

A recipient's item carries a copy of its share, so that the list of what someone received is one query; but
not of a share of many recipients, which no one transaction could change together with its copies.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from portal.aws.client.codec import moment, pack
from portal.aws.client.keys import DueKind, received_list, recipient_key, share_key, shares_list
from portal.aws.client.writes import Item
from portal.domain.mail.mail_job import MailState
from portal.domain.shares.share import Recipient, Share

# Written with a new end of a share: its reminders are checked again.
REMIND_ANEW = "#due_kind = :remind, #due_at = :at_once"


def share_item(share: Share) -> Item:
    pk, sk = share_key(share.id)
    lists = {"list_pk": shares_list(share.owner_id), "list_time": moment(share.created_at)}
    # Due at once: the schedule finds out when its reminders are, whose days it knows.
    due = {"due_kind": DueKind.REMINDER, "due_at": int(share.created_at.timestamp())}
    return {**pack(share), "pk": pk, "sk": sk, **lists, **due}


def recipient_item(share: Share, recipient: Recipient) -> Item:
    pk, sk = recipient_key(share.id, recipient.id)
    lists = {
        "list_pk": received_list(recipient.address),
        "list_time": moment(share.created_at) + "#" + share.id,
    }
    entry = {**pack(recipient), "pk": pk, "sk": sk, **list_copy(share), **lists}
    if recipient.mail.state is MailState.QUEUED and recipient.mail.due_at:
        entry |= {"due_kind": DueKind.MAIL, "due_at": int(recipient.mail.due_at.timestamp())}
    return entry


def list_copy(share: Share) -> Item:
    """The share's copy under its attribute; nothing of a share that has too many recipients for copies."""
    return {"share": copy_of(share)} if share.has_copies else {}


def copy_of(share: Share) -> Item:
    """What a recipient's item shows of its share: neither the other recipients nor the password's hash."""
    nobody = frozenset[str]()
    alone = replace(share, addresses=(), complete=nobody, gone=nobody, askers=nobody)
    copy: Item = pack(replace(alone, password_hash=""))
    return copy


def remind_anew() -> dict[str, Any]:
    """The values of REMIND_ANEW."""
    return {"remind": DueKind.REMINDER, "at_once": 0}
