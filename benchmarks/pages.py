"""What each page costs: AWS calls, milliseconds in process, bytes sent.

    python -m benchmarks.pages [--files 1000] [--people 1]

Runs against embedded AWS on loopback under the role's credentials, so the calls are real HTTP. The
milliseconds hold for one machine and include embedded AWS's own; the ratio to `/healthz` holds more widely.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.aws.client import calls
from portal.aws.client.table import Table
from portal.aws.client.writes import put
from portal.aws.tables.file_search import name_item
from portal.bootstrap import Portal, build
from portal.config.settings import Config
from portal.domain.audit.record import Action, Actor, AuditRecord
from portal.domain.files.file import File, FileState
from portal.domain.ids import derive_person_id, make_sortable_id
from portal.domain.people.person import Person, Session
from portal.domain.people.principal import Principal
from portal.engine.workflow import Request, run
from portal.local.ministack import MiniStack
from portal.local.session import local_portal
from portal.web.app import create_app
from portal.web.identity.cookies import SESSION, cookie_name
from portal.web.identity.sessions import ABSOLUTE, Key
from portal.workflows.shares import sharing

ROUNDS = 15
PAGES = (
    "/healthz", "/", "/files", "/files?sort=name", "/files?q=report", "/shares", "/shared-with-me",
    "/upload", "/shares/new", "/account",
)  # fmt: skip
SENDER = Person(derive_person_id("benchmark", "ana"), "ana", "Ana Lopes", "ana@example.com", True)


@dataclass(frozen=True)
class Cost:
    what: str
    calls: int
    milliseconds: float
    sent: int
    status: int


class Bench:
    """The app in this process, someone signed in, and a counter of AWS calls."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.calls = 0
        self.app = create_app(portal.config, portal.services, portal.sessions)
        self.staff = self.app.test_client()
        calls.session().events.register("before-send", self.count)  # before the first client is made
        self.sign_in()

    def count(self, **_: Any) -> None:
        self.calls += 1

    def sign_in(self) -> None:
        now = self.portal.services.clock()
        record = AuditRecord(now, Action.SIGNED_IN, Actor("person", SENDER.id), SENDER.id)
        self.portal.services.people.record_visit(SENDER, now, record)
        key = Key.new(SENDER.id)
        session = Session(SENDER, "benchmark-csrf-token", now, now, now, now + ABSOLUTE)
        self.portal.sessions.create(key.secret_hash, session)
        self.staff.set_cookie(cookie_name(self.portal.config, SESSION), key.cookie, domain="127.0.0.1")

    def cost(self, what: str, ask: Callable[[], TestResponse]) -> Cost:
        """The median of several rounds after a warm-up; calls are those of the dearest round."""
        ask()
        times, counted, sent, status = [], [], 0, 0
        for _ in range(ROUNDS):
            before, begun = self.calls, time.perf_counter()
            answer = ask()
            times.append((time.perf_counter() - begun) * 1000)
            counted.append(self.calls - before)
            sent, status = len(answer.get_data()), answer.status_code
        return Cost(what, max(counted), statistics.median(times), sent, status)

    def get(self, client: FlaskClient, path: str) -> Callable[[], TestResponse]:
        return lambda: client.get(path, base_url=self.portal.config.public_url)


@contextmanager
def bench() -> Iterator[Bench]:
    with bench_beside_aws() as (made, _):
        yield made


@contextmanager
def bench_beside_aws() -> Iterator[tuple[Bench, MiniStack]]:
    with tempfile.TemporaryDirectory() as folder, local_portal(Path(folder)) as running:
        os.environ.update(running.environment)
        yield Bench(build(Config.from_env(running.environment))), running.aws


def add_files(portal: Portal, count: int) -> list[File]:
    """Rows of ready files, without objects: lists read rows only."""
    now, files = portal.services.clock(), portal.services.files
    table: Table = files.table  # type: ignore[attr-defined]
    made = []
    for number in range(count):
        at = now - timedelta(seconds=count - number)
        name = f"Quarterly report {number:06}.pdf"
        file = File(
            make_sortable_id(at),
            SENDER.id,
            name,
            1000 + number,
            "application/pdf",
            FileState.READY,
            at,
            ready_at=at,
            keep_until=now + timedelta(days=90),
            version_id="1",
            etag="e",
        )
        table.transact([put(files.item(file)), put(name_item(file))])  # type: ignore[attr-defined]
        made.append(file)
    return made


def make_share(
    bench: Bench, files: list[File], *, confirm: bool = False, people: int = 1
) -> sharing.ShareFiles:
    """people: its recipients; the first gets an email, and the sender passes the others' links on."""
    services = bench.portal.services
    now = services.clock()
    others = tuple(f"partner{number}@example.com" for number in range(1, people))
    context = sharing.ShareFiles(
        Request(now, Actor("person", SENDER.id), Principal.in_session(SENDER)),
        submission_id=make_sortable_id(now),
        file_ids=[file.id for file in files], by_hand=others, message="Here it is.",
        recipients_text="\n".join(("partner@example.com", *others)),
        expires_on=None, download_limit=None, confirm=confirm,
    )  # fmt: skip
    return run(sharing.SHARE, context, services)


def token_of(bench: Bench, made: sharing.ShareFiles) -> str:
    recipient = made.recipients[0]
    return bench.portal.services.links.token(made.about, recipient.id, 1, recipient.key_id)


def press(bench: Bench, client: FlaskClient, token: str, file: File) -> Callable[[], TestResponse]:
    """A press of Download, as the page's form sends it, with an attempt of its own each time."""
    page = client.get(f"/d/{token}", base_url=bench.portal.config.public_url).get_data(as_text=True)
    csrf = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]

    def ask() -> TestResponse:
        attempt = make_sortable_id(bench.portal.services.clock())
        fields = {"csrf_token": csrf, "file_id": file.id, "attempt_id": attempt}
        return client.post(f"/d/{token}/download", data=fields, base_url=bench.portal.config.public_url)

    return ask


def costs(bench: Bench, files: list[File], people: int) -> Iterator[Cost]:
    made = make_share(bench, files[:1], people=people)
    token, closed = token_of(bench, made), token_of(bench, make_share(bench, files[:1], confirm=True))
    staff, partner = bench.staff, bench.app.test_client()
    for path in PAGES:
        yield bench.cost(path, bench.get(staff, path))
    yield bench.cost("/files/<id>", bench.get(staff, f"/files/{files[0].id}"))
    yield bench.cost("/shares/<id>", bench.get(staff, f"/shares/{made.about}"))
    yield bench.cost("/d/<token>", bench.get(partner, f"/d/{token}"))
    yield bench.cost("/d/<token> before the code", bench.get(partner, f"/d/{closed}"))
    yield bench.cost("Download (POST)", press(bench, partner, token, files[0]))
    what = f"Share (workflow, 1 file, {people} people, 1 mail)"
    yield bench.cost(what, lambda: shared(bench, files, people))


def shared(bench: Bench, files: list[File], people: int) -> TestResponse:
    make_share(bench, files[:1], people=people)
    return TestResponse([], "200 OK", {}, None)  # type: ignore[arg-type]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=1000, help="files in the list (1000)")
    parser.add_argument("--people", type=int, default=1, help="recipients of the share that is looked at (1)")
    asked = parser.parse_args()
    with bench() as running:
        print(f"{asked.files} files, {asked.people} recipients, median of {ROUNDS} rounds")
        print(f"{'page':<48}{'status':>7}{'AWS calls':>11}{'ms':>9}{'x /healthz':>12}{'bytes':>9}")
        plain = 0.0
        for cost in costs(running, add_files(running.portal, asked.files), asked.people):
            plain = plain or cost.milliseconds
            ratio = cost.milliseconds / plain
            print(
                f"{cost.what:<48}{cost.status:>7}{cost.calls:>11}{cost.milliseconds:>9.1f}{ratio:>12.1f}{cost.sent:>9}"
            )


if __name__ == "__main__":
    main()
