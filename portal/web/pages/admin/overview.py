"""`/admin`: what needs attention, how much there is, and what happened last. `access.py` lets only
administrators in.
"""

from __future__ import annotations

from flask import render_template

from portal.domain.usage.figures import Figure
from portal.queries.admin.overview import get_overview
from portal.web.current import now, services
from portal.web.edge.audience import Audience, Place
from portal.web.forms.periods import read_period
from portal.web.wording.history import describe_record
from portal.web.wording.usage_words import count_active, draw_figure, draw_people, list_numbers, write_rate

FIGURES = (
    Figure.UPLOADS,
    Figure.BYTES_UPLOADED,
    Figure.SHARES,
    Figure.DOWNLOADS,
    Figure.BYTES_DELIVERED,
    Figure.REQUESTS,
    Figure.MAILS_SENT,
)
CHARTS = (Figure.BYTES_UPLOADED, Figure.SHARES, Figure.DOWNLOADS)

blueprint = Place("admin", __name__, Audience.ADMIN)


@blueprint.get("/admin")
def index() -> str:
    asked = read_period()
    overview = get_overview(asked.period, now(), services())
    return render_template(
        "pages/admin/overview.html",
        asked=asked,
        overview=overview,
        numbers=[
            *list_numbers(FIGURES, overview.sums, overview.before),
            count_active(overview.sums, overview.before),
        ],
        charts=[*(draw_figure(each, overview.days) for each in CHARTS), draw_people(overview.days)],
        rate=write_rate,
        told=describe_record,
    )
