"""Whatever hangs, each page answers in time, and says so. The time is scaled down to a
fortieth; one page waits for the true one.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any, NamedTuple

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.aws.client.calls import READ_SECONDS
from portal.domain.files.file import File
from portal.events.dispatch import arrive
from portal.events.event_context import EventContext, Sources
from portal.local.session import LocalPortal
from portal.web.identity.cookies import SESSION, cookie_name
from portal.web.identity.identity import Provider
from portal.workflows.shares import sharing
from tests.actions import complete_upload, link_token, make_person, reserve_file, share_files
from tests.aws.faulty import Faults, Passing
from tests.builders import Running
from tests.web.signing import session_of

pytestmark = pytest.mark.requirement("R59", "R76", "I10")
ANA = make_person("Ana Lopes", admin=True)
SCALED_SECONDS = 0.5
READS = {"GetItem", "BatchGetItem", "Query", "TransactGetItems"}
FINDING = ("SESSION#", "RECIPIENT#")  # what finds out who asks
# What needs no answer of the table, also of someone who is signed in.
TABLELESS = {
    "health.healthz", "static", "look.stylesheet", "partner.worker", "security_contact.security_txt",
    # The way in and out of a page that is not behind the door.
    "confirm.back", "language.choose",
}  # fmt: skip


class Ask(NamedTuple):
    endpoint: str
    method: str
    address: str


class Answered(NamedTuple):
    """calls: to the table, each as its operation and its body."""

    ask: Ask
    answer: TestResponse
    seconds: float
    calls: list[tuple[str, str]]


Spared = Callable[[str, str], bool]


def nothing(operation: str, body: str) -> bool:
    return False


def the_door(operation: str, body: str) -> bool:
    return operation == "BatchGetItem" and any(each in body for each in FINDING)


def reads(operation: str, body: str) -> bool:
    return operation in READS


def hang_table(spared: Spared) -> Callable[[Passing, bytes], bool]:
    """A table that answers nothing but what is spared."""

    def hangs(call: Passing, body: bytes) -> bool:
        return call.service == "dynamodb" and not spared(call.operation, body.decode())

    return hangs


@pytest.fixture
def file(on_embedded: Running, local: LocalPortal) -> File:
    made = reserve_file(on_embedded, ANA)
    local.aws.session().client("s3").put_object(
        Bucket=on_embedded.config.files_bucket, Key=made.key, Body=b"twelve bytes",
        ContentType=made.content_type, Metadata={"file": made.id, "owner": made.owner_id},
    )  # fmt: skip
    ready = complete_upload(on_embedded, ANA, made).file
    assert ready is not None
    return ready


@pytest.fixture
def made(on_embedded: Running, file: File) -> sharing.ShareFiles:
    on_embedded.app.config.update(ANSWER_SECONDS=SCALED_SECONDS, WTF_CSRF_ENABLED=False)
    return share_files(on_embedded, ANA, [file])


def every_page(running: Running, made: sharing.ShareFiles) -> list[Ask]:
    """Each route, by each of its methods, with what is there in its address."""
    here = {
        "token": link_token(running, made), "file_id": made.files[0].id, "share_id": made.about,
        "recipient_id": made.recipients[0].id, "filename": "css/portal.css",
    }  # fmt: skip
    found = []
    for rule in running.app.url_map.iter_rules():
        values = {name: here.get(name, 1 if name == "number" else "0" * 26) for name in rule.arguments}
        adapter = running.app.url_map.bind(running.config.host)
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            found.append(Ask(rule.endpoint, method, adapter.build(rule.endpoint, values, method=method)))
    return found


def begin_session(running: Running) -> FlaskClient:
    client = running.app.test_client()
    key = session_of(running, ANA)
    client.set_cookie(cookie_name(running.config, SESSION), key.cookie, domain=running.config.host)
    return client


CALLS: ContextVar[list[tuple[str, str]]] = ContextVar("calls")


@pytest.fixture(autouse=True)
def listening(on_embedded: Running) -> None:
    def note(model: Any, params: Any, **_: Any) -> None:
        CALLS.get([]).append((model.name, params["body"].decode()))

    people: Any = on_embedded.portal.services.people
    people.clients.get("dynamodb").meta.events.register("before-call", note)


def ask_timed(running: Running, client: FlaskClient, ask: Ask, **fields: str) -> Answered:
    begun, calls = time.monotonic(), list[tuple[str, str]]()
    CALLS.set(calls)
    how: dict[str, Any] = {"json": {"name": "new.pdf", "size": 1}} if ask.address.startswith("/v1/") else {
        "data": fields
    }  # fmt: skip
    answer = client.open(ask.address, method=ask.method, base_url=running.config.public_url, **how)
    return Answered(ask, answer, time.monotonic() - begun, calls)


def ask_everything(
    running: Running, faults: Faults, made: sharing.ShareFiles, hangs: Callable[..., bool]
) -> list[Answered]:
    """Every page asked for by someone signed in, with something in each field."""
    asks = every_page(running, made)
    clients = [begin_session(running) for _ in asks]
    faults.hangs = hangs
    file, attempt = made.files[0].id, "0" * 26
    fields = {
        "file_id": file, "file": file, "attempt_id": attempt, "name": "new.pdf", "days": "30",
        "recipients": "other@example.com", "code": "123456", "password": "a password", "note": "Please.",
        "addresses": "a@example.com", "submission_id": attempt, "address": "a@example.com",
    }  # fmt: skip
    with ThreadPoolExecutor(8) as pool:
        return list(
            pool.map(lambda pair: ask_timed(running, *pair, **fields), zip(clients, asks, strict=True))
        )


def check(answered: list[Answered]) -> None:
    """In time, as a page that says so and when to come back, and never as a failure of ours."""
    for ask, answer, seconds, _ in answered:
        assert seconds < READ_SECONDS, ask
        assert answer.status_code < 500 or answer.status_code == 503, ask
        if answer.status_code == 503:
            assert int(answer.headers["Retry-After"]) > 0, ask


def test_a_hung_table_is_unavailable_on_every_page(
    on_embedded: Running, faults: Faults, made: sharing.ShareFiles
) -> None:
    answered = ask_everything(on_embedded, faults, made, hang_table(nothing))
    check_once(answered, nothing)
    assert {each.ask.endpoint for each in answered if each.answer.status_code != 503} <= TABLELESS


@pytest.mark.parametrize("spared", [the_door, reads])
def test_what_hangs_later_is_neither_recorded_nor_asked_again(
    on_embedded: Running, faults: Faults, made: sharing.ShareFiles, spared: Spared
) -> None:
    check_once(ask_everything(on_embedded, faults, made, hang_table(spared)), spared)


def is_by_the_way(operation: str, body: str) -> bool:
    is_record_alone = "AUDIT#" in body and (operation == "PutItem" or "ONCE#" in body)
    return "RATE#" in body or is_record_alone


def check_once(answered: list[Answered], spared: Spared) -> None:
    """Of calls that hang a page makes one, and perhaps one that it does not wait for: a refusal's record, a
    count of how often someone writes.
    """
    check(answered)
    for ask, _, _, calls in answered:
        hung = [call for call in calls if not spared(*call) and not is_by_the_way(*call)]
        assert len(hung) <= 1, (ask, hung)


@pytest.mark.parametrize("service", ["s3", "sesv2", "cognito-idp"])
def test_any_other_service_that_hangs_keeps_no_page_waiting(
    on_embedded: Running, faults: Faults, made: sharing.ShareFiles, service: str
) -> None:
    check(ask_everything(on_embedded, faults, made, lambda call, body: call.service == service))


def test_a_page_that_is_ready_does_not_wait_for_its_note(
    on_embedded: Running, faults: Faults, made: sharing.ShareFiles
) -> None:
    on_embedded.app.config["ANSWER_SECONDS"] = 20.0
    faults.hangs = hang_table(reads)
    card = Ask("partner.card", "GET", f"/d/{link_token(on_embedded, made)}")
    answered = ask_timed(on_embedded, on_embedded.app.test_client(), card)
    assert answered.answer.status_code == 200
    assert answered.seconds < READ_SECONDS


def test_the_true_time_ends_before_the_gateways(
    on_embedded: Running, faults: Faults, made: sharing.ShareFiles
) -> None:
    """25 s for the answer to leave, of the 29 that the gateway waits."""
    on_embedded.app.config["ANSWER_SECONDS"] = 20.0
    client, faults.hangs = begin_session(on_embedded), hang_table(the_door)
    answered = ask_timed(on_embedded, client, Ask("files.show", "GET", f"/files/{made.files[0].id}"))
    assert answered.answer.status_code == 503
    assert answered.seconds < 25


@pytest.fixture
def silent_provider() -> Iterator[str]:
    """Where someone listens and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/.well-known/openid-configuration"


@pytest.mark.requirement("R4")
def test_a_silent_provider_is_unavailable_in_time(on_embedded: Running, silent_provider: str) -> None:
    """With less time left than the provider's own time-outs, those are cut too."""
    on_embedded.app.config["ANSWER_SECONDS"] = SCALED_SECONDS
    on_embedded.app.extensions["identity"] = provider = Provider(on_embedded.config, on_embedded.clock)
    provider._server_metadata_url = silent_provider
    answered = ask_timed(on_embedded, on_embedded.app.test_client(), Ask("sign_in.login", "GET", "/login"))
    check([answered])
    assert answered.answer.status_code == 503
    assert answered.seconds < 2


def test_a_batch_of_the_queue_ends_with_the_functions_time(
    on_embedded: Running, faults: Faults, made: sharing.ShareFiles
) -> None:
    """Every message is named as failed before the function is ended."""
    ends, queue = time.monotonic() + 6.0, "arn:aws:sqs:eu-central-1:123456789012:events"
    sources = Sources(on_embedded.config.files_bucket, on_embedded.config.logs_bucket, "", (queue,))
    delivery = EventContext(on_embedded.portal.services, sources, "request", lambda: ends - time.monotonic())
    arrived = {"bucket": {"name": on_embedded.config.files_bucket}, "object": {"key": made.files[0].key}}
    news = [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Post", "s3": arrived}]
    message = {"eventSource": "aws:sqs", "eventSourceARN": queue, "body": json.dumps({"Records": news})}
    records = [{**message, "messageId": name} for name in "ab"]
    faults.hangs = hang_table(nothing)
    failed = [{"itemIdentifier": name} for name in "ab"]
    assert arrive({"Records": records}, delivery) == {"batchItemFailures": failed}
    assert time.monotonic() < ends
