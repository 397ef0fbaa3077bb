"""Any one answer of a write is lost, in any workflow: the SDK repeats it, and nothing comes of that."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest

from portal.aws.client import calls
from portal.bootstrap import WORKFLOWS
from portal.domain.errors import Refusal
from portal.local.session import LocalPortal
from tests.actions import list_rows
from tests.aws.file_acts import ACTS
from tests.aws.people_acts import IN_POOL
from tests.builders import Clock, Running, make_resources, make_running
from tests.parts import SMALL

pytestmark = pytest.mark.requirement("R74", "T9")
SERVICES = ("dynamodb", "s3")
WRITES = {
    "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems",
    "CreateMultipartUpload", "CompleteMultipartUpload", "AbortMultipartUpload", "CopyObject", "DeleteObject",
}  # fmt: skip
TABLES = count()
# What is another one each time: ids, hashes, secrets, versions, shards of audit records, lists and openings.
CHANGING = re.compile(
    r"[0-9A-Za-z_-]{14,}|(?<=AUDIT#)[0-9-]{10}#\d|(?<=EVERYONE#)[A-Z]+#[a-z]+#\d"
    r"|(?<=SEEN#.{26}'}, 'sk': {'S': ')\d"
)


@pytest.fixture
def root(local: LocalPortal, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalPortal]:
    """Embedded AWS under its root key: each run has a table of its own."""
    keys = local.aws.session().get_credentials()
    assert keys is not None
    monkeypatch.setenv("AWS_ENDPOINT_URL", local.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys.secret_key)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    calls.forget()
    yield local
    calls.forget()


def fresh(root: LocalPortal) -> Running:
    """A portal with nothing in it."""
    number = next(TABLES)
    changes = {
        "AWS_ENDPOINT_URL": root.endpoint, "PORTAL_TABLE": f"lost-{number}",
        "PORTAL_FILES_BUCKET": f"lost-files-{number}", "PORTAL_LOGS_BUCKET": f"lost-logs-{number}", **SMALL,
    }  # fmt: skip
    made = make_running(Clock(), **changes)
    make_resources(made.config)
    return made


@contextmanager
def losing(running: Running, place: int | None) -> Iterator[list[str]]:
    """Lose the answer of the write at this place; yields the writes' names. What was done is asked for again
    under the same token, as the SDK does after a connection that ended before its answer.
    """
    made: list[str] = []

    def again(operation: Any, attempts: int, caught_exception: Any, **_: Any) -> int | None:
        if operation.name not in WRITES or caught_exception or attempts > 1:
            return None
        made.append(operation.name)
        return 0 if len(made) - 1 == place else None

    clients = calls.clients(running.config.region, running.config.s3_endpoint_url)
    events = [clients.get(each).meta.events for each in SERVICES]
    for each in events:
        each.register_first("needs-retry", again, unique_id="lose")
    try:
        yield made
    finally:
        for each in events:
            each.unregister("needs-retry", unique_id="lose")


def outcome(
    root: LocalPortal, workflow: str, place: int | None = None
) -> tuple[str, Counter[str], list[str]]:
    """What one run comes to: how it ends, what is in the table then, and which writes it made."""
    here = fresh(root)
    scenario = ACTS[workflow](here)
    next(scenario)
    ended = "done"
    with losing(here, place) as writes:
        try:
            next(scenario, None)
        except Refusal as refusal:
            ended = refusal.reason
    return ended, Counter(map(leave_out_chance, merge_shards(list_rows(here)))), writes


def merge_shards(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The shards of the totals as one: which of them is taken is chance."""
    sums: Counter[str] = Counter()
    for each in items:
        if each["sk"] == {"S": "TOTALS"}:
            sums.update({name: int(value["N"]) for name, value in each.items() if "N" in value})
    return [dict(sums), *(each for each in items if each["sk"] != {"S": "TOTALS"})]


def leave_out_chance(item: dict[str, Any]) -> str:
    kept = {name: value for name, value in sorted(item.items()) if name not in {"write_id", "password_hash"}}
    return CHANGING.sub("*", str(kept))


def test_every_workflow_has_an_act() -> None:
    assert ACTS.keys() >= WORKFLOWS - IN_POOL


@pytest.mark.parametrize("workflow", sorted(ACTS))
def test_a_lost_answer_changes_nothing(root: LocalPortal, workflow: str) -> None:
    ended, state, writes = outcome(root, workflow)
    assert ended == "done"
    assert writes or workflow in {"sign_form"}
    for place, name in enumerate(writes):
        again, state_again, _ = outcome(root, workflow, place)
        assert again == ended, f"{name}, write {place} of {writes}"
        assert state_again - state == state - state_again, f"{name}, write {place} of {writes}"
