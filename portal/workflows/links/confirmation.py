"""Confirming: a recipient proves by a one-time code that the mailbox is theirs, and knows the password (R44).

Nothing here happens by looking at a page; each is a press of a button (R42).
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass, replace

from portal.domain.audit.record import Action
from portal.domain.errors import N_, Conflict, Invalid, NotFound, TooMany, Unavailable
from portal.domain.links import codes, proofs
from portal.domain.links.codes import Code
from portal.domain.links.proofs import Proof
from portal.domain.mail.email_message import AccountRefused, MailRefused, MailUnanswered
from portal.domain.mail.suppression import SUPPRESSED
from portal.domain.shares import passwords
from portal.engine import rates
from portal.engine.metrics import Metric, emit
from portal.engine.services import Services
from portal.engine.workflow import Stage, Workflow
from portal.workflows.links.link_access import LinkContext, open_link, require_open, require_something_left
from portal.workflows.mail.delivery import note_trouble

log = logging.getLogger(__name__)

# Only behind a link that is right, and within its own limits: nobody else can use up what all together may
# (R44, R46).
codes_within_rate = rates.step(lambda services: services.limits.rates.codes)
tries_within_rate = rates.step(lambda services: services.limits.rates.tries)
HOUR_SECONDS = int(codes.HOUR.total_seconds())


class CodeOver(Invalid):
    """A code that was never sent to this browser, was used, or was followed by a newer one."""

    reason = "code_over"
    message = N_("This code is no longer valid. Ask for a new one.")


class NoMailArrives(Conflict):
    reason = "no_mail_arrives"
    message = N_("Our emails do not reach your address, so a code would not either. Please tell the sender.")


@dataclass(frozen=True, kw_only=True)
class Unlock(LinkContext):
    """What a browser brings. browser: its id, out of a cookie that nobody else can write; code_id: of the
    code it asked for; code, password: as typed. language: the reader's, for the mail.
    """

    browser: str
    code_id: str = ""
    code: str = ""
    password: str = ""
    language: str = "en"
    sent: Code | None = None


def open_link_with_code(context: Unlock, services: Services) -> Unlock:
    """And whether email reaches its recipient, which is read with the files."""
    context = open_link(context, services, with_code=True)
    if not context.code:
        services.suppression_list.read_along([context.share_and_recipient[1].address])
    return context


def wants_code(context: Unlock, services: Services) -> Unlock:
    if not context.share_and_recipient[0].confirm:
        raise NotFound()
    return context


def require_reachable(context: Unlock, services: Services) -> Unlock:
    """Where the invitation came back or was not wanted, no further email goes (R55)."""
    if services.suppression_list.get(context.share_and_recipient[1].address):
        raise NoMailArrives()
    return context


def wants_password(context: Unlock, services: Services) -> Unlock:
    """The password comes after the code, so that only the recipient can try any."""
    share, recipient = context.share_and_recipient
    if not share.password_hash:
        raise NotFound()
    if proofs.lacking(share, recipient, context.person, context.proof, context.now) == proofs.ADDRESS:
        raise Invalid(N_("Confirm your address first."), reason="unconfirmed")
    return context


def issue(context: Unlock, services: Services) -> Unlock:
    """The newest code is the only one. Each time another request was quicker, one less is left in this hour,
    so this ends.
    """
    _, recipient = context.share_and_recipient
    for place in range(codes.CODES_AN_HOUR + 1):
        before = services.codes.newest(recipient)
        wait = codes.wait_seconds(before.sent_at, context.now) if before else 0
        if wait:
            raise TooMany(
                N_("Too many codes were sent in the last hour. Try again in %(minutes)s minutes."),
                reason="too_many_codes", params={"minutes": -(-wait // 60)}, retry_after_seconds=wait,
            )  # fmt: skip
        if not place:
            codes_within_rate(context, services)
        code = codes.new_code()
        made = draft_code(context, services, code, before)
        if services.codes.issue(recipient, made, before, context.required_record):
            return replace(context, sent=made, code=code)
    raise Unavailable()


def draft_code(context: Unlock, services: Services, code: str, before: Code | None) -> Code:
    request = secrets.token_urlsafe(16)
    return Code(
        id=request,
        mark=services.code_keys.mark(code, binding_of(context, request)),
        expires_at=context.now + codes.LIFETIME,
        sent_at=(*codes.recent(before.sent_at if before else (), context.now), context.now),
        number=before.number + 1 if before else 1,
    )


def binding_of(context: Unlock, request: str) -> list[str]:
    share, recipient = context.share_and_recipient
    return [share.id, recipient.id, str(recipient.generation), context.browser, request]


def send(context: Unlock, services: Services) -> Unlock:
    """At once, while someone waits for it; a failure is told and asked for again, never queued, and does not
    count among the codes of this hour.
    """
    share, recipient = context.share_and_recipient
    try:
        services.mailer.send(
            services.mail_renderer.render_code(share, recipient, context.code, context.language)
        )
    except MailUnanswered:
        log.warning("whether a code was sent is not known")  # it may arrive, and then it must open
    except (MailRefused, Unavailable) as problem:
        if isinstance(problem, AccountRefused):
            note_trouble(problem, services)
        if context.sent:
            services.codes.take_back(recipient, context.sent)
        if problem.reason == SUPPRESSED:
            raise NoMailArrives() from problem
        raise
    return replace(context, code="")


SEND_CODE: Workflow[Unlock] = Workflow(
    "send_code",
    Action.CODE_SENT,
    {
        Stage.IDENTIFY: (open_link_with_code,),
        Stage.AUTHORIZE: (require_open, require_something_left, wants_code, require_reachable),
        Stage.PROCESS: (issue, send),
    },
)


def parse_code(context: Unlock, services: Services) -> Unlock:
    code = codes.parse_code(context.code)
    if code is None:
        raise Invalid(N_("Enter the 6 digits of the code."), field="code", reason="code_form")
    return replace(context, code=code)


def claim_try(context: Unlock, services: Services) -> Unlock:
    """A try is taken before anything is compared: of a thousand guesses at once, five are looked at."""
    _, recipient = context.share_and_recipient
    sent = services.codes.newest(recipient)
    if sent is None or sent.id != context.code_id or context.now >= sent.expires_at:
        raise CodeOver(field="code")
    if not (sent.mark or sent.may_be_repeated(context.now)):
        raise CodeOver(field="code")
    if not services.codes.claim_try(recipient, sent, context.now):
        wait = codes.wait_seconds(sent.sent_at, context.now)
        raise TooMany(
            N_("This code was tried too often. Ask for a new one."),
            reason="code_tries", field="code", retry_after_seconds=max(1, wait),
        )  # fmt: skip
    return replace(context, sent=sent)


def compare_and_use(context: Unlock, services: Services) -> Unlock:
    sent = context.sent
    if sent is None:
        raise RuntimeError("a try is claimed before a code is compared")
    if not services.code_keys.verify(sent.mark or sent.used_mark, context.code, binding_of(context, sent.id)):
        emit({Metric.CODES_WRONG: 1})
        raise Invalid(
            N_("That is not the code. Look at the newest email, and type its 6 digits."),
            field="code", reason="wrong_code",
        )  # fmt: skip
    # Used a moment ago by this very browser, to which the code is bound: its answer was lost.
    if sent.mark and not services.codes.use(context.share_and_recipient[1], sent, context.required_record):
        raise CodeOver(field="code")
    return add_proof(context, proofs.ADDRESS)


def add_proof(context: Unlock, step: str) -> Unlock:
    """One more step shown. The hour begins with the first, and is not made longer by the second."""
    share, recipient = context.share_and_recipient
    known = context.proof if context.proof and context.proof.is_valid(share, recipient, context.now) else None
    ends = known.expires_at if known else context.now + proofs.LIFETIME
    steps = (known.steps if known else frozenset()) | {step}
    return replace(context, proof=Proof(share.id, recipient.id, recipient.generation, ends, steps))


CONFIRM_ADDRESS: Workflow[Unlock] = Workflow(
    "confirm_address",
    Action.ADDRESS_CONFIRMED,
    {
        Stage.VALIDATE: (parse_code,),
        Stage.IDENTIFY: (open_link_with_code,),
        Stage.AUTHORIZE: (require_open, require_something_left, wants_code),
        Stage.PROCESS: (claim_try, tries_within_rate, compare_and_use),
    },
)


def require_password(context: Unlock, services: Services) -> Unlock:
    if not passwords.tidy_password(context.password):
        raise Invalid(N_("Enter the password."), field="password", reason="password_form")
    return context


def claim_password_try(context: Unlock, services: Services) -> Unlock:
    _, recipient = context.share_and_recipient
    if not services.codes.claim_password_try(recipient, context.now, passwords.TRIES_AN_HOUR):
        wait = HOUR_SECONDS - int(context.now.timestamp()) % HOUR_SECONDS
        raise TooMany(
            N_("Too many passwords were tried. Try again in %(minutes)s minutes."),
            reason="password_tries", field="password", params={"minutes": -(-wait // 60)},
            retry_after_seconds=wait,
        )  # fmt: skip
    return context


def compare_password(context: Unlock, services: Services) -> Unlock:
    if not passwords.verify_password(context.password, context.share_and_recipient[0].password_hash):
        emit({Metric.CODES_WRONG: 1})
        raise Invalid(
            N_("That is not the password. Ask the sender if you are not sure."),
            field="password", reason="wrong_password",
        )  # fmt: skip
    services.audit.write(context.required_record)
    return add_proof(context, proofs.password_step(context.share_and_recipient[0]))


ENTER_PASSWORD: Workflow[Unlock] = Workflow(
    "enter_password",
    Action.PASSWORD_ENTERED,
    {
        Stage.VALIDATE: (require_password,),
        Stage.IDENTIFY: (open_link,),
        Stage.AUTHORIZE: (require_open, require_something_left, wants_password),
        Stage.PROCESS: (claim_password_try, tries_within_rate, compare_password),
    },
)
