"""The bucket's events: what came is taken in, once, and what nobody announced is not."""

from __future__ import annotations

import json
from urllib.parse import quote_plus

import pytest

from portal.domain.files.file import File, FileState
from portal.domain.ids import make_sortable_id
from tests import actions
from tests.builders import Running
from tests.events.conftest import Arrivals
from tests.recorded_events import batch, load_event, mail_news, object_created

pytestmark = pytest.mark.requirement("R28", "R29", "R58")

ANA = actions.make_person()
BODY = b"twelve bytes"


@pytest.fixture
def sent(portal: Running) -> File:
    """A file that was announced and has come, and that nobody has told the portal of."""
    file = actions.reserve_file(portal, ANA, size=len(BODY))
    actions.put_object(portal, file, BODY)
    return file


def now_of(portal: Running, file: File) -> FileState:
    found = portal.portal.services.files.get(file.owner_id, file.id)
    assert found is not None
    return found.state


@pytest.mark.requirement("I7")
def test_what_came_becomes_ready_once(arrive: Arrivals, portal: Running, sent: File) -> None:
    """Twice in a batch, again later, and again after the browser said so: one record."""
    event = object_created(sent.key)
    for _ in range(2):
        assert arrive(batch(event, event)) == {"batchItemFailures": []}
    actions.complete_upload(portal, ANA, sent)
    assert now_of(portal, sent) is FileState.READY
    assert len(actions.list_records(portal, "file.upload_completed")) == 1


def test_straight_from_the_bucket(arrive: Arrivals, portal: Running, sent: File) -> None:
    """The same event, where the bucket is wired to the function itself."""
    assert arrive(object_created(sent.key)) == {}
    assert now_of(portal, sent) is FileState.READY


def test_an_encoded_key(arrive: Arrivals, portal: Running, sent: File) -> None:
    """Keys come encoded as in a query."""
    arrive(batch(object_created(quote_plus(sent.key))))
    assert now_of(portal, sent) is FileState.READY


def test_word_before_the_object_changes_nothing(arrive: Arrivals, portal: Running) -> None:
    """Early events are no failures, and do not spoil the late one."""
    file = actions.reserve_file(portal, ANA, size=len(BODY))
    assert arrive(batch(object_created(file.key))) == {"batchItemFailures": []}
    assert now_of(portal, file) is FileState.PENDING
    actions.put_object(portal, file, BODY)
    arrive(batch(object_created(file.key)))
    assert now_of(portal, file) is FileState.READY


def test_what_is_not_as_announced_is_refused(arrive: Arrivals, portal: Running) -> None:
    """Another size than announced; the bytes go."""
    file = actions.reserve_file(portal, ANA, size=len(BODY))
    actions.put_object(portal, file, BODY + b"!")
    arrive(batch(object_created(file.key)))
    assert now_of(portal, file) is FileState.REJECTED
    assert actions.list_objects(portal) == []


def test_another_bucket_says_nothing_here(arrive: Arrivals, portal: Running, sent: File) -> None:
    """Only our own bucket is believed, however right its key looks."""
    assert arrive(batch(object_created(sent.key, bucket="elsewhere"))) == {"batchItemFailures": []}
    assert now_of(portal, sent) is FileState.PENDING


STRANGE_KEYS = [
    "", "x", "files/../files", "files/a/b", "other/{owner}/{id}", "files/{owner}/{id}/x",
    "files/{id}/{owner}", "files/{owner}/{new}", "files/%2E%2E/{id}", "files/+/%C3%A4%FF", "%00",
    "files/{owner}/{id}%00",
]  # fmt: skip


def test_keys_nobody_announced_change_nothing(arrive: Arrivals, portal: Running, sent: File) -> None:
    """An object under any other key never becomes a file, and is no failure either."""
    before = actions.list_rows(portal)
    for key in STRANGE_KEYS:
        named = key.format(owner=sent.owner_id, id=sent.id, new=make_sortable_id(portal.clock()))
        assert arrive(batch(object_created(named))) == {"batchItemFailures": []}, key
        assert actions.list_rows(portal) == before, key


def test_the_buckets_first_word_and_removals_change_nothing(
    arrive: Arrivals, portal: Running, sent: File
) -> None:
    """S3's test event, and what the portal itself removed."""
    removed = object_created(sent.key)
    removed["Records"][0]["eventName"] = "ObjectRemoved:Delete"
    before = actions.list_rows(portal)
    assert arrive(batch(load_event("s3_test_event"), removed)) == {"batchItemFailures": []}
    assert actions.list_rows(portal) == before


def test_one_bad_record_keeps_no_other_back(arrive: Arrivals, portal: Running, sent: File) -> None:
    """Neither within one notification nor within one batch; the bad one alone comes again."""
    event = object_created(sent.key)
    event["Records"].insert(0, {"eventSource": "aws:s3", "s3": {}})
    assert arrive(batch("{", event, mail_news("ses_delivery"), json.dumps([1]))) == {
        "batchItemFailures": [{"itemIdentifier": place} for place in ("0", "1", "3")]
    }
    assert now_of(portal, sent) is FileState.READY
