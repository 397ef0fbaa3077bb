"""Confirming: a recipient proves by a one-time code that the mailbox is theirs, and knows the password (R44).

Nothing here happens by looking at a page; each is a press of a button (R42).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from portal.domain import codes, passwords, proofs
from portal.domain.audit import Action
from portal.domain.codes import Code
from portal.domain.errors import Conflict, Invalid, NotFound, TooMany, Unavailable, words
from portal.domain.letters import MailRefused
from portal.domain.proofs import Proof
from portal.domain.suppression import SUPPRESSED
from portal.workflows import rates
from portal.workflows.engine import Stage, Workflow, record_with_change
from portal.workflows.opening import Open, open_link, something_left, still_open
from portal.workflows.services import Services

# Only behind a link that is right, and within its own limits: nobody else can use up what all together may
# (R44, R46).
codes_within_rate = rates.step(lambda services: services.limits.rates.codes)
tries_within_rate = rates.step(lambda services: services.limits.rates.tries)
HOUR_SECONDS = int(codes.HOUR.total_seconds())


class CodeOver(Invalid):
    """A code that was never sent to this browser, was used, or was followed by a newer one."""

    reason = "code_over"
    words = words("This code does not count any more. Ask for a new one.")


class NoMailArrives(Conflict):
    reason = "no_mail_arrives"
    words = words("No mail of ours reaches your address, so no code does. Please tell the sender.")


@dataclass(frozen=True, kw_only=True)
class Unlock(Open):
    """What a browser brings. browser: its id, out of a cookie that nobody else can write; code_id: of the
    code it asked for; code, password: as typed. language: the reader's, for the mail.
    """

    browser: str
    code_id: str = ""
    code: str = ""
    password: str = ""
    language: str = "en"
    sent: Code | None = None


def wants_code(context: Unlock, services: Services) -> Unlock:
    if not context.opened[0].confirm:
        raise NotFound()
    return context


def mail_arrives(context: Unlock, services: Services) -> Unlock:
    """Where the invitation came back or was not wanted, no further mail goes (R55)."""
    if services.suppressed.of(context.opened[1].address):
        raise NoMailArrives()
    return context


def wants_password(context: Unlock, services: Services) -> Unlock:
    """The password comes after the code, so that only the recipient can try any."""
    share, recipient = context.opened
    if not share.password_hash:
        raise NotFound()
    if proofs.lacking(share, recipient, context.person, context.proof, context.now) == proofs.ADDRESS:
        raise Invalid(words("Confirm your address first."), reason="unconfirmed")
    return context


def issue(context: Unlock, services: Services) -> Unlock:
    """The newest code is the only one. Each time another request was quicker, one less is left in this hour,
    so this ends.
    """
    _, recipient = context.opened
    for place in range(codes.CODES_AN_HOUR + 1):
        before = services.codes.newest(recipient)
        wait = codes.wait_seconds(before.sent_at, context.now) if before else 0
        if wait:
            raise TooMany(
                words("Too many codes were sent in the last hour. Try again in %(minutes)s minutes."),
                reason="too_many_codes", values={"minutes": -(-wait // 60)}, retry_after_seconds=wait,
            )  # fmt: skip
        if not place:
            codes_within_rate(context, services)
        code = codes.new_code()
        made = drafted(context, services, code, before)
        if services.codes.issue(recipient, made, before, context.made_record):
            return replace(context, sent=made, code=code)
    raise Unavailable()


def drafted(context: Unlock, services: Services, code: str, before: Code | None) -> Code:
    request = secrets.token_urlsafe(16)
    return Code(
        id=request,
        mark=services.code_keys.mark(code, bound_to(context, request)),
        expires_at=context.now + codes.LIFETIME,
        sent_at=(*codes.recent(before.sent_at if before else (), context.now), context.now),
        number=before.number + 1 if before else 1,
    )


def bound_to(context: Unlock, request: str) -> list[str]:
    share, recipient = context.opened
    return [share.id, recipient.id, str(recipient.generation), context.browser, request]


def send(context: Unlock, services: Services) -> Unlock:
    """At once, while somebody waits for it; a failure is told and asked for again, never queued, and does not
    count among the codes of this hour.
    """
    share, recipient = context.opened
    try:
        services.mailer.send(services.letters.code(share, recipient, context.code, context.language))
    except (MailRefused, Unavailable) as problem:
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
        Stage.IDENTIFY: (open_link,),
        Stage.AUTHORIZE: (still_open, something_left, wants_code, mail_arrives),
        Stage.AUDIT: (record_with_change("send_code", Action.CODE_SENT),),
        Stage.PROCESS: (issue, send),
    },
)


def six_digits(context: Unlock, services: Services) -> Unlock:
    code = codes.typed(context.code)
    if code is None:
        raise Invalid(words("Enter the 6 digits of the code."), field="code", reason="code_form")
    return replace(context, code=code)


def claim_try(context: Unlock, services: Services) -> Unlock:
    """A try is taken before anything is compared: of a thousand guesses at once, five are looked at."""
    _, recipient = context.opened
    sent = services.codes.newest(recipient)
    if sent is None or not sent.mark or sent.id != context.code_id or context.now >= sent.expires_at:
        raise CodeOver(field="code")
    if not services.codes.claim_try(recipient, sent, context.now):
        wait = codes.wait_seconds(sent.sent_at, context.now)
        raise TooMany(
            words("This code was tried too often. Ask for a new one."),
            reason="code_tries", field="code", retry_after_seconds=max(1, wait),
        )  # fmt: skip
    return replace(context, sent=sent)


def compare_and_use(context: Unlock, services: Services) -> Unlock:
    sent = context.sent
    if sent is None:
        raise RuntimeError("a try is claimed before a code is compared")
    if not services.code_keys.fits(sent.mark, context.code, bound_to(context, sent.id)):
        raise Invalid(
            words("That is not the code. Look at the newest mail, and type its 6 digits."),
            field="code", reason="wrong_code",
        )  # fmt: skip
    if not services.codes.use(context.opened[1], sent, context.made_record):
        raise CodeOver(field="code")
    return proven(context, proofs.ADDRESS)


def proven(context: Unlock, step: str) -> Unlock:
    """One more step shown. The hour begins with the first, and is not made longer by the second."""
    share, recipient = context.opened
    known = context.proof if context.proof and context.proof.counts(share, recipient, context.now) else None
    ends = known.expires_at if known else context.now + proofs.LIFETIME
    steps = (known.steps if known else frozenset()) | {step}
    return replace(context, proof=Proof(share.id, recipient.id, recipient.generation, ends, steps))


CONFIRM_ADDRESS: Workflow[Unlock] = Workflow(
    "confirm_address",
    Action.ADDRESS_CONFIRMED,
    {
        Stage.VALIDATE: (six_digits,),
        Stage.IDENTIFY: (open_link,),
        Stage.AUTHORIZE: (still_open, something_left, wants_code),
        Stage.AUDIT: (record_with_change("confirm_address", Action.ADDRESS_CONFIRMED),),
        Stage.PROCESS: (claim_try, tries_within_rate, compare_and_use),
    },
)


def something_typed(context: Unlock, services: Services) -> Unlock:
    if not passwords.tidied(context.password):
        raise Invalid(words("Enter the password."), field="password", reason="password_form")
    return context


def claim_password_try(context: Unlock, services: Services) -> Unlock:
    _, recipient = context.opened
    if not services.codes.claim_password_try(recipient, context.now, passwords.TRIES_AN_HOUR):
        wait = HOUR_SECONDS - int(context.now.timestamp()) % HOUR_SECONDS
        raise TooMany(
            words("Too many passwords were tried. Try again in %(minutes)s minutes."),
            reason="password_tries", field="password", values={"minutes": -(-wait // 60)},
            retry_after_seconds=wait,
        )  # fmt: skip
    return context


def compare_password(context: Unlock, services: Services) -> Unlock:
    if not passwords.fits(context.password, context.opened[0].password_hash):
        raise Invalid(
            words("That is not the password. Ask the sender if you are not sure."),
            field="password", reason="wrong_password",
        )  # fmt: skip
    services.audit.write(context.made_record)
    return proven(context, proofs.password_step(context.opened[0]))


ENTER_PASSWORD: Workflow[Unlock] = Workflow(
    "enter_password",
    Action.PASSWORD_ENTERED,
    {
        Stage.VALIDATE: (something_typed,),
        Stage.IDENTIFY: (open_link,),
        Stage.AUTHORIZE: (still_open, something_left, wants_password),
        Stage.AUDIT: (record_with_change("enter_password", Action.PASSWORD_ENTERED),),
        Stage.PROCESS: (claim_password_try, tries_within_rate, compare_password),
    },
)
