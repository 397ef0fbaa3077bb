"""Adding recipients to a share that was sent; of many, so many in a transaction as it holds (R51)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from portal.domain.audit.record import Action
from portal.domain.errors import Unavailable
from portal.domain.people.permissions import Privilege
from portal.domain.shares.share import Recipient
from portal.engine.services import Services
from portal.engine.workflow import Stage, Workflow
from portal.workflows.policy.mail_policy import say_mails_used_up, send_within_quota
from portal.workflows.shares.recipients import (
    AddRecipients,
    check_recipient_limit,
    check_recipients,
    check_sharing_rules,
    describe_added,
    draft_recipients,
    find_share,
    parse_recipients,
    remember,
    require_open_share,
    require_owner,
    send,
)

MAX_ATTEMPTS = 4  # how often adding is tried again when something beside it moved between reading and writing
AT_ONCE = 90  # recipients of one transaction, each a write


def add(context: AddRecipients, services: Services) -> AddRecipients:
    """A transaction for each piece. Where the portal dies in between, who was added is there, and the same
    asked again adds the others.
    """
    require_mails_left(context, services)
    done, attempts = tuple[Recipient, ...](), 0
    while context.added:
        piece = context.added[:AT_ONCE]
        if add_piece(context, piece, services):
            done, attempts = done + piece, 0
            if len(piece) == len(context.added):
                break
        elif (attempts := attempts + 1) == MAX_ATTEMPTS:
            raise Unavailable()
        context = ask_again(context, done, services)
    return replace(context, added=done, details=describe_added(done, context))


def require_mails_left(context: AddRecipients, services: Services) -> None:
    """Each transaction looks at what is left of the day; none begins where all would be too many."""
    if context.by_hand or len(context.added) <= AT_ONCE:
        return
    owner_id, count = context.required_share.owner_id, len(context.added)
    if services.mail_counts.count_today(owner_id, context.now) + count > services.limits.max_mails_a_day:
        raise say_mails_used_up(owner_id, count, context.now, services)


def add_piece(context: AddRecipients, piece: tuple[Recipient, ...], services: Services) -> bool:
    share, record = context.required_share, context.required_record
    record = replace(record, details={**record.details, **describe_added(piece, context)})
    write = partial(services.changes.add, share, piece, record, services.limits.max_mails_a_day)
    mails = 0 if context.by_hand else len(piece)
    return send_within_quota(share.owner_id, mails, context.now, services, write)


def ask_again(context: AddRecipients, done: tuple[Recipient, ...], services: Services) -> AddRecipients:
    """Everything as it is by now. done: who was added just now, and so did not have it before."""
    found, new = draft_recipients(find_share(context, services), services), {each.address for each in done}
    found = replace(found, known=tuple(each for each in found.known if each not in new))
    found = require_open_share(found, services)
    return check_sharing_rules(check_recipient_limit(found, services), services)


ADD_RECIPIENTS: Workflow[AddRecipients] = Workflow(
    "add_recipients",
    Action.RECIPIENTS_ADDED,
    {
        Stage.VALIDATE: (parse_recipients,),
        Stage.IDENTIFY: (find_share, draft_recipients),
        Stage.AUTHORIZE: (
            require_owner,
            require_open_share,
            check_recipient_limit,
            check_recipients,
            check_sharing_rules,
        ),
        Stage.PROCESS: (add,),
        Stage.NOTIFY: (remember, send),
    },
    needs=Privilege.SHARE,
)
