"""`/admin/audit/seals`: how far the audit log is sealed, the days' roots, and the proof of one record."""

from __future__ import annotations

import json

from flask import Response, render_template

from portal.queries.admin.seals import find_root, get_record_proof, get_sealing, write_seal_lines
from portal.web.current import now, services
from portal.web.edge.audience import Audience, Place
from portal.web.forms.periods import read_period

blueprint = Place("admin_seals", __name__, Audience.AUDITOR)


@blueprint.get("/admin/audit/seals")
def index() -> str:
    return render_template(
        "pages/admin/seals.html", sealing=get_sealing(now(), services()), today=now().date()
    )


@blueprint.get("/admin/audit/seals.jsonl")
def download_seals() -> Response:
    """What an export of the same days' records is checked by."""
    asked = read_period()
    if asked.refusal:
        raise asked.refusal
    text = write_seal_lines(asked.period.first, asked.period.last, services())
    name = f"audit-seals-{asked.period.first}-{asked.period.last}.jsonl"
    return offer(text, name, "application/jsonl")


@blueprint.get("/admin/audit/roots/<day>.json")
def download_root(day: str) -> Response:
    """As it is in the bucket, too; who trusts nobody takes it from there."""
    root = find_root(day, services())
    return offer(json.dumps(root.describe(), indent=1), f"audit-root-{root.day}.json")


@blueprint.get("/admin/audit/<mark>/proof.json")
def download_proof(mark: str) -> Response:
    proof = get_record_proof(mark, services())
    return offer(json.dumps(proof.describe(), indent=1), "audit-proof.json")


def offer(text: str, name: str, kind: str = "application/json") -> Response:
    """A text to be kept as a file."""
    return Response(
        text,
        mimetype=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
