"""What happened, in plain words: every audit record as a sentence in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from portal.domain.audit import Action, Actor, AuditRecord, Outcome
from portal.domain.errors import words
from portal.web.change_words import changes
from portal.web.formats import filesize
from portal.web.refusal_words import REASONS, SOME_REASON

# What was done, and the same as a refused attempt. %(who)s acted; the rest are the record's details.
SENTENCES: dict[Action, tuple[str, str]] = {
    Action.SIGNED_IN: (words("%(who)s signed in."), words("%(who)s tried to sign in.")),
    Action.SIGNED_OUT: (words("%(who)s signed out."), words("%(who)s tried to sign out.")),
    Action.SIGNED_OUT_EVERYWHERE: (
        words("%(who)s signed out everywhere."),
        words("%(who)s tried to sign out everywhere."),
    ),
    Action.MAILS_SWITCHED: (
        words("%(who)s chose which mails to get."),
        words("%(who)s tried to choose which mails to get."),
    ),
    Action.ADDRESSES_FORGOTTEN: (
        words("%(who)s had the portal forget addresses."),
        words("%(who)s tried to have the portal forget addresses."),
    ),
    Action.GROUP_MADE: (
        words("%(who)s made the group %(name)s."),
        words("%(who)s tried to make a group."),
    ),
    Action.GROUP_CHANGED: (
        words("%(who)s changed the group %(name)s."),
        words("%(who)s tried to change a group."),
    ),
    Action.GROUP_DELETED: (
        words("%(who)s deleted the group %(name)s."),
        words("%(who)s tried to delete a group."),
    ),
    Action.ACCOUNT_CLOSED: (
        words("%(who)s deleted their account."),
        words("%(who)s tried to delete their account."),
    ),
    Action.ACCOUNT_REMOVED: (
        words("An account was removed with everything in it."),
        words("An account was to be removed."),
    ),
    Action.UPLOAD_RESERVED: (
        words("%(who)s began to upload %(name)s."),
        words("%(who)s tried to upload a file."),
    ),
    Action.UPLOAD_BEGUN: (
        words("%(who)s began to send %(name)s in parts."),
        words("%(who)s tried to send %(name)s."),
    ),
    Action.UPLOAD_COMPLETED: (
        words("%(name)s arrived complete."),
        words("%(name)s was to be taken in."),
    ),
    Action.UPLOAD_REJECTED: (
        words("What arrived as %(name)s was not what had been announced, and was removed."),
        words("What arrived as %(name)s was to be removed."),
    ),
    Action.UPLOAD_CANCELLED: (
        words("%(who)s cancelled the upload of %(name)s."),
        words("%(who)s tried to cancel the upload of %(name)s."),
    ),
    Action.FILE_DOWNLOADED: (
        words("%(who)s downloaded %(name)s."),
        words("%(who)s tried to download %(name)s."),
    ),
    Action.FILE_PREVIEWED: (
        words("%(who)s looked at %(name)s."),
        words("%(who)s tried to look at %(name)s."),
    ),
    Action.FILE_RENAMED: (
        words("%(who)s renamed %(name)s to %(new_name)s."),
        words("%(who)s tried to rename %(name)s to %(new_name)s."),
    ),
    Action.FILE_KEPT: (
        words("%(who)s chose to keep %(name)s for %(days)s days."),
        words("%(who)s tried to keep %(name)s for %(days)s days."),
    ),
    Action.FILE_COPIED: (
        words("%(who)s made this copy of %(name)s."),
        words("%(who)s tried to copy %(name)s."),
    ),
    Action.FILE_TRASHED: (
        words("%(who)s put %(name)s into the trash."),
        words("%(who)s tried to put %(name)s into the trash."),
    ),
    Action.FILE_RESTORED: (
        words("%(who)s took %(name)s back out of the trash."),
        words("%(who)s tried to take %(name)s back out of the trash."),
    ),
    Action.FILE_PURGED: (
        words("%(who)s removed %(name)s for good."),
        words("%(who)s tried to remove %(name)s for good."),
    ),
    Action.DRAFT_BEGUN: (
        words("%(who)s began to prepare a share."),
        words("%(who)s tried to keep a draft of a share."),
    ),
    Action.DRAFT_THROWN_AWAY: (
        words("%(who)s threw the draft of a share away."),
        words("%(who)s tried to throw the draft of a share away."),
    ),
    Action.SHARED: (
        words("%(who)s shared %(files)s with %(to)s."),
        words("%(who)s tried to share %(files)s with %(to)s."),
    ),
    Action.SHARE_CHANGED: (
        words("%(who)s changed the share."),
        words("%(who)s tried to change the share."),
    ),
    Action.SHARE_WITHDRAWN: (
        words("%(who)s withdrew the share with %(to)s."),
        words("%(who)s tried to withdraw the share with %(to)s."),
    ),
    Action.RECIPIENT_WITHDRAWN: (
        words("%(who)s withdrew the link of %(to)s."),
        words("%(who)s tried to withdraw the link of %(to)s."),
    ),
    Action.RECIPIENTS_ADDED: (
        words("%(who)s added %(to)s."),
        words("%(who)s tried to add %(to)s."),
    ),
    Action.LINK_OPENED: (words("The link of %(to)s was opened."), words("The link of %(to)s was opened.")),
    Action.CODE_SENT: (
        words("A code was sent to %(to)s."),
        words("A code was to be sent to %(to)s."),
    ),
    Action.ADDRESS_CONFIRMED: (
        words("%(to)s confirmed the address with a code."),
        words("A code was tried for %(to)s."),
    ),
    Action.PASSWORD_ENTERED: (
        words("%(to)s entered the password."),
        words("A password was tried with the link of %(to)s."),
    ),
    Action.SHARE_DOWNLOADED: (
        words("%(name)s was downloaded with the link of %(to)s."),
        words("A download was tried with the link of %(to)s."),
    ),
    Action.BYTES_SENT: (
        words("Of %(name)s, %(bytes)s of %(size)s were sent to %(to)s."),
        words("Of %(name)s, %(bytes)s of %(size)s were sent to %(to)s."),
    ),
    Action.MAIL_AGAIN: (
        words("%(who)s had the mail to %(to)s sent again."),
        words("%(who)s tried to have the mail to %(to)s sent again."),
    ),
    Action.MAIL_AFTER_ALL: (
        words("%(who)s had the mail to %(to)s sent after all."),
        words("%(who)s tried to have a mail sent to %(to)s after all."),
    ),
    Action.MORE_ASKED: (
        words("%(to)s asked for more."),
        words("%(to)s tried to ask for more."),
    ),
    Action.MORE_GIVEN: (
        words("%(who)s gave %(to)s more."),
        words("%(who)s tried to give %(to)s more."),
    ),
    Action.MORE_DECLINED: (
        words("%(who)s declined to give %(to)s more."),
        words("%(who)s tried to decline to give %(to)s more."),
    ),
    Action.MAIL_SENT: (words("The mail to %(to)s was sent."), words("The mail to %(to)s was to be sent.")),
    Action.MAIL_FAILED: (
        words("The mail to %(to)s could not be sent."),
        words("The mail to %(to)s could not be sent."),
    ),
    Action.MAIL_DELIVERED: (
        words("The mail to %(to)s was delivered."),
        words("The mail to %(to)s was to be delivered."),
    ),
    Action.MAIL_BOUNCED: (
        words("The mail to %(to)s came back: %(problem)s"),
        words("The mail to %(to)s came back."),
    ),
    Action.MAIL_COMPLAINED: (
        words("%(to)s marked the mail as unwanted."),
        words("%(to)s marked the mail as unwanted."),
    ),
    Action.MAIL_HELD: (
        words("The mail to %(to)s was held back."),
        words("The mail to %(to)s was to be held back."),
    ),
    Action.ADDRESS_RELEASED: (
        words("%(who)s let mail go to %(to)s again."),
        words("%(who)s tried to let mail go to %(to)s again."),
    ),
}

# The same of a file that was not saved but looked at.
LOOKED_AT = (
    words("%(name)s was looked at with the link of %(to)s."),
    words("A preview was tried with the link of %(to)s."),
)


@dataclass(frozen=True)
class Happening:
    """One line of a history: when, what in words, and whether it was refused."""

    at: datetime
    words: str
    refused: bool


def happenings(records: Iterable[AuditRecord]) -> list[Happening]:
    return [Happening(each.at, told(each), each.outcome is not Outcome.DONE) for each in records]


def told(record: AuditRecord) -> str:
    """A record as one sentence; of a refusal as two, the second saying why."""
    done, tried = LOOKED_AT if record.details.get("how") == "preview" else SENTENCES[record.action]
    details = known(record)
    if details.get("by") == "upload key":
        details["who"] = gettext("%(who)s (by the upload's own key)") % details
    if record.outcome is Outcome.DONE:
        changed = changes(record.details) if record.action is Action.SHARE_CHANGED else []
        return " ".join([gettext(done) % details, *changed])
    if record.outcome is Outcome.FAILED:
        failed = gettext("A step after it failed: %(step)s.", step=record.step)
        return f"{gettext(done) % details} {failed}"
    return f"{gettext(tried) % details} {gettext(REASONS.get(record.reason, SOME_REASON))}"


def known(record: AuditRecord) -> dict[str, str]:
    """What the sentences may name; what a record does not have is said vaguely or stays empty."""
    blank = dict.fromkeys(("new_name", "days", "files", "bytes", "size"), "")
    sizes = {
        each: filesize(int(record.details[each])) for each in ("bytes", "size") if each in record.details
    }
    vague = {"name": gettext("a file"), "to": gettext("somebody"), "problem": gettext("no reason was given")}
    return {**blank, **vague, **record.details, **sizes, "who": who(record.actor)}


def who(actor: Actor) -> str:
    """Whom the record names; the portal itself does what its schedule does."""
    if actor.name:
        return actor.name
    return str(gettext("The portal") if actor.kind == "portal" else gettext("Somebody"))
