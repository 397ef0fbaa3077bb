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

# Why something was refused, by the refusal's reason; what is not here was simply not possible then.
REASONS = {
    "not_found": words("There was nothing of that name of theirs."),
    "forbidden": words("They may not do that."),
    "withdrawn": words("It had been withdrawn."),
    "expired": words("It had expired."),
    "spent": words("All downloads had been used."),
    "file_gone": words("The file had been deleted."),
    "not_shown": words("It has no preview."),
    "conflict": words("It had changed meanwhile."),
    "changed_meanwhile": words("It had changed meanwhile."),
    "mail_stopped": words("The last mail had come back or been marked as spam."),
    "resent_often": words("It had been sent as often as is allowed on one day."),
    "too_large_to_copy": words("It was too large to be copied."),
    "shared_longer": words("A share of the file was open for longer."),
    "over_quota": words("There was not enough room left."),
    "parts_missing": words("Parts of it were missing."),
    "parts_changed": words("It had changed meanwhile."),
    "sha256_differs": words("The file had changed while it was being sent."),
    "upload_gone": words("The upload had been given up."),
    "finished": words("The upload was finished already."),
    "too_large": words("It was too large."),
    "empty": words("It was empty."),
    "name_empty": words("It had no name."),
    "days": words("The lifetime was not one of those offered."),
    "bad_address": words("An address was not right."),
    "too_many_recipients": words("There were too many recipients."),
    "domain_blocked": words("The domain of an address was blocked."),
    "domain_not_allowed": words("The domain of an address was not among those allowed."),
    "mails_used_up": words("More mails than one person may send on one day would have gone out."),
    "too_many_groups": words("There were too many groups."),
    "group_missing": words("A group was not there."),
    "name_in_use": words("There was a group of this name already."),
    "rate_download": words("There were too many downloads in an hour."),
    "still_held": words("The mail service did not let the address go."),
    "too_many_files": words("There were too many files."),
    "file_missing": words("A file was not there."),
    "file_not_ready": words("A file was not ready."),
    "submission_reused": words("The form had been sent with other content before."),
    "expiry_past": words("The last day was in the past."),
    "expiry_beyond_policy": words("The last day was too far away."),
    "not_confirmed": words("It was not confirmed."),
    "asked_lately": words("They had asked already."),
    "many_asked": words("Too many requests were waiting for an answer."),
    "answered": words("It had been answered already."),
    "open_again": words("The link worked again."),
    "unavailable": words("A service did not answer."),
    "unconfirmed": words("The address was not confirmed yet."),
    "wrong_code": words("It was not the code."),
    "no_mail_arrives": words("An earlier mail had come back."),
    "code_form": words("It was not the code."),
    "code_over": words("The code did not count any more."),
    "code_tries": words("The code had been tried too often."),
    "too_many_codes": words("Too many codes had been sent in an hour."),
    "password_length": words("The password was too short or too long."),
    "password_both": words("A new password and none were asked for at once."),
    "wrong_password": words("It was not the password."),
    "password_tries": words("Too many passwords had been tried in an hour."),
}
SOME_REASON = words("It was not possible then.")


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
