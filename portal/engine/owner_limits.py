"""The limits of someone who does not ask just now: of a share's or a file's owner, for the schedule."""

from __future__ import annotations

from portal.domain.policy.limits import Limits
from portal.domain.policy.policies import resolve
from portal.engine.services import Services


def get_owner_limits(owner_id: str, services: Services) -> Limits:
    """What policies make of the environment's for this person, whose groups are as they last signed in.

    Nobody is looked up where no policy is for a group.
    """
    policy = services.policies.get_current()
    owner = services.people.get(owner_id) if policy.groups else None
    return resolve(services.environment_limits, policy, owner.groups if owner else ())
