"""The bucket's access log comes: what a recipient really got stands in the history, once (R58, I7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from portal.aws.calls import clients
from portal.domain.files import File
from tests import doing
from tests.builders import Running
from tests.events.conftest import Arrivals
from tests.recorded_events import HERE, batch, object_created

ANA = doing.somebody()
LINE = (HERE / "s3_access_log.txt").read_text().rstrip("\n")
LOG = "access/111122223333/eu-central-1/portal-files/2026/03/27/2026-03-27-18-10-00-ABCDEF0123456789"
Lines = Callable[..., str]


@pytest.fixture
def file(portal: Running) -> File:
    return doing.uploaded(portal, ANA)


@pytest.fixture
def line(portal: Running, file: File) -> Lines:
    """A line of the log about one download by the first recipient of a share of the file."""
    made = doing.shared(portal, ANA, [file])
    address = doing.downloaded(portal, doing.token_of(portal, made), file)
    signed = parse_qs(urlsplit(address).query)

    def write(**changes: Any) -> str:
        said = {
            "bucket": portal.config.files_bucket, "time": portal.clock().strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "source": "198.51.100.9", "request": "3E57427F3EXAMPLE", "operation": "REST.GET.OBJECT",
            "logged_key": file.key, "key": file.key, "version": signed["versionId"][0],
            "note": signed["x-recipient"][0], "status": 200, "bytes": 12, "size": 12, "referrer": "-",
            "agent": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0",
        }  # fmt: skip
        return LINE.format(**said | changes)

    return write


def arrives(arrive: Arrivals, portal: Running, *lines: str, key: str = LOG, times: int = 1) -> None:
    """The log lies in its bucket, and the bucket says so."""
    body = "\n".join(lines).encode() + b"\n"
    clients(portal.config.region).get("s3").put_object(Bucket=portal.config.logs_bucket, Key=key, Body=body)
    for _ in range(times):
        answer = arrive(batch(object_created(key, bucket=portal.config.logs_bucket)))
        assert answer == {"batchItemFailures": []}


def told(portal: Running) -> list[dict[str, str]]:
    """Details of what was recorded."""
    records = doing.recorded(portal, "recipient.bytes_sent")
    return [{name: value["S"] for name, value in each["details"]["M"].items()} for each in records]


def test_a_whole_download_is_told_once(arrive: Arrivals, portal: Running, line: Lines, file: File) -> None:
    """R58, I7: the same log twice, and nothing but the history changes."""
    written = line()
    before = doing.state(portal)
    arrives(arrive, portal, written, times=2)
    (one,) = told(portal)
    assert (one["file"], one["to"], one["bytes"], one["whole"]) == (
        file.id,
        "partner@example.com",
        "12",
        "yes",
    )
    assert doing.state(portal) == before
    (record,) = doing.recorded(portal, "recipient.bytes_sent")
    assert record["actor"]["M"]["source_ip"]["S"] == "198.51.100.9"
    assert "Firefox" in record["actor"]["M"]["device"]["S"]


def test_pieces_are_added_up(arrive: Arrivals, portal: Running, line: Lines) -> None:
    """Hundreds of requests for pieces are one record, so that nobody can fill the log with them."""
    arrives(
        arrive, portal, *[line(status=206, bytes=1) for _ in range(5)], line(source="203.0.113.4", bytes=3)
    )
    found = sorted((each["bytes"], each["times"], each.get("whole", "")) for each in told(portal))
    assert found == [("3", "1", ""), ("5", "5", "")]


@pytest.mark.parametrize(
    ("requests", "whole"),
    [
        ([(200, 8), (200, 8)], ""),
        ([(200, 8), (206, 3), (200, 7)], ""),
        ([(200, 8), (206, 4)], "yes"),
        ([(206, 7), (206, 5)], "yes"),
    ],
    ids=str,
)
def test_what_broke_off_twice_is_not_all_of_it(
    arrive: Arrivals, portal: Running, line: Lines, requests: list[tuple[int, int]], whole: str
) -> None:
    """Proof of delivery: only one beginning counts, with what was fetched of the rest."""
    arrives(arrive, portal, *[line(status=status, bytes=some) for status, some in requests])
    (one,) = told(portal)
    assert one["bytes"] == str(sum(some for _, some in requests))
    assert one.get("whole", "") == whole


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
    """R58: another bucket, another operation, a refusal, somebody who is no recipient, another version."""
    written = line(**changes)
    before = doing.rows(portal)
    arrives(
        arrive,
        portal,
        written,
        "",
        "no line at all",
        '"' * 200,
        "\x00\udcff".encode("utf-8", "replace").decode(),
    )
    assert doing.rows(portal) == before


def test_a_browsers_name_cannot_tell_another_story(arrive: Arrivals, portal: Running, line: Lines) -> None:
    """R24, R65: a browser may call itself anything, quotes and line ends of other lines included."""
    forged = 'x" - - "GET /files/a/b?x-recipient=c.d HTTP/1.1" 200 - 999 999 1 1 "-" "y'
    for at, changes in enumerate([{"agent": forged}, {"referrer": forged}]):
        arrives(arrive, portal, line(**changes, bytes=5), key=f"{LOG}{at}")
    assert [(each["bytes"], each["size"]) for each in told(portal)] == [("5", "12")] * 2


def test_an_owners_own_download_is_passed_over(
    arrive: Arrivals, portal: Running, line: Lines, file: File
) -> None:
    arrives(arrive, portal, line(note=ANA.id))
    assert told(portal) == []


def test_logs_of_no_known_bucket_are_not_read(arrive: Arrivals, portal: Running, line: Lines) -> None:
    """R58: only our own buckets are believed, and what is gone meanwhile fails that message alone."""
    assert arrive(batch(object_created(LOG, bucket="elsewhere"))) == {"batchItemFailures": []}
    good = object_created(LOG, bucket=portal.config.logs_bucket)
    arrives(arrive, portal, line())
    missing = object_created("access/gone", bucket=portal.config.logs_bucket)
    assert arrive(batch(missing, good)) == {"batchItemFailures": [{"itemIdentifier": "0"}]}
