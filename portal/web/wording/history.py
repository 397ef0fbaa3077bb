"""What happened, in plain words: every audit record as a sentence in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from portal.domain.audit.record import Action, Actor, AuditRecord, Outcome
from portal.domain.errors import N_
from portal.domain.people.principal import Credential
from portal.web.wording.admin_words import ADMIN_SENTENCES
from portal.web.wording.change_words import describe_changes
from portal.web.wording.delivered_words import describe_delivery
from portal.web.wording.draft_words import DRAFT_SENTENCES
from portal.web.wording.managing_words import MANAGING
from portal.web.wording.refusal_words import REASONS, SOME_REASON
from portal.web.wording.scan_words import LET_PASS, SCAN_SENTENCES
from portal.web.wording.sentence_variants import find_variant
from portal.web.wording.webhook_words import WEBHOOK_SENTENCES

# What was done, and the same as a refused attempt. %(who)s acted; the rest are the record's details.
SENTENCES: dict[Action, tuple[str, str]] = {
    Action.SIGNED_IN: (N_("%(who)s signed in."), N_("%(who)s tried to sign in.")),
    Action.SIGNED_OUT: (N_("%(who)s signed out."), N_("%(who)s tried to sign out.")),
    Action.SIGNED_OUT_EVERYWHERE: (
        N_("%(who)s signed out everywhere."),
        N_("%(who)s tried to sign out everywhere."),
    ),
    Action.MAILS_SWITCHED: (
        N_("%(who)s chose which emails to get."),
        N_("%(who)s tried to choose which emails to get."),
    ),
    Action.ADDRESSES_FORGOTTEN: (
        N_("%(who)s removed addresses from their suggestions."),
        N_("%(who)s tried to remove addresses from their suggestions."),
    ),
    Action.GROUP_MADE: (
        N_("%(who)s created the group %(name)s."),
        N_("%(who)s tried to create a group."),
    ),
    Action.GROUP_CHANGED: (
        N_("%(who)s changed the group %(name)s."),
        N_("%(who)s tried to change a group."),
    ),
    Action.GROUP_DELETED: (
        N_("%(who)s deleted the group %(name)s."),
        N_("%(who)s tried to delete a group."),
    ),
    Action.ACCOUNT_CLOSED: (
        N_("%(who)s deleted their account."),
        N_("%(who)s tried to delete their account."),
    ),
    Action.SESSION_ENDED: (
        N_("%(who)s ended one of their sessions."),
        N_("%(who)s tried to end one of their sessions."),
    ),
    **MANAGING,
    **WEBHOOK_SENTENCES,
    Action.ACCOUNT_REMOVED: (
        N_("An account was removed with everything in it."),
        N_("An account was to be removed."),
    ),
    Action.UPLOAD_RESERVED: (
        N_("%(who)s started to upload %(name)s."),
        N_("%(who)s tried to upload a file."),
    ),
    Action.UPLOAD_BEGUN: (
        N_("%(who)s started to send %(name)s in parts."),
        N_("%(who)s tried to send %(name)s."),
    ),
    Action.UPLOAD_COMPLETED: (
        N_("%(name)s arrived complete."),
        N_("%(name)s was to be accepted."),
    ),
    Action.UPLOAD_REJECTED: (
        N_("What arrived as %(name)s was not what had been announced, and was removed."),
        N_("What arrived as %(name)s was to be removed."),
    ),
    Action.UPLOAD_CANCELLED: (
        N_("%(who)s cancelled the upload of %(name)s."),
        N_("%(who)s tried to cancel the upload of %(name)s."),
    ),
    Action.FILE_DOWNLOADED: (
        N_("%(who)s downloaded %(name)s."),
        N_("%(who)s tried to download %(name)s."),
    ),
    Action.FILE_PREVIEWED: (
        N_("%(who)s looked at %(name)s."),
        N_("%(who)s tried to look at %(name)s."),
    ),
    Action.FILE_RENAMED: (
        N_("%(who)s renamed %(name)s to %(new_name)s."),
        N_("%(who)s tried to rename %(name)s to %(new_name)s."),
    ),
    Action.FILE_KEPT: (
        N_("%(who)s chose to keep %(name)s for %(days)s days."),
        N_("%(who)s tried to keep %(name)s for %(days)s days."),
    ),
    Action.FILE_COPIED: (
        N_("%(who)s made this copy of %(name)s."),
        N_("%(who)s tried to copy %(name)s."),
    ),
    **SCAN_SENTENCES,
    Action.FILE_TRASHED: (
        N_("%(who)s moved %(name)s to the trash."),
        N_("%(who)s tried to move %(name)s to the trash."),
    ),
    Action.FILE_RESTORED: (
        N_("%(who)s restored %(name)s from the trash."),
        N_("%(who)s tried to restore %(name)s from the trash."),
    ),
    Action.FILE_PURGED: (
        N_("%(who)s deleted %(name)s for good."),
        N_("%(who)s tried to delete %(name)s for good."),
    ),
    **DRAFT_SENTENCES,
    Action.SHARED: (
        N_("%(who)s shared %(files)s with %(to)s."),
        N_("%(who)s tried to share %(files)s with %(to)s."),
    ),
    Action.SHARE_CHANGED: (
        N_("%(who)s changed the share."),
        N_("%(who)s tried to change the share."),
    ),
    Action.SHARE_WITHDRAWN: (
        N_("%(who)s withdrew the share with %(to)s."),
        N_("%(who)s tried to withdraw the share with %(to)s."),
    ),
    Action.RECIPIENT_WITHDRAWN: (
        N_("%(who)s withdrew the link of %(to)s."),
        N_("%(who)s tried to withdraw the link of %(to)s."),
    ),
    Action.RECIPIENTS_ADDED: (
        N_("%(who)s added %(to)s."),
        N_("%(who)s tried to add %(to)s."),
    ),
    Action.ADDRESS_CORRECTED: (
        N_("%(who)s corrected the address %(wrong)s to %(to)s."),
        N_("%(who)s tried to correct the address %(wrong)s to %(to)s."),
    ),
    Action.LINK_OPENED: (N_("The link of %(to)s was opened."), N_("The link of %(to)s was opened.")),
    Action.CODE_SENT: (
        N_("A code was sent to %(to)s."),
        N_("A code was to be sent to %(to)s."),
    ),
    Action.ADDRESS_CONFIRMED: (
        N_("%(to)s confirmed the address with a code."),
        N_("A code was tried for %(to)s."),
    ),
    Action.PASSWORD_ENTERED: (
        N_("%(to)s entered the password."),
        N_("A password was tried with the link of %(to)s."),
    ),
    Action.SHARE_DOWNLOADED: (
        N_("%(name)s was downloaded with the link of %(to)s."),
        N_("A download was tried with the link of %(to)s."),
    ),
    Action.BYTES_SENT: (
        N_("With the link of %(to)s: %(delivered)s."),
        N_("With the link of %(to)s: %(delivered)s."),
    ),
    Action.DOWNLOAD_GIVEN_BACK: (
        N_("%(who)s gave %(to)s a download of %(name)s back."),
        N_("%(who)s tried to give %(to)s a download back."),
    ),
    Action.MAIL_AGAIN: (
        N_("%(who)s had the email to %(to)s sent again."),
        N_("%(who)s tried to have the email to %(to)s sent again."),
    ),
    Action.MAIL_AFTER_ALL: (
        N_("%(who)s had the email to %(to)s sent after all."),
        N_("%(who)s tried to have an email sent to %(to)s after all."),
    ),
    Action.MORE_ASKED: (
        N_("%(to)s asked for more."),
        N_("%(to)s tried to ask for more."),
    ),
    Action.MORE_GIVEN: (
        N_("%(who)s gave %(to)s more."),
        N_("%(who)s tried to give %(to)s more."),
    ),
    Action.MORE_DECLINED: (
        N_("%(who)s declined to give %(to)s more."),
        N_("%(who)s tried to decline to give %(to)s more."),
    ),
    Action.MAIL_SENT: (N_("The email to %(to)s was sent."), N_("The email to %(to)s was to be sent.")),
    Action.MAIL_PROBABLY_SENT: (
        N_("The email to %(to)s was probably sent: the email service did not answer."),
        N_("The email to %(to)s was probably sent: the email service did not answer."),
    ),
    Action.FAILED_MAILS_AGAIN: (
        N_("%(who)s had every email that failed sent again."),
        N_("%(who)s tried to have every email that failed sent again."),
    ),
    Action.MAIL_FAILED: (
        N_("The email to %(to)s could not be sent."),
        N_("The email to %(to)s could not be sent."),
    ),
    Action.MAIL_DELIVERED: (
        N_("The email to %(to)s was delivered."),
        N_("The email to %(to)s was to be delivered."),
    ),
    Action.MAIL_BOUNCED: (
        N_("The email to %(to)s bounced: %(problem)s"),
        N_("The email to %(to)s bounced."),
    ),
    Action.MAIL_COMPLAINED: (
        N_("%(to)s marked the email as spam."),
        N_("%(to)s marked the email as spam."),
    ),
    Action.MAIL_HELD: (
        N_("The email to %(to)s was suppressed."),
        N_("The email to %(to)s was to be suppressed."),
    ),
    Action.AUDIT_EXPORTED: (
        N_("%(who)s exported audit records."),
        N_("%(who)s tried to export audit records."),
    ),
    Action.AUDIT_EXPORT_FETCHED: (
        N_("%(who)s fetched exported audit records."),
        N_("%(who)s tried to fetch exported audit records."),
    ),
    Action.ADDRESS_RELEASED: (
        N_("%(who)s allowed emails to %(to)s again."),
        N_("%(who)s tried to allow emails to %(to)s again."),
    ),
    **ADMIN_SENTENCES,
}

# Why an email was not even tried, where its record says so.
NOT_SENT = {
    "removed": N_("The email to %(to)s was not sent: the files had been removed."),
    "infected": N_("The email to %(to)s was not sent: malware had been found in the files."),
    "blocked": N_("The email to %(to)s was not sent: the address had been blocked."),
}


@dataclass(frozen=True)
class Happening:
    """One line of a history: when, what in words, and whether it was refused."""

    at: datetime
    words: str
    refused: bool


def happenings(records: Iterable[AuditRecord]) -> list[Happening]:
    return [Happening(each.at, describe_record(each), each.outcome is not Outcome.DONE) for each in records]


def describe_record(record: AuditRecord) -> str:
    """A record as one sentence; of a refusal as two, the second saying why."""
    done, tried = find_variant(record) or SENTENCES[record.action]
    details = describe_details(record)
    if record.action is Action.MAIL_FAILED:
        done = NOT_SENT.get(details["problem"], done)
    if details.get("let"):
        done = LET_PASS
    if details.get("by") == "upload key":
        details["who"] = gettext("%(who)s (by the upload's own key)") % details
    if details.get("by") in {Credential.ACCESS_TOKEN, Credential.PROVIDER_TOKEN}:
        details["who"] = gettext("%(who)s (by a program)") % details
    if record.outcome is Outcome.DONE:
        changed = describe_changes(record.details) if record.action is Action.SHARE_CHANGED else []
        return " ".join([gettext(done) % details, *changed])
    if record.outcome is Outcome.FAILED:
        failed = gettext("A step after it failed: %(step)s.", step=record.step)
        return f"{gettext(done) % details} {failed}"
    return f"{gettext(tried) % details} {gettext(REASONS.get(record.reason, SOME_REASON))}"


def describe_details(record: AuditRecord) -> dict[str, str]:
    """What the sentences may name; what a record does not have is said vaguely or stays empty."""
    blank = dict.fromkeys(("new_name", "days", "files", "restored"), "")
    delivered = {"delivered": describe_delivery(record)} if record.action is Action.BYTES_SENT else {}
    vague = {
        "threats": gettext("malware"),
        "name": gettext("a file"),
        **dict.fromkeys(("to", "wrong", "giver", "receiver"), gettext("someone")),
        **dict.fromkeys(("problem", "why"), gettext("no reason was given")),
        "asked_by": gettext("someone"),
    }
    return {**blank, **vague, **record.details, **delivered, "who": name_actor(record.actor)}


def name_actor(actor: Actor) -> str:
    """Whom the record names; the portal itself does what its schedule does."""
    if actor.name:
        return actor.name
    return str(gettext("The portal") if actor.kind == "portal" else gettext("Someone"))
