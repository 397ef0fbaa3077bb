"""Changing a share after it was sent: its last day, its limit, its message, who gets in, what its owner is
told; at once, and never over someone else's change (R47, R48, R63).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from portal.domain.audit.record import Action
from portal.domain.errors import N_, Conflict, Invalid, NotFound, Unavailable
from portal.domain.files.file import File, FileState
from portal.domain.links.availability import offer
from portal.domain.people.permissions import Permission, Privilege, require
from portal.domain.shares import expiry, passwords, share_rules
from portal.domain.shares.share import Notify, Recipient, Share, ShareState
from portal.engine.services import Services
from portal.engine.workflow import Context, Stage, Workflow, collect_refusals

MAX_ATTEMPTS = (
    4  # how often a change is tried again when something beside it moved between reading and writing
)


class ChangedMeanwhile(Conflict):
    """Someone else's change came between; the page shows both (R63)."""

    reason = "changed_meanwhile"
    message = N_(
        "This share was changed while you had it open. Nothing you typed is lost: look at both, then save."
    )


class WithdrawnForGood(Conflict):
    """An extension never revives what was withdrawn (R47)."""

    reason = "withdrawn"
    message = N_("This share was withdrawn, and that cannot be undone. Share the files again instead.")


@dataclass(frozen=True, kw_only=True)
class ChangeShare(Context):
    """What a share shall be from now on.

    version: of the share as whoever asks has seen it. expires_on: the new last day, in `zone`, or ends_at:
    the very moment; None leaves the expiry as it is. confirm, preview, notify: None leaves them. password: a
    new one, empty leaves it; no_password: none any more. before, after: the share as it is, and shall be.
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
    ends_at: datetime | None = None

    @property
    def before_and_after(self) -> tuple[Share, Share]:
        if self.before is None or self.after is None:
            raise RuntimeError("the change is drafted first")
        return self.before, self.after


def check_terms(context: ChangeShare, services: Services) -> ChangeShare:
    return collect_refusals(
        context, services,
        (check_least_limit, check_message, check_last_day, check_password, check_code, check_preview),
    )  # fmt: skip


def check_message(context: ChangeShare, services: Services) -> ChangeShare:
    return replace(context, message=share_rules.message(context.message, services.limits))


def check_last_day(context: ChangeShare, services: Services) -> ChangeShare:
    zone = expiry.zone(context.zone)
    find_end(context, zone, services)
    return context


def find_end(context: ChangeShare, zone: ZoneInfo, services: Services) -> datetime | None:
    """The new end; None where it is to stay."""
    most_days = services.limits.max_share_days
    if context.ends_at:
        return expiry.check_expiry(context.ends_at, context.now, most_days, zone)
    if context.expires_on:
        return expiry.last_day(context.expires_on, context.now, most_days, zone)
    return None


def check_password(context: ChangeShare, services: Services) -> ChangeShare:
    if context.no_password and context.password.strip():
        raise Invalid(
            N_("Either type a new password or remove it, not both."),
            field="password", reason="password_both",
        )  # fmt: skip
    share_rules.check_password_set(not context.no_password, services.limits)
    return replace(context, password=share_rules.password(context.password))


def check_code(context: ChangeShare, services: Services) -> ChangeShare:
    """A share keeps what it was made under; only what is switched now is asked about."""
    share_rules.check_code(context.confirm is not False, services.limits)
    return context


def check_preview(context: ChangeShare, services: Services) -> ChangeShare:
    share_rules.check_preview(context.preview is True, services.limits)
    return context


def check_least_limit(context: ChangeShare, services: Services) -> ChangeShare:
    """What no limit can be. The most that is allowed now is asked about below, where it changes."""
    if context.download_limit is not None and context.download_limit < 1:
        share_rules.download_limit(context.download_limit, services.limits)
    return context


def check_download_limit(context: ChangeShare, services: Services) -> ChangeShare:
    """Nor is a limit that stays as it was."""
    before, after = context.before_and_after
    if after.download_limit != before.download_limit:
        share_rules.download_limit(after.download_limit, services.limits)
    return context


def find_share(context: ChangeShare, services: Services) -> ChangeShare:
    """The share as it is, and what it would become."""
    found = services.shares.get_with_recipients(context.share_id)
    if found is None:
        raise NotFound()
    before, zone = found[0], expiry.zone(context.zone)
    ends = find_end(context, zone, services) or before.expires_at
    after = replace(before, expires_at=ends, download_limit=context.download_limit, message=context.message,
                    **read_access_rules(context, before))  # fmt: skip
    return replace(context, before=before, after=after, recipients=tuple(found[1]), about=before.id,
                   details=describe_changes(before, after))  # fmt: skip


def read_access_rules(context: ChangeShare, before: Share) -> dict[str, Any]:
    """What is asked of recipients, what they may do, what the owner is told; as it was where nothing is said.

    The same password again is no change, although its hash would be another one.
    """
    kept = before.password_hash
    if context.no_password:
        kept = ""
    elif context.password and not (kept and passwords.verify_password(context.password, kept)):
        kept = passwords.hash_password(context.password)
    asked = {"confirm": context.confirm, "preview": context.preview, "notify": context.notify}
    return {name: value for name, value in asked.items() if value is not None} | {"password_hash": kept}


def describe_changes(before: Share, after: Share) -> dict[str, str]:
    """For the record: what became of what. A message is only said to have changed; it stands on the share."""
    password = "removed" if not after.password_hash else "changed" if before.password_hash else "set"
    changes = {
        "expires_at": after.expires_at.isoformat() if after.expires_at != before.expires_at else "",
        "download_limit": str(after.download_limit or 0)
        if after.download_limit != before.download_limit
        else "",
        "message": "changed" if after.message != before.message else "",
        "confirm": say_on_or_off(after.confirm) if after.confirm != before.confirm else "",
        "password": password if after.password_hash != before.password_hash else "",
        "preview": say_on_or_off(after.preview) if after.preview != before.preview else "",
        "notify": str(after.notify) if after.notify != before.notify else "",
    }
    return {"version": str(before.version + 1)} | {name: text for name, text in changes.items() if text}


def say_on_or_off(value: bool) -> str:
    return "on" if value else "off"


def require_owner(context: ChangeShare, services: Services) -> ChangeShare:
    """Someone else's share is treated as missing; an administrator may change any."""
    require(context.me, Permission.CHANGE, context.before_and_after[0].owner_id)
    return context


def require_not_withdrawn(context: ChangeShare, services: Services) -> ChangeShare:
    if context.before_and_after[0].state is ShareState.WITHDRAWN:
        raise WithdrawnForGood()
    return context


def require_unchanged(context: ChangeShare, services: Services) -> ChangeShare:
    """Of two who change it at once the second is told; the same change sent twice is one (I7)."""
    before, after = context.before_and_after
    if before.version != context.version and after != before:
        raise ChangedMeanwhile()
    return context


def open_then(context: ChangeShare, services: Services) -> ChangeShare:
    """What has expired is changed by giving it a new last day."""
    if not context.before_and_after[1].is_open(context.now):
        raise Invalid(
            N_("This share has expired. Choose a new expiry date, and its links work again."),
            field="expires_on", reason="expired",
        )  # fmt: skip
    return context


def read_files(context: ChangeShare, services: Services) -> ChangeShare:
    """Its files where it is to end later, which then live as long, those in the trash too; refused where it
    gives none of them out any more.
    """
    before, after = context.before_and_after
    if after.expires_at <= before.expires_at:
        return replace(context, files=())
    found = services.files.get_of_shares([before])
    offered = offer(after, None, found, context.now)
    if offered.closed and not offered.waits_for_scan:
        raise Conflict(N_("None of its files exist any more. Share other files instead."), reason="file_gone")
    kept = [file for file in found.values() if file.state in {FileState.READY, FileState.TRASHED}]
    return replace(context, files=tuple(kept))


def change(context: ChangeShare, services: Services) -> ChangeShare:
    """One transaction; where something beside it moved in the meantime, everything is asked again first."""
    for _ in range(MAX_ATTEMPTS):
        before, after = context.before_and_after
        if after == before:
            return context
        if services.changes.change(before, after, context.recipients, context.files, context.required_record):
            return context
        context = find_share(context, services)
        for step in MAY_CHANGE:
            context = step(context, services)
    raise Unavailable()


MAY_CHANGE = (
    require_owner, require_not_withdrawn, check_download_limit, require_unchanged, open_then, read_files,
)  # fmt: skip
CHANGE_SHARE: Workflow[ChangeShare] = Workflow(
    "change_share",
    Action.SHARE_CHANGED,
    {
        Stage.VALIDATE: (check_terms,),
        Stage.IDENTIFY: (find_share,),
        Stage.AUTHORIZE: MAY_CHANGE,
        Stage.PROCESS: (change,),
    },
    needs=Privilege.SHARE,
)
