"""Which days an administrator asks figures of: in the address, so that a page can be kept and passed on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import request

from portal.domain.errors import Invalid
from portal.domain.usage.periods import DEFAULT_DAYS, Period, latest, parse_period
from portal.web.current import now


@dataclass(frozen=True)
class AskedPeriod:
    """first, last: as they were typed; refusal: why that is no period, and the usual one is shown instead."""

    period: Period
    today: date
    first: str = ""
    last: str = ""
    refusal: Invalid | None = None

    @property
    def preset(self) -> int:
        return 0 if self.first or self.last else self.period.preset(self.today)

    @property
    def query(self) -> str:
        """The same in another address."""
        if self.preset:
            return f"days={self.preset}"
        return f"from={self.period.first}&to={self.period.last}"


def read_period() -> AskedPeriod:
    today = now().date()
    first, last = (request.args.get(name, "")[:20] for name in ("from", "to"))
    try:
        period = parse_period(request.args.get("days", ""), first, last, today)
    except Invalid as refusal:
        return AskedPeriod(latest(DEFAULT_DAYS, today), today, first, last, refusal)
    return AskedPeriod(period, today, first, last)
