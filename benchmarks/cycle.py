"""One file of one sender through the portal, as the forms have it by default: sent on `/send` to one person,
whose link asks for a code, and downloaded. Everything that AWS is asked for on the way is counted.

On the stand-ins that tests run on, in this process: the table in memory, S3 and SES by moto. What AWS does by
itself (events, the access log, SES's news) is handed to the function as AWS's documentation shows it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from benchmarks.trace import Trace, trace_calls
from benchmarks.units import count_units
from portal import lambda_entry
from portal.aws.client.calls import clients
from portal.domain.people.person import Person
from tests import actions
from tests.builders import Clock, Running, make_running
from tests.dynamodb.wire import MemoryDynamoDB
from tests.quick_aws import quick_aws
from tests.recorded_events import HERE, load_event
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.provider import serve_provider
from tests.web.signed_in import sign_in

FILE_BYTES = 5_000_000
QUEUE = load_event("sqs_message")["eventSourceARN"]
TOPIC = load_event("sns_envelope")["TopicArn"]
LOG_KEY = "access/111122223333/eu-central-1/portal-files/2026/03/27/2026-03-27-18-10-00-ABCDEF0123456789"


@dataclass
class Act:
    """One call of the function: what for, through the gateway or the queue, and what it asked AWS for.
    units: of reads and of writes.
    """

    what: str
    trace: Trace
    units: tuple[float, int]
    is_event: bool = False


@dataclass
class Cycle:
    """A portal with a sender who is signed in, and what has happened since."""

    running: Running
    database: MemoryDynamoDB
    sender: Browser
    partner: Browser
    person: Person
    recipient: str = "partner@example.com"
    acts: list[Act] = field(default_factory=list)

    def ask(self, what: str, browser: Browser, method: str, path: str, **details: Any) -> Page:
        with trace_calls() as trace:
            answer = browser.ask(method, path, **details)
        assert answer.status < 400, f"{what}: {answer.status} {answer.text[:300]}"
        self.note(what, trace)
        return answer

    def submit(self, what: str, path: str, **values: str) -> Page:
        assert self.partner.page is not None
        return self.ask(what, self.partner, "POST", path, data=self.partner.page.fields(path) | values)

    def happen(self, what: str, *messages: dict[str, Any]) -> None:
        """Hand events to the function, each in a message of its own, all in one batch."""
        portal = self.running.portal
        config = replace(portal.config, events_queue_arn=QUEUE, feedback_topic_arn=TOPIC)
        handler = lambda_entry.make_handler(self.running.app, replace(portal, config=config))
        record = load_event("sqs_message")
        records = [record | {"messageId": str(n), "body": json.dumps(m)} for n, m in enumerate(messages)]
        context = SimpleNamespace(aws_request_id="1", get_remaining_time_in_millis=lambda: 29_000)
        with trace_calls() as trace:
            answer = handler({"Records": records}, context)
        assert answer == {"batchItemFailures": []}, answer
        self.note(what, trace, is_event=True)

    def note(self, what: str, trace: Trace, *, is_event: bool = False) -> None:
        self.acts.append(Act(what, trace, count_units(trace, self.database.tables), is_event))


@contextmanager
def start_cycle() -> Iterator[Cycle]:
    clock = Clock()
    with ExitStack() as stack:
        stack.enter_context(patch.dict(os.environ))
        for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
            os.environ.pop(name, None)
        stack.enter_context(patch("moto.s3.models.utcnow", lambda: clock().replace(tzinfo=None)))
        database = stack.enter_context(quick_aws())
        provider = stack.enter_context(serve_provider(clock))
        running = make_running(
            clock, PORTAL_OIDC_METADATA_URL=f"{provider.url}/.well-known/openid-configuration"
        )
        sender = Browser(running, provider)
        person = sign_in(sender)
        sender.get("/send")  # what a process reads once, such as policies
        yield Cycle(running, database, sender, Browser(running), person)


def run_cycle(cycle: Cycle, *, with_code: bool = True) -> list[Act]:
    """All of it; the acts in order."""
    made = send_file(cycle, with_code=with_code)
    token = actions.link_token(cycle.running, made)
    cycle.running.clock.turn(seconds=61)
    cycle.happen("SES: the link's email arrived", delivered(cycle))
    open_and_download(cycle, token, with_code=with_code)
    return cycle.acts


def send_file(cycle: Cycle, *, with_code: bool) -> Any:
    """The pages and calls of `/send`, and the event of the object; the share that it came to."""
    cycle.ask("/send", cycle.sender, "GET", "/send")
    page = cycle.sender.page
    assert page is not None
    told = json.loads(page.document.one("form", id="send").attributes["data-send"])

    def call(what: str, method: str, path: str, body: Any) -> Any:
        headers = {"X-CSRFToken": told["token"]}
        return cycle.ask(what, cycle.sender, method, path, json=body, headers=headers).answer.json

    asked = {"files": [{"name": "plan.pdf", "size": FILE_BYTES}], "draft_id": told["draft"]}
    upload = call("announce the file", "POST", told["paths"]["uploads"], asked)["uploads"][0]
    file = cycle.running.portal.services.files.find(upload["file_id"])
    assert file is not None
    actions.put_object(cycle.running, file, b"x" * FILE_BYTES)
    answers = {"recipients": cycle.recipient, "message": "", "last_day": "7", "preview": "y",
               "notify": "first", "file": file.id} | ({"confirm": "y"} if with_code else {})  # fmt: skip
    typed = {"fields": [*map(list, answers.items())], "missing": 0}
    call("keep what was typed", "PUT", told["paths"]["draft"], typed)
    call("take the upload in", "POST", told["paths"]["several"], {"files": [file.id]})
    file = cycle.running.portal.services.files.find(upload["file_id"])
    assert file is not None
    created = load_event("s3_object_created")
    created["Records"][0]["s3"] |= {"bucket": {"name": cycle.running.config.files_bucket}}
    created["Records"][0]["s3"]["object"] |= {
        "key": file.key,
        "size": file.size,
        "versionId": file.version_id,
    }
    cycle.happen("S3: the object arrived", created)
    call("Send", "POST", told["paths"]["send"], typed)
    [offer] = cycle.running.portal.services.shares.list_page(cycle.person.id, None, 1).items
    cycle.ask("the share's page", cycle.sender, "GET", f"/shares/{offer.id}")
    found = cycle.running.portal.services.shares.get_with_recipients(offer.id)
    assert found is not None
    return SimpleNamespace(about=offer.id, recipients=found[1], file=file)


def open_and_download(cycle: Cycle, token: str, *, with_code: bool) -> None:
    look: Callable[[], Page] = lambda: cycle.ask("the link's page", cycle.partner, "GET", f"/d/{token}")  # noqa: E731
    look()
    if with_code:
        cycle.submit("ask for a code", f"/d/{token}/code")
        look()
        cycle.submit("type the code", f"/d/{token}/confirm", code=actions.read_mailed_code(cycle.running))
        look()
    pressed = cycle.submit("Download", f"/d/{token}/download")
    if with_code:
        cycle.running.clock.turn(seconds=61)
        cycle.happen("SES: the code's email arrived", delivered(cycle))
    cycle.happen("S3: the access log", log_of(cycle, pressed.location))


def delivered(cycle: Cycle) -> dict[str, Any]:
    """SES's news that the newest email arrived, as SNS hands it on."""
    news = load_event("ses_delivery")
    news["mail"]["messageId"] = actions.list_mails(cycle.running)[-1].id
    return load_event("sns_envelope", Message=json.dumps(news))


def log_of(cycle: Cycle, address: str) -> dict[str, Any]:
    """The event of a log object with the line of one download."""
    key, signed = urlsplit(address).path.lstrip("/"), parse_qs(urlsplit(address).query)
    fields = {
        "bucket": cycle.running.config.files_bucket, "source": "198.51.100.9", "request": "3E57427F3EXAMPLE",
        "time": cycle.running.clock().strftime("%d/%b/%Y:%H:%M:%S +0000"), "operation": "REST.GET.OBJECT",
        "logged_key": key, "key": key, "version": signed["versionId"][0], "note": signed["x-recipient"][0],
        "status": 200, "bytes": FILE_BYTES, "size": FILE_BYTES, "referrer": "-", "agent": "Mozilla/5.0",
    }  # fmt: skip
    line = (HERE / "s3_access_log.txt").read_text().rstrip("\n").format(**fields)
    bucket = cycle.running.config.logs_bucket
    clients(cycle.running.config.region).get("s3").put_object(Bucket=bucket, Key=LOG_KEY, Body=line.encode())
    created = load_event("s3_object_created")
    created["Records"][0]["s3"] |= {"bucket": {"name": bucket}}
    created["Records"][0]["s3"]["object"] |= {"key": LOG_KEY, "size": len(line)}
    return dict(created)
