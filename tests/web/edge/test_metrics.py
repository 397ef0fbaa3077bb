"""Each figure for the operator comes when what it tells of happens: everything is done, or broken, once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from portal.aws.client.calls import clients
from portal.domain.errors import Invalid, Refusal, Unavailable
from portal.domain.files.scans import ScanResult
from portal.domain.mail.account_problems import MailTrouble
from portal.domain.mail.email_message import AccountRefused, MailRefused, OutgoingMail
from portal.domain.policy.limits import Rate
from portal.engine import rates
from portal.engine.metrics import Metric
from portal.engine.workflow import run
from portal.events.event_context import EventContext, Sources
from portal.events.schedule import take
from portal.web.edge.logging import Invocation
from portal.workflows.files.scan_results import take_result
from portal.workflows.links import confirmation
from portal.workflows.mail.mail_jobs import record_feedback
from portal.workflows.upkeep.service_state import report_state
from portal.workflows.upkeep.sweep import sweep
from tests.actions import (
    download_file,
    link_token,
    list_rows,
    make_other_code,
    make_person,
    make_unlock,
    send_code,
    share_files,
    upload_file,
)
from tests.builders import Running
from tests.figures import list_values, read_figures, watch_figures
from tests.web.browser import Browser

ANA = make_person("Ana Lopes")
PARTNER = "a@example.com"


def minutes_pass(portal: Running, minutes: int = 5) -> None:
    for _ in range(minutes):
        portal.clock.turn(minutes=1)
        sweep(portal.portal.services, lambda: 60.0)


def share(portal: Running, **asked: Any) -> Any:
    return share_files(portal, ANA, [upload_file(portal, ANA)], recipients_text=PARTNER, **asked)


def share_and_seal(portal: Running, browser: Browser) -> None:
    share(portal)
    minutes_pass(portal)


def download(portal: Running, browser: Browser) -> None:
    file = upload_file(portal, ANA)
    made = share_files(portal, ANA, [file], recipients_text=PARTNER, confirm=False)
    download_file(portal, link_token(portal, made), file)
    minutes_pass(portal)


def with_mailer(portal: Running, problem: Exception) -> None:
    """Partners' mail is refused; what tells the owner of it goes."""
    mailer = portal.portal.services.mailer
    send = mailer.send

    def answer(mail: OutgoingMail) -> str:
        if mail.to == PARTNER:
            raise problem
        return send(mail)

    vars(mailer)["send"] = answer


def refuse_mail(portal: Running, browser: Browser) -> None:
    with_mailer(portal, MailRefused())
    share_and_seal(portal, browser)


def refuse_account(portal: Running, browser: Browser) -> None:
    with_mailer(portal, AccountRefused(MailTrouble.SANDBOX))
    share(portal)
    minutes_pass(portal, 1)


def leave_due(portal: Running, browser: Browser) -> None:
    """What is to be tried again is due, and there is no time for it."""
    refuse_account(portal, browser)
    portal.clock.turn(minutes=30)
    sweep(portal.portal.services, lambda: 1.0)


def hear_of_mail(kind: str) -> Callable[[Running, Browser], None]:
    def hear(portal: Running, browser: Browser) -> None:
        made = share(portal)
        services = portal.portal.services
        minutes_pass(portal, 1)
        found = services.shares.get_with_recipients(made.about)
        assert found is not None
        record_feedback(services, kind, found[1][0].mail.message_id, portal.clock(), "")
        minutes_pass(portal)

    return hear


def guess_code(portal: Running, browser: Browser) -> None:
    token = link_token(portal, share(portal, confirm=True))
    minutes_pass(portal, 1)
    code_id, code = send_code(portal, token)
    tried = make_unlock(portal, token, code_id=code_id, code=make_other_code(code))
    with pytest.raises(Invalid):
        run(confirmation.CONFIRM_ADDRESS, tried, portal.portal.services)


def scan(status: str) -> Callable[[Running, Browser], None]:
    def hear(portal: Running, browser: Browser) -> None:
        file = upload_file(portal, ANA)
        take_result(file.key, ScanResult(status, file.version_id, ()), portal.portal.services)
        minutes_pass(portal)

    return hear


def ask_too_often(portal: Running, browser: Browser) -> None:
    for _ in range(2):
        with suppress(Refusal):
            rates.count_within(
                Rate("probe", 1, 0, 60), "198.51.100.9", portal.clock(), portal.portal.services
            )


def ask_uncounted(portal: Running, browser: Browser) -> None:
    class Broken:
        def take(self, *_: Any) -> int:
            raise Unavailable

    services = replace(portal.portal.services, rates=Broken())
    rates.count_within_if_known(Rate("probe", 1, 0, 60), "198.51.100.9", portal.clock(), services)


def put_off_call(portal: Running, browser: Browser) -> None:
    """S3 asks to be asked less often, once."""
    put_off = [True]

    def answer(request: Any, **_: Any) -> AWSResponse | None:
        if not put_off:
            return None
        put_off.clear()
        return AWSResponse(request.url, 503, {}, NoBody())

    if not browser.cookie("session"):
        browser.sign_in()
    events = clients(portal.config.region, portal.config.s3_endpoint_url).get("s3").meta.events
    events.register_first("before-send.s3", answer, unique_id="put off")
    try:
        browser.get("/probe/object")
    finally:
        events.unregister("before-send.s3", unique_id="put off")


class NoBody:
    """What comes with the answer to HEAD."""

    def stream(self, **_: Any) -> list[bytes]:
        return []


def come_late(portal: Running, browser: Browser) -> None:
    tick = {"time": portal.clock().isoformat()}
    portal.clock.turn(seconds=90)
    take(tick, EventContext(portal.portal.services, Sources("", "", "", ()), "", lambda: 60.0))


def alter_record(portal: Running, browser: Browser) -> None:
    share_and_seal(portal, browser)
    record = next(row for row in list_rows(portal) if row["pk"]["S"].startswith("AUDIT#"))
    key = {"pk": record["pk"], "sk": record["sk"]}
    clients(portal.config.region).get("dynamodb").delete_item(TableName=portal.config.audit_table, Key=key)
    minutes_pass(portal, 20)


def grow_old(portal: Running, browser: Browser) -> None:
    made = portal.clock().date() - timedelta(days=400)
    report_state(replace(portal.portal.services, secret_key_made=made))


def ask(path: str) -> Callable[[Running, Browser], None]:
    def do(portal: Running, browser: Browser) -> None:
        browser.sign_in()
        browser.ask("GET", path)

    return do


def start_cold(portal: Running, browser: Browser) -> None:
    invocation = Invocation()
    invocation.begin(SimpleNamespace())
    invocation.begin(SimpleNamespace())


ACTS: dict[Metric, Callable[[Running, Browser], None]] = {
    Metric.LATENCY: ask("/healthz"),
    Metric.CLIENT_ERRORS: ask("/no/such/page"),
    Metric.SERVER_ERRORS: ask("/probe/fails"),
    Metric.DENIED: ask("/admin/probe"),
    Metric.COLD_START: start_cold,
    Metric.AWS_CALLS: ask("/probe/object"),
    Metric.AWS_THROTTLES: put_off_call,
    Metric.CODES_WRONG: guess_code,
    Metric.RATES_REFUSED: ask_too_often,
    Metric.RATES_UNKNOWN: ask_uncounted,
    Metric.UPLOADS: share_and_seal,
    Metric.SHARES: share_and_seal,
    Metric.DOWNLOADS: download,
    Metric.MAILS_SENT: share_and_seal,
    Metric.MAILS_FAILED: refuse_mail,
    Metric.MAILS_BOUNCED: hear_of_mail("bounce"),
    Metric.MAIL_COMPLAINTS: hear_of_mail("complaint"),
    Metric.MAIL_ACCOUNT_REFUSALS: refuse_account,
    Metric.FILES_QUARANTINED: scan("THREATS_FOUND"),
    Metric.SCANS_FAILED: scan("FAILED"),
    Metric.SWEEP_LAG: come_late,
    Metric.OLDEST_DUE: leave_due,
    Metric.AUDIT_SEAL: share_and_seal,
    Metric.AUDIT_ALTERED: alter_record,
    Metric.SECRET_KEY_AGE: grow_old,
}
ONCE = {
    Metric.COLD_START, Metric.CLIENT_ERRORS, Metric.SERVER_ERRORS, Metric.DENIED, Metric.CODES_WRONG,
    Metric.RATES_REFUSED, Metric.RATES_UNKNOWN, Metric.AWS_THROTTLES, Metric.UPLOADS, Metric.SHARES,
    Metric.DOWNLOADS, Metric.MAILS_SENT, Metric.MAILS_FAILED, Metric.MAILS_BOUNCED, Metric.MAIL_COMPLAINTS,
    Metric.FILES_QUARANTINED, Metric.SCANS_FAILED, Metric.AUDIT_ALTERED,
}  # fmt: skip


@pytest.mark.requirement("R65", "R77")
@pytest.mark.parametrize("metric", Metric, ids=lambda metric: metric.title)
def test_what_happens_is_told_once(
    metric: Metric, portal: Running, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever is counted comes to one; whatever is measured is there."""
    watch_figures(caplog)
    ACTS[metric](portal, browser)
    values = list_values(caplog, metric)
    assert values
    if metric in ONCE:
        assert sum(values) == 1


def test_where_nothing_happened_nothing_is_told(portal: Running, caplog: pytest.LogCaptureFixture) -> None:
    """Each metric costs by the hour, so that a quiet sweep tells of none."""
    watch_figures(caplog)
    minutes_pass(portal, 5)
    assert read_figures(caplog) == []


def test_a_late_minute_says_how_late(
    portal: Running, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    watch_figures(caplog)
    come_late(portal, browser)
    assert list_values(caplog, Metric.SWEEP_LAG) == [90.0]


def test_a_request_is_filed_by_whom_its_page_is_for(
    portal: Running, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    """Never by an address, a person or a link."""
    watch_figures(caplog)
    browser.sign_in()
    token = link_token(portal, share(portal))
    for path in ("/healthz", "/probe", "/admin/probe", f"/d/{token}", "/no/such/page", "/v1/session"):
        browser.ask("GET", path)
    audiences = [line["audience"] for line in read_figures(caplog) if line["message"] == "request"][-6:]
    assert audiences == ["everybody", "staff", "admin", "partner", "staff", "program"]


def test_calls_count_by_request(portal: Running, browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    """The session and S3, each try by itself; a page that asks nobody has none."""
    browser.sign_in()
    watch_figures(caplog)
    browser.get("/probe/object")
    put_off_call(portal, browser)
    browser.get("/healthz")
    asked = [line for line in read_figures(caplog) if line["message"] == "request"]
    assert [line["AwsCalls"] for line in asked] == [2, 3, 0]
