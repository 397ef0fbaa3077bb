"""What was sent to partners, for pictures of what they see: each link in a state of its own.

Made by the workflows beside a running portal, as its own people would make it, some of it days ago.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from portal.aws.client import calls
from portal.bootstrap import Portal, build
from portal.config.settings import Config
from portal.domain.audit.record import Actor
from portal.domain.files.file import File
from portal.domain.ids import derive_person_id, make_sortable_id
from portal.domain.mail.notifications import NotificationKind
from portal.domain.people.person import Person, Role
from portal.domain.people.principal import Principal
from portal.engine.workflow import Request, run
from portal.workflows.links import download
from portal.workflows.shares import access_requests, revoke, sharing
from portal.workflows.uploads import announcing, completion

SUBJECT = "ana.lopes@example.org"
ANA = Person(
    derive_person_id("https://id.example.org", SUBJECT),
    SUBJECT,
    "Ana Lopes",
    SUBJECT,
    True,
    frozenset({Role.STAFF}),
)
BEN = "ben@partner.example"
MESSAGE = "Here are the drawings we talked about.\nPlease check the stairs before Thursday."
TOLD = "stairs before Thursday"
KILO = 1000
FACADES = ("North", "South")
PLAN = "Site plan.png"
BODIES = {
    "Cost estimate.xlsx": b"\x01" * 184 * KILO, "Walk through the ground floor.mp4": b"\x01" * 7_100 * KILO,
    "Minutes of the kick-off.docx": b"\x01" * 46 * KILO,
}  # fmt: skip


def links(environment: Mapping[str, str], plan: bytes) -> dict[str, str]:
    """The paths of the links by what they are in; `environment` is the running portal's, `plan` a picture."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        os.environ.pop(name, None)
    os.environ.update({name: value for name, value in environment.items() if name.startswith("AWS_")})
    calls.forget()  # it remembers whose keys it found first
    ana = Sender(build(Config.from_env(environment)))
    plan_file, several = ana.upload(PLAN, plan), [ana.upload(name, body) for name, body in BODIES.items()]
    facades = [ana.upload(f"{each} facade.jpg", b"\x02" * 800 * KILO, "Drawings/Facades") for each in FACADES]
    made = {
        "one": ana.share([plan_file], download_limit=3),
        "several": ana.share(several),
        "folders": ana.share([ana.upload(PLAN, plan, "Drawings"), *facades, several[0]]),
        "used": ana.share(several[:2], download_limit=1),
        "code": ana.share([plan_file], confirm=True),
        "password": ana.share([plan_file], password=TOLD),
        "spent": ana.share([plan_file], download_limit=1),
        "withdrawn": ana.share([plan_file]),
    }
    ana.download(made["used"], several[0])
    ana.download(made["spent"], plan_file)
    ana.act(revoke.WITHDRAW_SHARE, revoke.Withdraw, share_id=made["withdrawn"].about)
    lately = replace(ana, now=ana.now - timedelta(days=9))
    made |= {name: lately.share([plan_file]) for name in ("expired", "asked", "declined")}
    for name in ("asked", "declined"):
        ana.ask(made[name])
    recipient = made["declined"].recipients[0]
    ana.act(
        access_requests.DECLINE_REQUEST,
        access_requests.AnswerRequest,
        share_id=recipient.share_id,
        recipient_id=recipient.id,
    )
    mails = ana.portal.services.switches.token(ANA.id, [NotificationKind.DOWNLOADED])
    return {name: f"/d/{ana.token(each)}" for name, each in made.items()} | {"mails": f"/mails/{mails}"}


@dataclass(frozen=True)
class Sender:
    """What Ana does, and what her partner does with it."""

    portal: Portal
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def act(self, workflow: Any, context: type[Any], **fields: Any) -> Any:
        asked = context(
            Request(self.now, Actor("person", ANA.id, ANA.name), Principal.in_session(ANA), "docs"), **fields
        )
        return run(workflow, asked, self.portal.services)

    def upload(self, name: str, body: bytes, folder: str = "") -> File:
        announced = announcing.Announced(name, len(body), folder, hashlib.sha256(body).hexdigest())
        (file,) = self.act(announcing.RESERVE, announcing.Reserve, announced=(announced,)).files
        objects: Any = self.portal.services.objects
        objects.clients.get("s3").put_object(
            Bucket=self.portal.config.files_bucket, Key=file.key, Body=body, ContentType=file.content_type,
            Metadata={"file": file.id, "owner": file.owner_id},
        )  # fmt: skip
        done = self.act(completion.COMPLETE, completion.Complete, owner_id=ANA.id, file_id=file.id)
        stored: File = done.required_file
        return stored

    def share(self, files: list[File], **rules: Any) -> sharing.ShareFiles:
        asked = {
            "submission_id": make_sortable_id(self.now), "file_ids": [file.id for file in files],
            "recipients_text": BEN, "message": MESSAGE, "expires_on": None, "download_limit": None,
            "zone": "Europe/Berlin",
        }  # fmt: skip
        made: sharing.ShareFiles = self.act(sharing.SHARE, sharing.ShareFiles, **asked | rules)
        return made

    def token(self, made: sharing.ShareFiles) -> str:
        each = made.recipients[0]
        return self.portal.services.links.token(each.share_id, each.id, each.generation, each.key_id)

    def download(self, made: sharing.ShareFiles, file: File) -> None:
        attempt = make_sortable_id(self.now)
        fields = {"token": self.token(made), "file_id": file.id, "attempt_id": attempt}
        self.visit(download.DOWNLOAD, download.Download, **fields)

    def ask(self, made: sharing.ShareFiles) -> None:
        note = "The plan came back from the structural engineer, and we need it once more."
        self.visit(
            access_requests.ASK_FOR_MORE, access_requests.AskForMore, token=self.token(made), note=note
        )

    def visit(self, workflow: Any, context: type[Any], **fields: Any) -> None:
        run(workflow, context(Request(self.now, Actor("visitor", "visitor")), **fields), self.portal.services)
