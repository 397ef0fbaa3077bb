"""Policies as administrators see them: in force, of earlier versions, and tried on what was shared lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.domain.errors import Refusal
from portal.domain.paging import Page
from portal.domain.policy.limits import Limits
from portal.domain.policy.policies import NO_POLICY, Difference, Policy, list_differences, resolve
from portal.domain.shares.policy_trial import find_refusals
from portal.domain.shares.share import Share, ShareState
from portal.engine.services import Services
from portal.queries.rows import PAGE_ROWS

TRIAL_DAYS = 30
TRIED_SHARES = 100  # of each state, the newest: what one press looks at


@dataclass(frozen=True)
class Version:
    """A version of the policies, and what it changed in the one before."""

    policy: Policy
    changes: tuple[Difference, ...]


@dataclass(frozen=True)
class RefusedShare:
    share: Share
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True)
class Trial:
    """looked_at: how many shares of the period; since: the oldest moment from which on all of them were;
    is_whole: whether that is the whole period.
    """

    refused: tuple[RefusedShare, ...]
    looked_at: int
    since: datetime
    is_whole: bool


def list_versions(cursor: str | None, services: Services) -> Page[Version]:
    """Newest first."""
    page = services.policies.list_versions(cursor, PAGE_ROWS)
    found = list(page.items)
    last = found[-1].version - 1 if found else 0
    before = (services.policies.get_version(last) if last else None) or NO_POLICY
    pairs = zip(found, [*found, before][1:], strict=True)
    versions = tuple(Version(each, tuple(list_differences(older, each))) for each, older in pairs)
    return Page(versions, page.next)


def try_policy(policy: Policy, now: datetime, services: Services) -> Trial:
    """Which shares of the last days this policy would have refused. However many there are, so many of the
    newest are looked at, those that were withdrawn since among them.
    """
    begin = now - timedelta(days=TRIAL_DAYS)
    pages = [services.everyone.list_shares(state, "", None, TRIED_SHARES) for state in ShareState]
    # Of a list that goes on, everything is known down to its last row.
    ends = [page.items[-1].created_at for page in pages if page.next and page.items]
    since = max([begin, *ends])
    shares = sorted(
        (each for page in pages for each in page.items if each.created_at >= since),
        key=lambda each: each.created_at, reverse=True,
    )  # fmt: skip
    limits = resolve_owners(policy, shares, services)
    tried = [RefusedShare(each, tuple(find_refusals(each, limits[each.owner_id]))) for each in shares]
    return Trial(tuple(each for each in tried if each.refusals), len(shares), since, since == begin)


def resolve_owners(policy: Policy, shares: list[Share], services: Services) -> dict[str, Limits]:
    """The limits of each share's owner, by id. Nobody is looked up where no policy is for a group."""
    ids = list(dict.fromkeys(each.owner_id for each in shares))
    people = services.people.get_many(ids) if policy.groups else {}
    groups = {each: people[each].groups if each in people else frozenset[str]() for each in ids}
    return {each: resolve(services.environment_limits, policy, groups[each]) for each in ids}
