"""What a policy would have said to a share that was made without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from portal.domain.contacts.recipient_rules import check_recipients
from portal.domain.errors import Refusal
from portal.domain.policy.file_rules import check_kind, check_size
from portal.domain.policy.limits import Limits
from portal.domain.shares import expiry, share_rules
from portal.domain.shares.share import Share


def find_refusals(share: Share, limits: Limits) -> list[Refusal]:
    """Why a share with these terms would have been refused when it was made; empty where it would not."""
    found = []
    for check in list_checks(share, limits):
        try:
            check()
        except Refusal as refusal:
            found.append(refusal)
    return found


def list_checks(share: Share, limits: Limits) -> Iterator[Callable[[], object]]:
    """The checks of a new share, on the terms that this one has by now."""
    zone = expiry.zone(share.zone)
    yield partial(expiry.check_expiry, share.expires_at, share.created_at, limits.max_share_days, zone)
    yield partial(share_rules.download_limit, share.download_limit, limits)
    yield partial(share_rules.check_code, share.confirm, limits)
    yield partial(share_rules.check_password_set, bool(share.password_hash), limits)
    yield partial(share_rules.check_preview, share.preview, limits)
    yield partial(check_recipients, share.addresses, limits)
    for file in share.first_files:
        yield partial(check_kind, file.name, limits)
        yield partial(check_size, file.size, limits)
