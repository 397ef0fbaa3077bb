"""What the signed form of an upload lets into the bucket: one refusal for each condition.

On embedded AWS, which enforces the policy of a POST; the form is the portal's own, signed by its role.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from portal.local.people import STAFF
from portal.local.session import LocalPortal
from tests.deployed.visitor import Visitor

pytestmark = pytest.mark.requirement("R27", "R28", "R29", "R30")

BODY = b"twelve bytes"

# Signs a form that is valid for one second, as the portal does, with the role that its process has.
SHORT_FORM = """
import dataclasses, json, os
from datetime import UTC, datetime
from portal.bootstrap import build
from portal.config.settings import Config
from portal.domain.files.file import File, FileState
file = File("0" * 26, "1" * 26, "a.pdf", 12, "application/pdf", FileState.PENDING, datetime.now(UTC))
form = build(Config.from_env(os.environ)).services.objects.post_form(file, None, 1)
print(json.dumps(dataclasses.asdict(form)))
"""


@dataclass
class Staff:
    """A member of staff whose script announces and confirms uploads."""

    visitor: Visitor
    token: str

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        headers = {"X-CSRFToken": self.token, "Referer": self.visitor.url}
        address = self.visitor.url + path
        return self.visitor.session.request(method, address, json=body, headers=headers, timeout=20)

    def announce(self, name: str = "report.pdf") -> dict[str, Any]:
        answer = self.call("POST", "/v1/uploads", {"name": name, "size": len(BODY)})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture(scope="module")
def staff(local: LocalPortal) -> Staff:
    visitor = Visitor(local.url)
    visitor.open("/upload")
    visitor.submit("", username=STAFF.email, password=STAFF.password)
    told = json.loads(visitor.document.one("div", id="uploader").attributes["data-upload"])
    return Staff(visitor, told["token"])


def post(form: dict[str, Any], body: bytes = BODY) -> int:
    return requests.post(
        form["url"], data=form["fields"], files={"file": ("any", body)}, timeout=20
    ).status_code


def list_versions(local: LocalPortal, key: str) -> list[Any]:
    s3 = local.aws.session().client("s3")
    found = s3.list_object_versions(Bucket=local.environment["PORTAL_FILES_BUCKET"], Prefix=key)
    return list(found.get("Versions", []))


def test_what_was_announced_is_let_in_and_becomes_a_file(staff: Staff) -> None:
    form = staff.announce()
    assert post(form) == 201
    assert staff.call("POST", form["complete"]).json()["state"] == "ready"


CHANGES: dict[str, dict[str, str | None]] = {
    "another key": {"key": "files/{owner}/00000000000000000000000000"},
    "somebody else's key": {"key": "files/00000000000000000000000000/{file}"},
    "another type": {"Content-Type": "text/html"},
    "another owner": {"x-amz-meta-owner": "0" * 26},
    "another file": {"x-amz-meta-file": "0" * 26},
    "another answer": {"success_action_status": "200"},
    "a further field": {"x-amz-meta-more": "1"},
    "made public": {"acl": "public-read"},
    "a redirect": {"success_action_redirect": "https://evil.example/"},
    "no owner": {"x-amz-meta-owner": None},
    "no type": {"Content-Type": None},
    "no policy": {"policy": None},
    "no signature": {"x-amz-signature": None},
    "another signature": {"x-amz-signature": "0" * 64},
    "another day": {"x-amz-date": "20200101T000000Z"},
    "no session": {"x-amz-security-token": None},
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_form_is_refused(staff: Staff, local: LocalPortal, change: str) -> None:
    """Each field is fixed by a condition, and no other may come along."""
    form = staff.announce()
    fields = form["fields"]
    names = {"owner": fields["x-amz-meta-owner"], "file": form["file_id"]}
    for name, value in CHANGES[change].items():
        fields[name] = value.format(**names) if value is not None else None
    form["fields"] = {name: value for name, value in fields.items() if value is not None}
    assert 400 <= post(form) < 500
    assert list_versions(local, fields["key"]) == []
    assert staff.call("POST", form["complete"]).status_code == 202


@pytest.mark.parametrize("body", [b"", BODY[:-1], BODY + b"!"], ids=["empty", "one less", "one more"])
def test_another_size_is_refused(staff: Staff, local: LocalPortal, body: bytes) -> None:
    """The range is exactly what was announced."""
    form = staff.announce()
    assert 400 <= post(form, body) < 500
    assert list_versions(local, form["fields"]["key"]) == []


def test_another_bucket_is_refused(staff: Staff, local: LocalPortal) -> None:
    form = staff.announce()
    files, logs = local.environment["PORTAL_FILES_BUCKET"], local.environment["PORTAL_LOGS_BUCKET"]
    assert files in form["url"]
    form["url"] = form["url"].replace(files, logs)
    assert 400 <= post(form) < 500


def test_a_form_is_refused_once_its_time_is_over(local: LocalPortal) -> None:
    command = [sys.executable, "-c", SHORT_FORM]
    made = subprocess.run(command, env=dict(local.environment), capture_output=True, text=True, check=True)
    form = json.loads(made.stdout)
    time.sleep(1.5)
    assert post(form) == 403
    assert list_versions(local, form["fields"]["key"]) == []


def test_completing_at_once_from_ten_places_is_completing_once(staff: Staff) -> None:
    """Ten calls and the bucket's own event, in any order, make one record."""
    form = staff.announce("once.pdf")
    assert post(form) == 201
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: staff.call("POST", form["complete"]), range(10)))
    assert {(each.status_code, each.json()["state"]) for each in answers} == {(200, "ready")}
    page = staff.visitor.open(f"/files/{form['file_id']}")
    assert page.text.count("once.pdf arrived complete.") == 1


def test_what_is_posted_later_is_never_served(staff: Staff, local: LocalPortal) -> None:
    """The form still works for ten minutes, but the file stays what it was, and what came later goes."""
    form = staff.announce()
    assert post(form) == 201
    assert staff.call("POST", form["complete"]).json()["state"] == "ready"
    [taken_in] = list_versions(local, form["fields"]["key"])
    assert post(form, b"evil twelve!") == 201
    kept = list_versions(local, form["fields"]["key"])
    ends = time.monotonic() + 15
    while len(kept) != 1 and time.monotonic() < ends:  # until the bucket's event was heard
        time.sleep(0.2)
        kept = list_versions(local, form["fields"]["key"])
    assert [each["VersionId"] for each in kept] == [taken_in["VersionId"]]
    assert staff.call("POST", form["complete"]).json()["state"] == "ready"
    staff.visitor.open(f"/files/{form['file_id']}")
    staff.visitor.submit(f"/files/{form['file_id']}/download")
    assert staff.visitor.page.content == BODY
