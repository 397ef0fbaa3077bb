"""Costs in words: what each price is for, and a chart of what each day cost."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flask_babel import gettext

from portal import formatting
from portal.domain.errors import N_
from portal.domain.usage.costs import DayCost
from portal.domain.usage.prices import PriceName
from portal.web.wording import i18n
from portal.web.wording.report_words import write_usd
from portal.web.wording.usage_words import Bar, Chart, name_day

PRICES: dict[PriceName, str] = {
    PriceName.STORAGE: N_("A GiB stored for a month"),
    PriceName.DELIVERY: N_("A GiB delivered to the internet"),
    PriceName.MAIL: N_("1,000 emails"),
    PriceName.QUERY: N_("A terabyte that a report reads"),
}
MOST_DECIMALS = 9
MICRO = Decimal(1_000_000)


def write_price(usd: Decimal) -> str:
    """ "0.0245 USD": with as many decimals as it has."""
    return formatting.dollars(usd, i18n.language(), MOST_DECIMALS)


def draw_costs(days: Sequence[DayCost]) -> Chart:
    """Bars are as long as so many millionths of a dollar."""
    bars = [
        Bar(name_day(each.day), round(each.cost.total * MICRO), write_usd(each.cost.total)) for each in days
    ]
    return Chart("costs", gettext("Cost by day"), bars)
