"""The API's document, and the API by it: whatever the document allows is answered as it says."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from portal.domain.audit.marks import write_in_address
from portal.domain.people.person import Person
from portal.engine.workflow import run
from portal.web.api.document import build_document
from portal.web.api.routes import ROUTES, SHARED_ROUTES
from portal.web.edge.public_address import set_public_address
from portal.workflows.contacts.recipient_groups import MAKE_GROUP, SaveGroup
from tests.actions import make_request
from tests.builders import PUBLIC_URL, Running
from tests.web.api.test_refused_calls import name_things
from tests.web.browser import Browser
from tests.web.identity.test_access import routes
from tests.web.signed_in import sign_in
from tests.web.tokens import Program, make_token

pytestmark = pytest.mark.requirement("R23", "R25")
NOT_FOR_PROGRAMS = {
    "session.show", "probe.program", "v1.document_show", "v1.postman_show",
    "drafts.keep", "drafts.send", "drafts.stop", "drafts.show", "drafts.read_addresses",
}  # fmt: skip


def test_every_route_is_described(portal: Running) -> None:
    """In the list that the app takes its routes from, and in the document."""
    document = build_document(PUBLIC_URL)
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    listed = {(each.method, each.path) for each in (*ROUTES, *SHARED_ROUTES)}
    there = {
        (method, rule.rule) for rule in portal.app.url_map.iter_rules() if rule.rule.startswith("/v1/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"} if rule.endpoint not in NOT_FOR_PROGRAMS
    }  # fmt: skip
    assert there == {each for each in listed if each[1] not in {"/v1/openapi.json", "/v1/postman.json"}}
    assert len(described) == len(there)
    assert {endpoint for endpoint, _, address in routes(portal) if address == "/v1/openapi.json"}


def test_programs_and_people_get_the_document(
    portal: Running, browser: Browser, ana: Person, program: Callable[[str], Program]
) -> None:
    told = program(make_token(portal, ana, "read")).get("/v1/openapi.json")
    assert told["openapi"] == "3.1.0"
    assert told["servers"] == [{"url": PUBLIC_URL}]
    page = browser.get("/docs/api")
    assert "POST /v1/shares" in page.text
    assert page.document.one(id="insufficient_scope") or page.document.one(id="not_found")


def test_pages_and_links_do_without_what_reads_json() -> None:
    """So that a cold start is as quick as it was; the first call of the API pays for it."""
    code = (
        "import sys; from tests.builders import Clock, make_running; make_running(Clock()).app;"
        "sys.exit(bool({'marshmallow', 'apispec', 'joserfc', 'authlib'} & sys.modules.keys()))"
    )
    environment = {"PATH": "", "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()[-500:]


def test_whatever_the_document_allows_is_answered_as_it_says(
    portal: Running, ana: Person, new_browser: Callable[[], Browser]
) -> None:
    """No failure, no status and no shape of an answer that it does not have. Administrators' routes are asked
    by one, who may change what all others may.
    """
    ida = sign_in(new_browser(), "Ida Admin", "admins")
    things = {**name_things(portal, ana), "group_id": make_group(portal, ana), "person_id": ana.id}
    things["token_id"] = "0" * 26
    things["record_id"] = write_in_address(portal.portal.services.audit.list_newest(
        portal.clock(), None, 1).items[0].mark)  # fmt: skip
    schema = schemathesis.openapi.from_dict(build_document(PUBLIC_URL))
    app = set_public_address(portal.app, portal.config)
    staff = make_token(portal, ana, "read", "upload", "share", "delete")
    administrator = make_token(portal, ida, "admin")
    for result in schema.get_all_operations():
        operation = result.ok()
        token = administrator if "/admin/" in operation.path else staff
        if operation.path == "/v1/tokens/current":
            token = make_token(portal, ana, "read")  # which it ends
        ask_operation(operation, app, {"Authorization": f"Bearer {token}"}, things)


def make_group(portal: Running, owner: Person) -> str:
    saved = SaveGroup(make_request(owner, portal), name="Old", recipients_text="eve@partner.example")
    return run(MAKE_GROUP, saved, portal.portal.services).about


def ask_operation(operation: Any, app: Any, headers: dict[str, str], things: dict[str, str]) -> None:
    @given(case=operation.as_strategy())
    @settings(max_examples=4, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    def ask(case: Any) -> None:
        case.path_parameters = {name: things[name] for name in case.path_parameters or {}}
        response = case.call(app=app, base_url=PUBLIC_URL, headers=headers)
        assert str(response.status_code) in operation.definition.raw["responses"], (
            f"{case.method} {case.path}: {response.status_code} {response.text[:300]}"
        )
        assert response.status_code < 500, response.text

    ask()
