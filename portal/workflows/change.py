"""Changing a share after it was sent: its last day, its limit, its message, who gets in, what its owner is
told; at once, and never over somebody else's change (R47, R48, R63).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from portal.domain import expiry, passwords, terms
from portal.domain.audit import Action
from portal.domain.errors import Conflict, Invalid, NotFound, Unavailable, words
from portal.domain.files import File, FileState
from portal.domain.ids import is_id
from portal.domain.shares import Notify, Recipient, Share, ShareState
from portal.workflows.engine import Context, Stage, Workflow, checked_together, record_with_change
from portal.workflows.services import Services

ROUNDS = 4  # how often a change is tried again when something beside it moved between reading and writing


class ChangedMeanwhile(Conflict):
    """Somebody else's change came between; the page shows both (R63)."""

    reason = "changed_meanwhile"
    words = words(
        "This share was changed while you had it open. Nothing you typed is lost: look at both, then save."
    )


class WithdrawnForGood(Conflict):
    """An extension never revives what was withdrawn (R47)."""

    reason = "withdrawn"
    words = words("This share was withdrawn, and that cannot be undone. Share the files again instead.")


@dataclass(frozen=True, kw_only=True)
class ChangeShare(Context):
    """What a share shall be from now on.

    version: of the share as whoever asks has seen it. expires_on: the new last day, in `zone`; None leaves
    the expiry as it is. confirm, preview, notify: None leaves them. password: a new one, empty leaves it;
    no_password: none any more. before, after: the share as it is, and as it shall be.
    """

    share_id: str
    version: int
    expires_on: date | None
    download_limit: int | None
    message: str
    confirm: bool | None = None
    preview: bool | None = None
    notify: Notify | None = None
    password: str = ""
    no_password: bool = False
    zone: str = "UTC"
    before: Share | None = None
    after: Share | None = None
    recipients: tuple[Recipient, ...] = ()
    files: tuple[File, ...] = ()

    @property
    def shares(self) -> tuple[Share, Share]:
        if self.before is None or self.after is None:
            raise RuntimeError("the change is drafted first")
        return self.before, self.after


def the_terms(context: ChangeShare, services: Services) -> ChangeShare:
    return checked_together(context, services, (the_limit, the_message, the_day, the_password))


def the_limit(context: ChangeShare, services: Services) -> ChangeShare:
    return replace(context, download_limit=terms.download_limit(context.download_limit, services.limits))


def the_message(context: ChangeShare, services: Services) -> ChangeShare:
    return replace(context, message=terms.message(context.message, services.limits))


def the_day(context: ChangeShare, services: Services) -> ChangeShare:
    zone = expiry.zone(context.zone)
    if context.expires_on:
        expiry.last_day(context.expires_on, context.now, services.limits.max_share_days, zone)
    return context


def the_password(context: ChangeShare, services: Services) -> ChangeShare:
    if context.no_password and context.password.strip():
        raise Invalid(
            words("Either type a new password, or remove it: both at once cannot be."),
            field="password", reason="password_both",
        )  # fmt: skip
    return replace(context, password=terms.password(context.password))


def the_share(context: ChangeShare, services: Services) -> ChangeShare:
    """The share as it is, and what it would become."""
    found = services.shares.with_recipients(context.share_id) if is_id(context.share_id) else None
    if found is None:
        raise NotFound()
    before, zone = found[0], expiry.zone(context.zone)
    ends = before.expires_at
    if context.expires_on:
        ends = expiry.last_day(context.expires_on, context.now, services.limits.max_share_days, zone)
    after = replace(before, expires_at=ends, download_limit=context.download_limit, message=context.message,
                    **who_gets_in(context, before))  # fmt: skip
    return replace(context, before=before, after=after, recipients=tuple(found[1]), about=before.id,
                   details=told(before, after))  # fmt: skip


def who_gets_in(context: ChangeShare, before: Share) -> dict[str, Any]:
    """What is asked of recipients, what they may do, what the owner is told; as it was where nothing is said.

    The same password again is no change, although its hash would be another one.
    """
    kept = before.password_hash
    if context.no_password:
        kept = ""
    elif context.password and not (kept and passwords.fits(context.password, kept)):
        kept = passwords.hashed(context.password)
    asked = {"confirm": context.confirm, "preview": context.preview, "notify": context.notify}
    return {name: value for name, value in asked.items() if value is not None} | {"password_hash": kept}


def told(before: Share, after: Share) -> dict[str, str]:
    """For the record: what became of what. A message is only said to have changed; it stands on the share."""
    password = "removed" if not after.password_hash else "changed" if before.password_hash else "set"
    changes = {
        "expires_at": after.expires_at.isoformat() if after.expires_at != before.expires_at else "",
        "download_limit": str(after.download_limit or 0)
        if after.download_limit != before.download_limit
        else "",
        "message": "changed" if after.message != before.message else "",
        "confirm": on_or_off(after.confirm) if after.confirm != before.confirm else "",
        "password": password if after.password_hash != before.password_hash else "",
        "preview": on_or_off(after.preview) if after.preview != before.preview else "",
        "notify": str(after.notify) if after.notify != before.notify else "",
    }
    return {"version": str(before.version + 1)} | {name: text for name, text in changes.items() if text}


def on_or_off(value: bool) -> str:
    return "on" if value else "off"


def mine(context: ChangeShare, services: Services) -> ChangeShare:
    """Somebody else's share is as good as none; an administrator may change any."""
    if context.shares[0].owner_id != context.me.id and not context.me.is_admin:
        raise NotFound()
    return context


def not_withdrawn(context: ChangeShare, services: Services) -> ChangeShare:
    if context.shares[0].state is ShareState.WITHDRAWN:
        raise WithdrawnForGood()
    return context


def as_it_was_seen(context: ChangeShare, services: Services) -> ChangeShare:
    """Of two who change it at once the second is told; the same change sent twice is one (I7)."""
    before, after = context.shares
    if before.version != context.version and after != before:
        raise ChangedMeanwhile()
    return context


def open_then(context: ChangeShare, services: Services) -> ChangeShare:
    """What has expired is changed by giving it a new last day."""
    if not context.shares[1].is_open(context.now):
        raise Invalid(
            words("This share has expired. Choose a new last day, and its links work again."),
            field="expires_on", reason="expired",
        )  # fmt: skip
    return context


def its_files(context: ChangeShare, services: Services) -> ChangeShare:
    """Those files that must live longer than they would; refused where an extension has no file left."""
    before, after = context.shares
    if after.expires_at <= before.expires_at:
        return replace(context, files=())
    found = services.files.get_many(before.owner_id, [file.id for file in before.files])
    ready = [file for file in found if file.state is FileState.READY]
    if not ready:
        raise Conflict(
            words("None of its files is there any more. Share other files instead."), reason="file_gone"
        )
    ending = [file for file in ready if file.keep_until and file.keep_until < after.expires_at]
    return replace(context, files=tuple(ending))


def change(context: ChangeShare, services: Services) -> ChangeShare:
    """One transaction; where something beside it moved meanwhile, everything is asked again first."""
    for _ in range(ROUNDS):
        before, after = context.shares
        if after == before:
            return context
        if services.changes.change(before, after, context.recipients, context.files, context.made_record):
            return context
        context = the_share(context, services)
        for step in MAY_CHANGE:
            context = step(context, services)
    raise Unavailable()


MAY_CHANGE = (mine, not_withdrawn, as_it_was_seen, open_then, its_files)
CHANGE_SHARE: Workflow[ChangeShare] = Workflow(
    "change_share",
    Action.SHARE_CHANGED,
    {
        Stage.VALIDATE: (the_terms,),
        Stage.IDENTIFY: (the_share,),
        Stage.AUTHORIZE: MAY_CHANGE,
        Stage.AUDIT: (record_with_change("change_share", Action.SHARE_CHANGED),),
        Stage.PROCESS: (change,),
    },
)
