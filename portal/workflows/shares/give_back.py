"""A download that broke off on the wire was counted all the same; its sender may give it back (R49)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from portal.domain.audit.record import Action
from portal.domain.errors import N_, Conflict, NotFound
from portal.domain.people.permissions import Permission, Privilege, require
from portal.domain.shares.share import Recipient, Share
from portal.engine.services import Services
from portal.engine.workflow import Context, Stage, Workflow


@dataclass(frozen=True, kw_only=True)
class GiveBack(Context):
    """seen: how many deliveries had broken off on the page that was looked at, so that pressing twice is
    pressing once (I7). again: whether it was given back already.
    """

    share_id: str
    recipient_id: str
    file_id: str
    seen: int
    share: Share | None = None
    recipient: Recipient | None = None
    again: bool = False

    @property
    def share_and_recipient(self) -> tuple[Share, Recipient]:
        if self.share is None or self.recipient is None:
            raise RuntimeError("the share is found first")
        return self.share, self.recipient


def find_recipient(context: GiveBack, services: Services) -> GiveBack:
    found = services.shares.get_with_recipient(context.share_id, context.recipient_id)
    file = services.shared_files.find(found[0], context.file_id) if found else None
    if found is None or file is None:
        raise NotFound()
    share, recipient = found
    details = {"recipient": recipient.id, "to": recipient.address, "file": file.id, "name": file.name}
    return replace(context, share=share, recipient=recipient, about=share.id, details=details)


def require_owner(context: GiveBack, services: Services) -> GiveBack:
    require(context.me, Permission.CHANGE, context.share_and_recipient[0].owner_id)
    return context


def require_broken(context: GiveBack, services: Services) -> GiveBack:
    share, recipient = context.share_and_recipient
    if context.seen > recipient.broken.get(context.file_id, 0):
        return replace(context, again=True)
    if not recipient.can_get_back(share, context.file_id):
        raise Conflict(
            N_("No download of this file broke off that could be given back."), reason="not_broken"
        )
    return context


def give_back(context: GiveBack, services: Services) -> GiveBack:
    share, recipient = context.share_and_recipient
    record = context.required_record
    if context.again or services.downloads.give_back(share, recipient, context.file_id, context.seen, record):
        return context
    return replace(context, again=True)


GIVE_BACK: Workflow[GiveBack] = Workflow(
    "give_back",
    Action.DOWNLOAD_GIVEN_BACK,
    {
        Stage.IDENTIFY: (find_recipient,),
        Stage.AUTHORIZE: (require_owner, require_broken),
        Stage.PROCESS: (give_back,),
    },
    needs=Privilege.SHARE,
)
