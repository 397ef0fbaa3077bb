"""`/admin/usage`: how many bytes went to whom, and the same as tables to take along."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, render_template, request

from portal.domain import csv_cells
from portal.domain.usage.figures import TRAFFIC, Figure, Kind
from portal.queries.admin.usage import EXPORTED_ROWS, get_days, get_usage
from portal.web.current import services
from portal.web.edge.audience import Audience, Place
from portal.web.forms.periods import AskedPeriod, read_period
from portal.web.wording.usage_words import draw_figure, list_numbers

FIGURES = (
    Figure.BYTES_DELIVERED,
    Figure.DOWNLOADS,
    Figure.COMPLETE,
    Figure.BROKEN_OFF,
    Figure.PREVIEWS,
    Figure.BYTES_UPLOADED,
)
CHARTS = (Figure.BYTES_DELIVERED, Figure.COMPLETE, Figure.BROKEN_OFF, Figure.PREVIEWS)
LISTS = {"people": Kind.PERSON, "files": Kind.FILE, "domains": Kind.DOMAIN}
COUNTED = sorted(TRAFFIC)

blueprint = Place("admin_usage", __name__, Audience.ADMIN)


@blueprint.get("/admin/usage")
def index() -> str:
    asked = read_period()
    usage = get_usage(asked.period, services())
    return render_template(
        "pages/admin/usage.html",
        asked=asked,
        usage=usage,
        numbers=list_numbers(FIGURES, usage.sums, usage.before),
        charts=[draw_figure(each, usage.days) for each in CHARTS],
        lists={name: usage.tops[kind] for name, kind in LISTS.items()},
    )


@blueprint.get("/admin/usage.csv")
def export() -> Response:
    """Every figure by day, or with `list` who and what had most."""
    asked, name = read_period(), request.args.get("list", "")
    if asked.refusal:
        raise asked.refusal
    kind = LISTS.get(name)
    text = csv_cells.write_rows(list_top_rows(asked, kind) if kind else list_day_rows(asked))
    period = f"{asked.period.first}-{asked.period.last}"
    file_name = f"usage-{name if kind else 'days'}-{period}.csv"
    return Response(
        csv_cells.BYTE_ORDER_MARK + text,
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{file_name}"'},
    )


def list_day_rows(asked: AskedPeriod) -> list[Sequence[object]]:
    days = get_days(asked.period, services())
    rows = [[str(day), *(usage.count(each) for each in Figure), usage.people] for day, usage in days]
    return [["day", *Figure, "active_people"], *rows]


def list_top_rows(asked: AskedPeriod, kind: Kind) -> list[Sequence[object]]:
    usage = get_usage(asked.period, services(), EXPORTED_ROWS)
    rows = [
        [each.id, usage.names.get(each.id, each.name), *(each.counts.get(figure, 0) for figure in COUNTED)]
        for each in usage.tops[kind]
    ]
    return [["id", "name", *COUNTED], *rows]
