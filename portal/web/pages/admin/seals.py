"""`/admin/audit/seals`: how far the audit log is sealed, the days' roots, and the proof of one record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Response, render_template

from portal.queries.admin.seals import find_root, get_record_proof, get_sealing
from portal.web.current import now, services
from portal.web.edge.audience import Audience, Place

blueprint = Place("admin_seals", __name__, Audience.AUDITOR)


@blueprint.get("/admin/audit/seals")
def index() -> str:
    return render_template("pages/admin/seals.html", sealing=get_sealing(now(), services()))


@blueprint.get("/admin/audit/roots/<day>.json")
def download_root(day: str) -> Response:
    """As it is in the bucket, too; who trusts nobody takes it from there."""
    root = find_root(day, services())
    return offer(root.describe(), f"audit-root-{root.day}.json")


@blueprint.get("/admin/audit/<mark>/proof.json")
def download_proof(mark: str) -> Response:
    return offer(get_record_proof(mark, services()).describe(), "audit-proof.json")


def offer(described: Mapping[str, Any], name: str) -> Response:
    """JSON to be kept as a file."""
    return Response(
        json.dumps(described, indent=1),
        mimetype="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
