"""Files in parts on embedded AWS, which checks signatures and hashes.

What MiniStack does not do, and S3 does: refuse a part without a hash where the upload asks for one, and check
the hash that the form of a file in one piece names. `tests/web/api/test_upload_many.py` holds that the form
fixes it, and that the portal itself refuses what S3 says has another.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
import requests

from portal.engine.services import Services
from tests.integration.client import Client
from tests.parts import BODIES, EACH, WHOLE, to_base64

pytestmark = pytest.mark.requirement("R30", "R31", "R32")

SHA256 = hashlib.sha256(WHOLE).hexdigest()


@dataclass
class Upload:
    """An upload as the page's script runs it, with nothing but its key once it is announced."""

    client: Client
    told: dict[str, Any]

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        headers = {"Upload-Key": self.told["key"]}
        return requests.request(method, self.client.url + path, json=body, headers=headers, timeout=60)

    def address(self, number: int, body: bytes | None = None) -> dict[str, Any]:
        asked = {"number": number, "sha256": to_base64(BODIES[number - 1] if body is None else body)}
        answer = self.call("POST", self.told["sign"], {"parts": [asked]})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["parts"][0]
        return found

    def put(self, number: int) -> int:
        part = self.address(number)
        body = BODIES[number - 1]
        return requests.put(part["url"], data=body, headers=part["headers"], timeout=60).status_code

    def complete(self) -> requests.Response:
        return self.call("POST", self.told["complete"], {"sha256": SHA256})


def announcing(client: Client, **headers: str) -> Callable[[], Any]:
    """A call that announces the film, to be made once or more often."""
    token = client.get("/account").all("input", name="csrf_token")[0].attributes["value"]
    sent = {"X-CSRFToken": token, "Referer": client.url, **headers}
    sent["Cookie"] = "; ".join(f"{each.name}={each.value}" for each in client.http.cookies)

    def announce() -> Any:
        body = {"name": "film.mov", "size": len(WHOLE)}
        made = requests.post(f"{client.url}/v1/uploads", json=body, headers=sent, timeout=60)
        assert made.status_code == 201, made.text
        return made.json()

    return announce


@pytest.fixture
def upload(signed_in: Callable[..., Client]) -> Upload:
    client = signed_in()
    return Upload(client, announcing(client)())


@pytest.mark.requirement("R37")
def test_announcing_at_once_ten_times_is_announcing_once(signed_in: Callable[..., Client]) -> None:
    """As a browser does that got no answer and asks again while the first call still runs."""
    client = signed_in()
    announce = announcing(client, **{"Idempotency-Key": str(uuid4())})
    with ThreadPoolExecutor(10) as pool:
        made = list(pool.map(lambda _: announce(), range(10)))
    assert len({each["file_id"] for each in made}) == 1
    under_way = client.http.get(f"{client.url}/v1/uploads", timeout=60).json()["uploads"]
    assert [each["file_id"] for each in under_way].count(made[0]["file_id"]) == 1
    assert Upload(client, made[0]).call("DELETE", made[0]["cancel"]).status_code == 204


def test_parts_sent_at_once_become_the_file(upload: Upload) -> None:
    """In parallel and in any order; what is downloaded is what was sent."""
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(upload.put, (3, 2, 1))) == [200] * 3
    told = upload.call("GET", upload.told["state_url"]).json()
    assert [(each["number"], each["size"]) for each in told["parts"]] == [(1, EACH), (2, EACH), (3, 12)]
    assert [each["sha256"] for each in told["parts"]] == list(map(to_base64, BODIES))
    done = upload.complete()
    assert (done.status_code, done.json()["state"], done.json()["sha256"]) == (200, "ready", SHA256)
    page = upload.client.get(f"/files/{upload.told['file_id']}")
    assert SHA256 in page.text
    answer = upload.client.submit(f"/files/{upload.told['file_id']}/download")
    assert hashlib.sha256(answer.content).hexdigest() == SHA256


@pytest.mark.parametrize(
    "sent",
    [b"b" * EACH, b"a" * (EACH - 1), b"a" * EACH + b"!", b""],
    ids=["other bytes", "one less", "one more", "none"],
)
def test_a_part_of_other_bytes_is_refused(upload: Upload, sent: bytes) -> None:
    """Its size and its hash are within the signature; the right one still gets in afterwards."""
    part = upload.address(1)
    refused = requests.put(part["url"], data=sent, headers=part["headers"], timeout=60)
    assert 400 <= refused.status_code < 500, refused.text
    assert upload.call("GET", upload.told["state_url"]).json()["parts"] == []
    assert requests.put(part["url"], data=BODIES[0], headers=part["headers"], timeout=60).status_code == 200


def test_a_changed_address_is_refused(upload: Upload) -> None:
    """Another number, another hash, no hash, another upload: none is what was signed."""
    part, other = upload.address(1), upload.address(2)
    evil = b"z" * EACH
    for url, body, headers in [
        (part["url"].replace("partNumber=1", "partNumber=2"), BODIES[0], part["headers"]),
        (part["url"], evil, {"x-amz-checksum-sha256": to_base64(evil)}),
        (part["url"], evil, {}),
        (other["url"], BODIES[0], part["headers"]),
        (part["url"].replace("uploadId=", "uploadId=0"), BODIES[0], part["headers"]),
    ]:
        assert 400 <= requests.put(url, data=body, headers=headers, timeout=60).status_code < 500, url
    assert upload.call("GET", upload.told["state_url"]).json()["parts"] == []


@pytest.mark.requirement("R29")
def test_completing_at_once_from_ten_places_is_completing_once(upload: Upload) -> None:
    """With the bucket's own event among them."""
    for number in (1, 2, 3):
        upload.put(number)
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: upload.complete(), range(10)))
    assert {each.json()["state"] for each in answers} == {"ready"}, [each.text for each in answers]
    page = upload.client.get(f"/files/{upload.told['file_id']}")
    assert page.text.count("film.mov arrived complete.") == 1


def test_the_buckets_event_takes_the_file_in(upload: Upload, services: Services) -> None:
    """The portal was gone once S3 had put the parts together."""
    for number in (1, 2, 3):
        upload.put(number)
    owner, _, _ = upload.told["key"].partition(".")
    file = services.files.get(owner, upload.told["file_id"])
    assert file is not None
    assert services.parts.finish(file, services.parts.list_parts(file) or []) == "done"
    ends = time.monotonic() + 20
    while file is not None and file.state != "ready" and time.monotonic() < ends:
        time.sleep(0.2)
        file = services.files.get(owner, upload.told["file_id"])
    assert file is not None
    assert (file.state, file.etag[-2:]) == ("ready", "-3")


def test_a_part_after_completion_changes_nothing(upload: Upload) -> None:
    """The address is still valid, and S3 knows its upload no more."""
    late = upload.address(1)
    for number in (1, 2, 3):
        upload.put(number)
    assert upload.complete().json()["state"] == "ready"
    refused = requests.put(late["url"], data=BODIES[0], headers=late["headers"], timeout=60)
    assert refused.status_code == 404
    answer = upload.client.get(f"/files/{upload.told['file_id']}")
    assert "film.mov" in answer.text
    assert upload.call("POST", upload.told["sign"], {"parts": [{"number": 1}]}).status_code == 409


@pytest.mark.requirement("R38")
def test_cancelled_it_takes_no_part_and_leaves_none(upload: Upload, services: Services) -> None:
    """Under the role's own rights."""
    late = upload.address(2)
    upload.put(1)
    owner, _, _ = upload.told["key"].partition(".")
    assert upload.call("DELETE", upload.told["cancel"]).status_code == 204
    assert services.parts.list_uploads(f"files/{owner}/{upload.told['file_id']}") == []  # type: ignore[attr-defined]
    assert requests.put(late["url"], data=BODIES[1], headers=late["headers"], timeout=60).status_code == 404
    assert upload.complete().status_code == 404
