"""`/admin/costs`: what a period cost by the price table, by day, by person and by share, and what a shorter
retention would save.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flask import Response, render_template, request

from portal.domain import csv_cells
from portal.domain.usage.costs import Cost
from portal.domain.usage.figures import Kind
from portal.domain.usage.prices import AS_OF, PriceName
from portal.queries.admin.costs import EXPORTED, get_costs, get_day_costs
from portal.web.current import services
from portal.web.edge.audience import Audience, Place
from portal.web.forms.periods import AskedPeriod, read_period
from portal.web.wording.cost_words import PRICES, draw_costs, write_price
from portal.web.wording.report_words import write_usd

LISTS = {"people": Kind.PERSON, "shares": Kind.SHARE}
MICRO = Decimal("0.000001")

blueprint = Place("admin_costs", __name__, Audience.ADMIN)


@blueprint.get("/admin/costs")
def index() -> str:
    asked, by = read_period(), read_list("people")
    costs = get_costs(asked.period, asked.today, LISTS[by], services())
    return render_template(
        "pages/admin/costs.html", asked=asked, costs=costs, by=by, usd=write_usd, usd_exact=write_price,
        chart_of=draw_costs(costs.days), as_of=AS_OF, words=PRICES,
        prices={name: services().prices.get(name) for name in PriceName},
    )  # fmt: skip


def read_list(otherwise: str) -> str:
    by = request.args.get("by", "")
    return by if by in LISTS else otherwise


@blueprint.get("/admin/costs.csv")
def export() -> Response:
    """Every day of the period, or with `by` the dearest people or shares."""
    asked, by = read_period(), read_list("")
    if asked.refusal:
        raise asked.refusal
    rows = list_rows(asked, LISTS[by]) if by else list_day_rows(asked)
    file_name = f"costs-{by or 'days'}-{asked.period.first}-{asked.period.last}.csv"
    return Response(
        csv_cells.BYTE_ORDER_MARK + csv_cells.write_rows(rows),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{file_name}"'},
    )


def list_day_rows(asked: AskedPeriod) -> list[Sequence[object]]:
    heading = ["day", "stored_bytes", "mails", "delivered_bytes", *NAMES]
    days = get_day_costs(asked.period, services())
    return [heading, *([str(each.day), each.stored, each.mails, each.delivered, *write_cells(each.cost)]
                       for each in days)]  # fmt: skip


NAMES = ("storage_usd", "mail_usd", "delivery_usd", "total_usd")


def list_rows(asked: AskedPeriod, kind: Kind) -> list[Sequence[object]]:
    costs = get_costs(asked.period, asked.today, kind, services(), EXPORTED)
    rows = [[each.id, each.name, each.about, *write_cells(each.cost)] for each in costs.rows]
    return [["id", "name", "owner", *NAMES], *rows]


def write_cells(cost: Cost) -> list[str]:
    """With a point, as programs read them."""
    return [f"{each.quantize(MICRO):f}" for each in (cost.storage, cost.mail, cost.delivery, cost.total)]
