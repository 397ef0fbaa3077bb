"""Pages of the tests' own, so that what is true of every page is tested on pages that never change."""

from __future__ import annotations

from flask import abort, flash, jsonify, redirect, render_template_string, request
from werkzeug.wrappers import Response

from portal.domain.errors import Invalid, Several, Unavailable
from portal.web.current import services
from portal.web.edge.audience import Audience, Place, for_audience
from portal.web.identity.access import current_person, staff_request

blueprint = Place("probe", __name__, Audience.STAFF)

PAGE = """{% extends "layouts/page.html" %}
{% block title %}Probe{% endblock %}
{% block content %}
  <h1>Probe</h1>
  <p>{{ person.name }}, {{ roles }}</p>
  <form method="post" action="/probe">
    <input type="hidden" name="csrf_token" value="{{ csrf_token() }}"><input name="said">
    <button>Send</button>
  </form>
{% endblock %}"""


@blueprint.get("/probe")
def page() -> str:
    return render_template_string(PAGE, roles=" ".join(sorted(current_person().roles)))


@blueprint.post("/probe")
def send() -> Response:
    flash(request.form["said"])
    return redirect("/probe", 303)


@blueprint.get("/admin/probe")
@for_audience(Audience.ADMIN)
def admin() -> str:
    return render_template_string(PAGE, roles="admins only")


@blueprint.get("/probe/fails")
def fails() -> str:
    raise RuntimeError("arn:aws:dynamodb:eu-central-1:123456789012:table/portal")


@blueprint.get("/probe/object")
def ask_for_object() -> Response:
    """One call of S3, for what is not there."""
    return jsonify(found=services().objects.head("files/nobody/nothing") is not None)


@blueprint.get("/probe/is-unavailable")
def is_unavailable() -> str:
    raise Unavailable


@blueprint.get("/probe/is-forbidden")
def is_forbidden() -> str:
    abort(403)


@blueprint.post("/v1/probe")
@for_audience(Audience.PROGRAM)
def program() -> Response:
    asked = request.get_json()
    if asked == "several":
        raise Several([Invalid(field="name"), Invalid(field="size")])
    return jsonify(asked, staff_request().request_id)
