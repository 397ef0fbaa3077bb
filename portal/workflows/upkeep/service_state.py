"""How the service does, once a minute: for how long work has been waiting as a metric (R77), and all of it
where the administrators' page finds it without asking again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from portal.domain.usage.attention import COUNTED_FAILED, ServiceState
from portal.engine.metrics import Metric, emit
from portal.engine.services import Services

log = logging.getLogger(__name__)
FAILED_MAILS_SHOWN = timedelta(days=7)


def report_state(services: Services, known: Mapping[str, datetime | None] | None = None) -> None:
    """known: since when the oldest of each kind has been due, where somebody asked already."""
    now = services.clock()
    if services.secret_key_made:
        emit({Metric.SECRET_KEY_AGE: (now.date() - services.secret_key_made).days})
    oldest = known or services.due_times.oldest(now)
    for kind, due_at in oldest.items():
        report_age(kind, max(0, int((now - due_at).total_seconds())) if due_at else 0)
    services.usage.keep_state(ServiceState(
        now,
        {kind: due_at for kind, due_at in oldest.items() if due_at},
        services.due_times.count_failed_mails(now - FAILED_MAILS_SHOWN, COUNTED_FAILED),
        count_dead_letters(services),
        tuple(services.mail_troubles.current(now)),
        max((head.last_at for head in services.seals.list_heads() if head.last_at), default=None),
        services.scans.count_quarantine(COUNTED_FAILED),
    ))  # fmt: skip


def report_age(kind: str, seconds: int) -> None:
    """Nothing where nothing is due: each kind is a metric of its own, which costs by the hour."""
    if seconds:
        emit({Metric.OLDEST_DUE: seconds}, kind=kind)


def count_dead_letters(services: Services) -> int | None:
    """A queue that does not answer, or that the role may not ask, keeps nothing else from being said."""
    try:
        return services.dead_letters.count()
    except Exception:
        log.exception("the dead letters could not be counted")
        return None
