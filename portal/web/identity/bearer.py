"""The header `Authorization: Bearer`: what programs show instead of a session, on the API's routes alone.

An access token of ours speaks for its owner within its scopes; a sign-in token of the provider, for whoever
signed in, in everything. Either is looked at on every call, with what its owner is by now.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

from flask import request

from portal import deadline
from portal.domain.audit.record import Action, Actor, AuditRecord
from portal.domain.errors import N_, Invalid, Refusal, SignInNeeded, TooMany, Unavailable
from portal.domain.ids import derive_person_id
from portal.domain.mail.email_message import single_line
from portal.domain.people.access_tokens import AccessToken, TokenParts, looks_like_token, parse_token
from portal.domain.people.person import Person
from portal.domain.people.principal import Credential, Principal
from portal.engine import rights
from portal.engine.rates import count_within_if_known
from portal.web.current import config, now, services
from portal.web.edge.audience import Audience, request_audience
from portal.web.edge.logging import request_id
from portal.web.identity import upload_key
from portal.web.identity.claims import COGNITO_GROUPS, person_from_claims
from portal.web.identity.cookies import SESSION, cookie_name
from portal.web.identity.refresh import provider

log = logging.getLogger(__name__)
NOTE_SECONDS = 1.0  # that a token was used is worth no longer wait


class TokenRefused(SignInNeeded):
    """One answer for whatever is wrong with a token; the log says what."""

    reason = "invalid_token"
    message = N_("This token is not valid: it is unknown, has expired or was revoked.")


class TwoCredentials(Refusal):
    """It would be unclear on whose behalf."""

    reason = "two_credentials"
    message = N_("Send a token, or a browser's session, or an upload's key: one of them alone.")


def find_principal() -> Principal | None:
    """Whom the request's token speaks for; None where it has none, or is for a page.

    Raises TokenRefused, TwoCredentials, Forbidden, and Unavailable where it cannot be known.
    """
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if request_audience() is not Audience.PROGRAM or scheme.lower() != "bearer":
        return None
    if cookie_name(config(), SESSION) in request.cookies or upload_key.HEADER in request.headers:
        raise TwoCredentials
    try:
        return identify(text.strip())
    except (SignInNeeded, Invalid) as refused:
        log.warning("token refused", extra={"reason": refused.reason, "source_ip": request.remote_addr})
        raise count_refused() from refused


def count_refused() -> Refusal:
    """That it is not valid; or, of a source that showed too many such, that it did."""
    try:
        count_within_if_known(services().limits.rates.sign_ins, request.remote_addr or "", now(), services())
    except TooMany as often:
        return often
    return TokenRefused()


def identify(text: str) -> Principal:
    return identify_by_access_token(text) if looks_like_token(text) else identify_by_provider(text)


def identify_by_access_token(text: str) -> Principal:
    parts = parse_token(text)
    found = services().access_tokens.find(parts.owner_id, parts.token_id) if parts else None
    if parts is None or found is None or not is_valid(found[0], parts):
        raise TokenRefused
    token, owner = found
    person = replace(rights.renew(owner, services()), scopes=token.scopes)
    note_use(token)
    return Principal(person.id, Credential.ACCESS_TOKEN, person, token_id=token.id)


def is_valid(token: AccessToken, parts: TokenParts) -> bool:
    return token.fits(parts.secret) and token.is_live(now())


def note_use(token: AccessToken) -> None:
    if token.is_use_to_note(now()):
        with suppress(Unavailable), deadline.set_deadline(NOTE_SECONDS):
            services().access_tokens.note_use(token, now())


def identify_by_provider(text: str) -> Principal:
    """By an ID or access token that the provider gave our own client (R3-R5)."""
    from portal.web.identity.provider_tokens import verify_token

    claims = verify_token(text, provider())
    begun_at = datetime.fromtimestamp(claims.get("auth_time", claims["iat"]), UTC)
    person_id = derive_person_id(claims["iss"], claims["sub"])
    known = services().access_tokens.find_person(person_id, begun_at) or receive_newcomer(claims)
    keeps_groups = config().groups_claim not in claims and config().groups_claim != COGNITO_GROUPS
    person = person_from_claims(claims, config(), known, keeps_groups=keeps_groups)
    person = rights.renew(person, services(), datetime.fromtimestamp(claims["iat"], UTC))
    return Principal(person.id, Credential.PROVIDER_TOKEN, person)


def receive_newcomer(claims: dict[str, object]) -> Person:
    """Whoever has never signed in here, as the directory describes them.

    Raises SignInNeeded where it does not know them: who has just deleted their account may still have such a
    token. Where the portal steers no directory, they come through the browser first.
    """
    person = person_from_claims({**describe_newcomer(str(claims["sub"])), **claims}, config())
    device = single_line(request.user_agent.string, 160)
    actor = Actor("person", person.id, person.name, request.remote_addr or "", device)
    details = {"by": Credential.PROVIDER_TOKEN}
    record = AuditRecord(now(), Action.SIGNED_IN, actor, person.id, details=details, request_id=request_id())
    services().people.record_visit(person, now(), record)
    return person


def describe_newcomer(subject: str) -> dict[str, object]:
    """The claims of someone as the directory has them now. Raises SignInNeeded where they are not in it, or
    disabled.
    """
    user = services().directory.get(subject) if services().directory.is_there else None
    if user is None or not user.is_enabled:
        raise SignInNeeded
    return {"email": user.address, "name": user.name, "email_verified": user.is_address_verified or None}
