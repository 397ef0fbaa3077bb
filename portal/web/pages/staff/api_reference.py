"""`/docs/api`: the API's document as a page, made here, so that no viewer of others is loaded for it."""

from __future__ import annotations

from typing import Any

from flask import render_template

from portal.web.current import config
from portal.web.edge.audience import Audience, Place

blueprint = Place("api_reference", __name__, Audience.STAFF)


@blueprint.get("/docs/api")
def index() -> str:
    from portal.web.api.document import build_document  # expensive to import, for this page alone

    document = build_document(config().public_url)
    subjects = dict[str, list[tuple[str, str, dict[str, Any]]]]()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            subjects.setdefault(operation["tags"][0], []).append((method.upper(), path, operation))
    schemas, about = document["components"]["schemas"], document["info"]["description"]
    return render_template("pages/api.html", subjects=subjects, schemas=schemas, about=about)
