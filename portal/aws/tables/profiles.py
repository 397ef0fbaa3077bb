"""A person's profile item: its key, and the condition that what let them in still counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from portal.aws.client.codec import moment
from portal.aws.client.keys import profile_key
from portal.aws.client.writes import Write, check
from portal.domain.audit.record import Trust
from portal.domain.errors import SignInNeeded

STILL_SIGNED_IN = (
    "attribute_not_exists(#closing_at) AND attribute_not_exists(#disabled_at) AND"
    " (attribute_not_exists(#signed_out_at) OR #signed_out_at < :since)"
)


def check_trust(trust: Trust | None) -> tuple[Write, ...]:
    """For the transaction of what someone does: it fails as SignInNeeded where they closed their account, or
    signed out everywhere, since the request read its session, or since its key was given out (R10).
    """
    if trust is None:
        return ()
    guard = check(profile_key(trust.person_id), STILL_SIGNED_IN, **trust_values(trust))
    return (guard.failing_as(SignInNeeded()),)


def require_trust(write: Write, trust: Trust | None, person_id: str) -> Write:
    """The same for a write of this person's own profile, which cannot be checked beside it."""
    if trust is None or trust.person_id != person_id:
        return write
    condition, values = f"{write.condition} AND {STILL_SIGNED_IN}", trust_values(trust)
    return replace(write, condition=condition, values={**write.values, **values})


def trust_values(trust: Trust) -> dict[str, Any]:
    """The values of STILL_SIGNED_IN."""
    return {"since": moment(trust.since)}
