"""What a form of a new share asks for, read for the workflows: to share now, or once its files are there."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from portal.domain.contacts import address_lists
from portal.domain.contacts.recipient_rules import may_email
from portal.domain.errors import N_, Invalid, Refusal, Several
from portal.domain.shares import expiry
from portal.domain.shares.drafts import Returned
from portal.domain.shares.share import Share
from portal.web.current import now, services
from portal.web.forms.share_steps import Filled
from portal.web.forms.shares import ShareForm
from portal.web.identity.access import staff_request
from portal.web.wording import i18n
from portal.web.wording.formats import few
from portal.workflows.policy.mail_policy import Before
from portal.workflows.shares.sending import SendWhenReady
from portal.workflows.shares.sharing import ShareFiles

MAX_FIELDS = 1000  # of one form: five hundred addresses, a hundred files and groups, and the rest
# What is not finished yet is nothing to mend.
UNFINISHED = {"no_recipients", "no_files", "password_required", "limit_required"}


def read_form(form: ShareForm, filled: Filled, sent: Share | None = None) -> ShareFiles:
    """What the form asks for, in the reader's zone and language. sent: a share, on whose first day and in
    whose zone it is to be read instead: "7 days" is another date by tomorrow.
    """
    zone, draft = expiry.zone(sent.zone) if sent else i18n.zone() or expiry.zone("UTC"), filled.draft
    at = sent.created_at if sent else now()
    return ShareFiles(
        staff_request().with_time(at),
        submission_id=draft.id,
        file_ids=draft.file_ids,
        recipients_text=form.recipients.data or "",
        group_ids=draft.groups,
        message=form.message.data or "",
        expires_on=form.until.data or form.last(at.astimezone(zone).date()),
        download_limit=form.download_limit.data,
        confirm=bool(form.confirm.data),
        preview=bool(form.preview.data),
        password=filled.password,
        by_hand=draft.by_hand,
        zone=zone.key,
        language=i18n.language(),
        notify=form.when_to_tell(),
    )


def read_wish(form: ShareForm, filled: Filled, missing: int) -> SendWhenReady:
    """The same, to be sent once all files have arrived; missing: how many more were chosen."""
    asked = read_form(form, filled)
    days = str(form.last_day.data or "")
    return SendWhenReady(
        asked.request, submission_id=asked.submission_id, file_ids=asked.file_ids,
        recipients_text=asked.recipients_text, group_ids=asked.group_ids, message=asked.message,
        expires_on=asked.expires_on, download_limit=asked.download_limit, confirm=asked.confirm,
        preview=asked.preview, password=asked.password, by_hand=asked.by_hand, zone=asked.zone,
        language=asked.language, notify=asked.notify, typed=filled.draft, missing=missing,
        days=int(days) if days.isdecimal() and len(days) < 4 else None,
    )  # fmt: skip


def read_fields(body: Any) -> tuple[MultiDict[str, str], int]:
    """A form as a page's script sends it, `{fields: [[name, value], ...], missing?}`."""
    said = body if isinstance(body, dict) else {}
    fields, missing = said.get("fields"), said.get("missing", 0)
    pairs = fields if isinstance(fields, list) and len(fields) <= MAX_FIELDS else None
    if pairs is None or not all(is_pair(each) for each in pairs) or not is_count(missing):
        raise Invalid(N_("This form is incomplete. Please open it again."), reason="fields")
    return MultiDict([(name, text) for name, text in pairs]), missing


def is_pair(said: Any) -> bool:
    return isinstance(said, list) and len(said) == 2 and all(isinstance(each, str) for each in said)


def is_count(said: Any) -> bool:
    return isinstance(said, int) and not isinstance(said, bool) and 0 <= said <= 1_000_000


def drop_unfinished(refusal: Refusal) -> Refusal | None:
    """What of it is worth saying while somebody still types."""
    each = refusal.refusals if isinstance(refusal, Several) else [refusal]
    left = [one for one in each if one.reason not in UNFINISHED]
    return Several(left) if left else None


def describe_people(text: str, before: Before) -> dict[str, str]:
    """What is to be looked at of the addresses in a text: by address blocked, held or new."""
    limits, addresses = services().limits, address_lists.parse_recipients(text).addresses
    domains = set(before.new_domains)
    found = {each: "new" for each in addresses if each.rpartition("@")[2].casefold() in domains}
    found |= dict.fromkeys(before.held, "held")
    return found | {each: "blocked" for each in addresses if not may_email(each, limits)}


def describe_before(before: Before, count: int, by_code: bool) -> list[str]:
    """What a sender is told before sending, and what stops nothing."""
    said = list[str]()
    if before.new_domains:
        domains = ", ".join(before.new_domains)
        said.append(gettext("You have not shared with %(domains)s before. Check that the addresses are"
                            " right.", domains=domains))  # fmt: skip
    if before.held:
        said.append(describe_held(", ".join(before.held), by_code))
    if before.left is not None:
        said.append(gettext("These would be %(count)s emails, and you can send %(left)s more today. The count"
                            " resets at midnight UTC.", count=count, left=before.left))  # fmt: skip
    return said


def describe_held(addresses: str, by_code: bool) -> str:
    if by_code:
        return str(gettext(
            "We do not send emails to %(addresses)s, because an earlier one bounced or was marked as spam. No"
            " code would arrive either: ask your administrator to release the address first, or go back and"
            " turn off the code.", addresses=addresses,
        ))  # fmt: skip
    return str(gettext(
        "We do not send emails to %(addresses)s, because an earlier one bounced or was marked as spam. The"
        " link still works: send it yourself, or ask your administrator to release the address first.",
        addresses=addresses,
    ))  # fmt: skip


def translate_returned(returned: Returned | None) -> str:
    """Why a draft was not sent, in the reader's language; empty where nothing was refused."""
    if returned is None:
        return ""
    text = str(gettext(returned.message))
    return text % returned.params if returned.params else text


def describe_sent(share: Share) -> str:
    """What was sent from another page, and that what is on this one was not."""
    return str(gettext(
        "Another page sent it before, with other answers: %(files)s to %(people)s. What is below is a draft"
        " of its own now. Press Send if it is to go out as well.",
        files=few([each.name for each in share.first_files], 3), people=few(share.addresses, 3),
    ))  # fmt: skip


def list_errors(form: ShareForm) -> dict[str, list[str]]:
    """What is wrong, by the field that it belongs to; what belongs to none, under no name."""
    found: dict[str, list[str]] = {each.name: list(map(str, each.errors)) for each in form if each.errors}
    return found | ({"": list(map(str, form.form_errors))} if form.form_errors else {})
