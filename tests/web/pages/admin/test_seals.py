"""The audit log's seals for administrators and audit readers: how far it is sealed; roots and proofs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from portal.aws.client.calls import clients
from portal.aws.client.keys import audit_key
from portal.domain.audit.chain import read_chain
from portal.domain.audit.marks import write_in_address
from portal.queries.admin import seals
from portal.queries.admin.seals import list_seal_lines
from portal.verify_audit import main
from portal.workflows.upkeep.seal_log import seal_log
from tests.builders import Clock, Running
from tests.web.browser import Browser
from tests.web.signed_in import Calls, sign_in

pytestmark = pytest.mark.requirement("R65")
BEGAN = datetime(2026, 2, 6, 9, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock(BEGAN)


def seal(portal: Running) -> None:
    seal_log(portal.portal.services, lambda: 29.0)


def tamper(portal: Running, mark: str) -> None:
    pk, sk = audit_key(mark)
    clients(portal.config.region).get("dynamodb").update_item(
        TableName=portal.config.audit_table, Key={"pk": {"S": pk}, "sk": {"S": sk}},
        UpdateExpression="SET about = :x", ExpressionAttributeValues={":x": {"S": "other"}},
    )  # fmt: skip


def test_the_page_says_how_far_the_log_is_sealed(
    portal: Running, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before there is a seal, then with chains and roots, at few calls; a root that is taken along fits."""
    sign_in(browser, "Ada Minh", "admins")
    assert "Nothing is sealed yet" in browser.get("/admin/audit/seals").text
    seal(portal)
    portal.clock.turn(hours=20)
    seal(portal)
    sign_in(browser, "Ada Minh", "admins")
    with Calls(portal) as calls:
        page = browser.get("/admin/audit/seals")
    assert len(calls.names) <= 4
    assert "Sealed up to" in page.text
    last = next(iter(portal.portal.services.seals.list_roots("2026-02-06", "2026-02-07")))
    assert last.root in page.text
    stored = json.loads(browser.get(f"/admin/audit/roots/{last.day}.json").answer.data)
    now = portal.clock.now.date()
    assert read_chain(list_seal_lines(now, now, portal.portal.services), [stored]).findings == []
    period = f"from=2026-02-06&to={now}"
    text = browser.get(f"/admin/audit/seals.jsonl?{period}").answer.text
    chain = read_chain(map(json.loads, text.splitlines()), [stored])
    assert (chain.findings, chain.count > 0) == ([], True)
    browser.get("/admin/audit/seals.jsonl?from=2026-02-06&to=2026-02-01", 400)
    monkeypatch.setattr(seals, "MAX_DOWNLOAD_BYTES", 100)
    assert "Choose fewer days" in browser.get(f"/admin/audit/seals.jsonl?{period}", 400).text
    for day in ("2025-01-01", "other", "2026-02-06'"):
        browser.get(f"/admin/audit/roots/{day}.json", 404)


def test_a_record_can_be_proved_with_what_the_portal_gives(
    portal: Running, browser: Browser, tmp_path: Path
) -> None:
    """Once it is sealed; a mark that is none, or of no record, has no proof."""
    sign_in(browser, "Ada Minh", "admins")
    record = portal.portal.services.audit.list_newest(portal.clock(), None, 1).items[0]
    page = f"/admin/audit/{write_in_address(record.mark)}"
    address = f"{page}/proof.json"
    browser.get(address, 404)
    assert "not sealed yet" in browser.get(page).text
    seal(portal)
    portal.clock.turn(minutes=5)
    seal(portal)
    assert browser.get(page).links["Download the proof"] == address
    answer = browser.get(address).answer
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit-proof.json"'
    file = tmp_path / "proof.json"
    file.write_bytes(answer.data)
    assert main(["--proof", str(file)]) == 0
    tamper(portal, record.mark)
    assert "was changed after it was sealed" in browser.get(page).text
    browser.get(address.replace("09:00", "09:01"), 404)
    browser.get("/admin/audit/other/proof.json", 404)


def test_colleagues_see_neither(portal: Running, browser: Browser) -> None:
    sign_in(browser, "Ben Okoro")
    for path in ("/admin/audit/seals", "/admin/audit/roots/2026-02-06.json", "/admin/audit/x/proof.json"):
        browser.get(path, 403)
