"""Access tokens, one's own and those of service accounts: making one, which is shown this once, and revoking
it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from portal.domain.audit.record import Action
from portal.domain.errors import N_, Conflict, Invalid, NotFound
from portal.domain.ids import is_id
from portal.domain.mail.email_message import plain_line
from portal.domain.people import access_tokens
from portal.domain.people.access_tokens import MAX_TOKENS, AccessToken, TokenParts
from portal.domain.people.permissions import Privilege, list_scopes
from portal.domain.people.person import Person, Scope
from portal.engine.services import Services
from portal.engine.workflow import Context, Stage, Workflow, collect_refusals


@dataclass(frozen=True, kw_only=True)
class OnToken(Context):
    """account_id: of the service account whose token it is; empty for one's own."""

    account_id: str = ""
    account: Person | None = None

    @property
    def owner(self) -> Person:
        return self.account or self.me


@dataclass(frozen=True, kw_only=True)
class MakeToken(OnToken):
    """submission_id: of the form, and of the token that it makes; name, scopes, days: as typed and ticked.
    parts: what is shown this once.
    """

    submission_id: str
    name: str
    scopes: Sequence[str]
    days: int | None
    chosen: frozenset[Scope] = frozenset()
    token: AccessToken | None = None
    parts: TokenParts | None = None

    @property
    def made(self) -> tuple[AccessToken, TokenParts]:
        if self.token is None or self.parts is None:
            raise RuntimeError("the token is drafted first")
        return self.token, self.parts


T = TypeVar("T", bound=OnToken)


def find_account(context: T, services: Services) -> T:
    profile = services.people.get_profile(context.account_id)
    if profile is None or not profile.person.is_service or profile.closing_at:
        raise NotFound()
    account = profile.person
    return replace(context, account=account, about=account.id, details={"to": account.name})


def check_form(context: MakeToken, services: Services) -> MakeToken:
    return collect_refusals(context, services, (check_submission, check_name, check_scopes, check_days))


def check_submission(context: MakeToken, services: Services) -> MakeToken:
    if not is_id(context.submission_id):
        raise Invalid(N_("This form is incomplete. Please open it again."), reason="submission")
    return context


def check_name(context: MakeToken, services: Services) -> MakeToken:
    return replace(context, name=access_tokens.check_name(plain_line(context.name)))


def check_scopes(context: MakeToken, services: Services) -> MakeToken:
    chosen = access_tokens.check_scopes(context.scopes, list_scopes(context.owner))
    return replace(context, chosen=chosen)


def check_days(context: MakeToken, services: Services) -> MakeToken:
    return replace(context, days=access_tokens.check_days(context.days))


def check_number(context: MakeToken, services: Services) -> MakeToken:
    """Of several made at the same moment all may pass: the limit keeps a list short and protects nothing."""
    if len(services.access_tokens.list_of(context.owner.id)) >= MAX_TOKENS:
        raise Conflict(
            N_("You can have at most %(most)s tokens. Revoke one that you no longer need."),
            reason="too_many_tokens", params={"most": MAX_TOKENS},
        )  # fmt: skip
    return context


def draft_token(context: MakeToken, services: Services) -> MakeToken:
    parts = access_tokens.make_token(context.owner.id, context.submission_id)
    token = AccessToken(
        parts.token_id, parts.owner_id, context.name, context.chosen,
        access_tokens.hash_secret(parts.secret), context.now,
        context.now + timedelta(days=context.days or access_tokens.DEFAULT_DAYS),
    )  # fmt: skip
    return replace(context, token=token, parts=parts, details={**context.details, **describe_token(token)})


def describe_token(token: AccessToken) -> dict[str, str]:
    return {"name": token.name, "token": token.id, "scopes": " ".join(sorted(token.scopes))}


def make(context: MakeToken, services: Services) -> MakeToken:
    """The same form again cannot show the secret again: nobody knows it any more."""
    if not services.access_tokens.make(context.made[0], context.required_record):
        raise Conflict(
            N_("This token was made already and was shown then. If you did not note it down, revoke it and "
               "make another."),
            reason="token_made",
        )  # fmt: skip
    return context


@dataclass(frozen=True, kw_only=True)
class RevokeToken(OnToken):
    token_id: str
    token: AccessToken | None = None


def find_token(context: RevokeToken, services: Services) -> RevokeToken:
    kept = services.access_tokens.list_of(context.owner.id)
    token = next((each for each in kept if each.id == context.token_id), None)
    if token is None:
        raise NotFound()
    return replace(context, token=token, details={**context.details, **describe_token(token)})


def revoke(context: RevokeToken, services: Services) -> RevokeToken:
    if context.token is None or not services.access_tokens.revoke(context.token, context.required_record):
        raise NotFound()
    return context


MAKE_TOKEN: Workflow[MakeToken] = Workflow(
    "make_token",
    Action.TOKEN_MADE,
    {
        Stage.VALIDATE: (check_form,),
        Stage.AUTHORIZE: (check_number,),
        Stage.AUDIT: (draft_token,),
        Stage.PROCESS: (make,),
    },
)
REVOKE_TOKEN: Workflow[RevokeToken] = Workflow(
    "revoke_token",
    Action.TOKEN_REVOKED,
    {
        Stage.IDENTIFY: (find_token,),
        Stage.PROCESS: (revoke,),
    },
)
# What may be ticked depends on the account, so the form is looked at once that is known.
MAKE_SERVICE_TOKEN: Workflow[MakeToken] = Workflow(
    "make_service_token",
    Action.TOKEN_MADE,
    {
        Stage.IDENTIFY: (find_account, check_form),
        Stage.AUTHORIZE: (check_number,),
        Stage.AUDIT: (draft_token,),
        Stage.PROCESS: (make,),
    },
    needs=Privilege.ADMINISTER,
)
REVOKE_SERVICE_TOKEN: Workflow[RevokeToken] = Workflow(
    "revoke_service_token",
    Action.TOKEN_REVOKED,
    {
        Stage.IDENTIFY: (find_account, find_token),
        Stage.PROCESS: (revoke,),
    },
    needs=Privilege.ADMINISTER,
)
