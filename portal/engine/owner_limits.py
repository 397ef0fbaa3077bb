"""The limits of someone who does not ask just now: of a share's or a file's owner, for the schedule."""

from __future__ import annotations

from collections.abc import Iterable

from portal.domain.policy.limits import Limits
from portal.domain.policy.policies import resolve
from portal.engine.services import Services


def get_owner_limits(owner_id: str, services: Services) -> Limits:
    """What policies make of the environment's for this person, whose groups are as they last signed in.

    Nobody is looked up where no policy is for a group.
    """
    owner = services.people.get(owner_id) if services.policies.get_current().groups else None
    return resolve_limits(owner.groups if owner else (), services)


def resolve_limits(groups: Iterable[str], services: Services) -> Limits:
    """What policies make of the environment's for someone in these groups of the identity provider."""
    return resolve(services.environment_limits, services.policies.get_current(), groups)
