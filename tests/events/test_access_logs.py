"""The bucket's access log comes: what a recipient really got stands in the history, once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal.aws.client.calls import clients
from portal.domain.files.file import File
from portal.domain.links.access_logs import merge_fetches, parse_fetch
from tests import actions
from tests.builders import Running
from tests.events.conftest import Arrivals
from tests.recorded_events import HERE, batch, object_created

pytestmark = pytest.mark.requirement("R58", "I7")

ANA = actions.make_person()
LINE = (HERE / "s3_access_log.txt").read_text().rstrip("\n")
LOG = "access/111122223333/eu-central-1/portal-files/2026/03/27/2026-03-27-18-10-00-ABCDEF0123456789"
Lines = Callable[..., str]


@pytest.fixture
def file(portal: Running) -> File:
    return actions.upload_file(portal, ANA)


@pytest.fixture
def line(portal: Running, file: File) -> Lines:
    """A line of the log about one download by the first recipient of a share of the file."""
    made = actions.share_files(portal, ANA, [file])
    address = actions.download_file(portal, actions.link_token(portal, made), file)
    signed = parse_qs(urlsplit(address).query)

    def write(**changes: Any) -> str:
        known = {
            "time": portal.clock().strftime("%d/%b/%Y:%H:%M:%S +0000"), "logged_key": file.key,
            "key": file.key, "version": signed["versionId"][0], "note": signed["x-recipient"][0],
        }  # fmt: skip
        return LINE.format(**fields(portal.config.files_bucket) | known | changes)

    return write


def list_facts(portal: Running) -> list[dict[str, Any]]:
    """Every item but that which says when a log came last."""
    return [item for item in actions.list_rows(portal) if item["pk"]["S"] != "SERVICE"]


def fields(bucket: str) -> dict[str, Any]:
    """What a line says of a whole download."""
    return {
        "bucket": bucket, "time": "27/Mar/2026:18:00:02 +0000", "source": "198.51.100.9",
        "request": "3E57427F3EXAMPLE", "operation": "REST.GET.OBJECT", "logged_key": "files/a/b",
        "key": "files/a/b", "version": "v1", "note": "a.b", "status": 200, "bytes": 12, "size": 12,
        "referrer": "-", "agent": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0",
    }  # fmt: skip


def arrives(arrive: Arrivals, portal: Running, *lines: str, key: str = LOG, times: int = 1) -> None:
    """The log lies in its bucket, and the bucket says so."""
    body = "\n".join(lines).encode() + b"\n"
    clients(portal.config.region).get("s3").put_object(Bucket=portal.config.logs_bucket, Key=key, Body=body)
    for _ in range(times):
        answer = arrive(batch(object_created(key, bucket=portal.config.logs_bucket)))
        assert answer == {"batchItemFailures": []}


def list_recorded(portal: Running) -> list[dict[str, str]]:
    """Details of what was recorded."""
    records = actions.list_records(portal, "recipient.bytes_sent")
    return [{name: value["S"] for name, value in each["details"]["M"].items()} for each in records]


@pytest.mark.requirement("R79")
def test_a_whole_download_is_told_once(arrive: Arrivals, portal: Running, line: Lines, file: File) -> None:
    """The same log twice; nothing changes but the history, and that the press is over."""
    written = line()
    before = actions.read_state(portal)
    arrives(arrive, portal, written)
    after = actions.read_state(portal)
    assert [each for each in after if "delivered_at" not in each] == before
    arrives(arrive, portal, written)
    (one,) = list_recorded(portal)
    assert (one["file"], one["to"], one["bytes"], one["complete"]) == (
        file.id,
        "partner@example.com",
        "12",
        "yes",
    )
    assert actions.read_state(portal) == after
    (record,) = actions.list_records(portal, "recipient.bytes_sent")
    assert record["actor"]["M"]["source_ip"]["S"] == "198.51.100.9"
    assert "Firefox" in record["actor"]["M"]["device"]["S"]


def test_pieces_are_added_up(arrive: Arrivals, portal: Running, line: Lines) -> None:
    """Hundreds of requests for pieces are one record, so that nobody can fill the log with them."""
    arrives(
        arrive, portal, *[line(status=206, bytes=1) for _ in range(5)], line(source="203.0.113.4", bytes=3)
    )
    found = sorted((each["bytes"], each["times"], each.get("complete", "")) for each in list_recorded(portal))
    assert found == [("3", "1", ""), ("5", "5", "")]


SIZE = 12  # of the file
Answer = tuple[int, int]  # status, bytes
answers = st.one_of(
    st.tuples(st.just(200), st.integers(1, SIZE)), st.tuples(st.just(206), st.integers(1, SIZE))
)


@pytest.mark.requirement("R78")
@settings(deadline=None)
@given(st.lists(answers, min_size=1, max_size=30))
@example([(206, 8), (206, 8)])  # the first two thirds twice
@example([(206, 6), (206, 6)])  # half of it twice, or both halves
@example([(200, 8), (200, 8)])
@example([(200, 8), (206, 4)])  # broken off; then the rest, or something of the beginning
@example([(200, 5), (200, 12)])
@example([(206, 12)])  # a range over the whole file
def test_complete_is_claimed_only_for_one_answer_of_the_whole_file(requests: list[Answer]) -> None:
    """An answer has a length and no place, so that only one as long as the file proves the file."""
    lines = [
        LINE.format(**fields("portal-files") | {"status": status, "bytes": some}) for status, some in requests
    ]
    (fetch,) = merge_fetches(each for each in (parse_fetch(line, "portal-files") for line in lines) if each)
    assert fetch.is_complete(SIZE) == any(some == SIZE for _, some in requests)
    assert (fetch.bytes, fetch.times) == (sum(some for _, some in requests), len(requests))


@pytest.mark.requirement("R78")
def test_the_first_part_fetched_twice_is_not_the_file(arrive: Arrivals, portal: Running, line: Lines) -> None:
    """In one log or in two: what adds up to the size of the file, or to more, is no proof."""
    arrives(arrive, portal, line(status=206, bytes=8), line(status=206, bytes=8))
    arrives(arrive, portal, line(status=206, bytes=4), key=f"{LOG}2")
    assert {(each["bytes"], each["times"]) for each in list_recorded(portal)} == {("16", "2"), ("4", "1")}
    assert not [each for each in list_recorded(portal) if "complete" in each]


@pytest.mark.parametrize(
    "changes",
    [
        {"bucket": "elsewhere"}, {"operation": "REST.PUT.OBJECT"}, {"operation": "REST.HEAD.OBJECT"},
        {"status": 403}, {"status": 304}, {"bytes": "-"}, {"note": ""}, {"note": "portal"},
        {"note": "." * 53}, {"note": "0" * 26 + "." + "0" * 26}, {"version": "another"},
        {"key": "files/someone/else"}, {"time": "27/Nope/2026:00:00:00 +0000"},
    ],
    ids=str,
)  # fmt: skip
def test_what_proves_nothing_changes_nothing(
    arrive: Arrivals, portal: Running, line: Lines, changes: dict[str, Any]
) -> None:
    """Another bucket, another operation, a refusal, someone who is no recipient, another version."""
    written = line(**changes)
    before = list_facts(portal)
    arrives(
        arrive,
        portal,
        written,
        "",
        "no line at all",
        '"' * 200,
        "\x00\udcff".encode("utf-8", "replace").decode(),
    )
    assert list_facts(portal) == before


@pytest.mark.requirement("R24", "R65")
def test_a_browsers_name_cannot_tell_another_story(arrive: Arrivals, portal: Running, line: Lines) -> None:
    """A browser may call itself anything, quotes and line ends of other lines included."""
    forged = 'x" - - "GET /files/a/b?x-recipient=c.d HTTP/1.1" 200 - 999 999 1 1 "-" "y'
    for at, changes in enumerate([{"agent": forged}, {"referrer": forged}]):
        arrives(arrive, portal, line(**changes, bytes=5), key=f"{LOG}{at}")
    assert [(each["bytes"], each["size"]) for each in list_recorded(portal)] == [("5", "12")] * 2


def test_an_owners_own_download_is_passed_over(
    arrive: Arrivals, portal: Running, line: Lines, file: File
) -> None:
    arrives(arrive, portal, line(note=ANA.id))
    assert list_recorded(portal) == []


def test_logs_of_no_known_bucket_are_not_read(arrive: Arrivals, portal: Running, line: Lines) -> None:
    """Only our own buckets are believed, and what is gone in the meantime fails that message alone."""
    assert arrive(batch(object_created(LOG, bucket="elsewhere"))) == {"batchItemFailures": []}
    good = object_created(LOG, bucket=portal.config.logs_bucket)
    arrives(arrive, portal, line())
    missing = object_created("access/gone", bucket=portal.config.logs_bucket)
    assert arrive(batch(missing, good)) == {"batchItemFailures": [{"itemIdentifier": "0"}]}
