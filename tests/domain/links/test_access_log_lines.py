"""Every field of S3's access log, whatever a request put into it."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.links.access_log_lines import LogLine, parse_line
from portal.domain.links.access_logs import parse_fetch
from tests.recorded_events import HERE

pytestmark = pytest.mark.requirement("R58")
# The first example of the user guide.
EXAMPLE = (
    "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be amzn-s3-demo-bucket1 "
    "[06/Feb/2019:00:00:38 +0000] 192.0.2.3 79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be "
    '3E57427F3EXAMPLE REST.GET.VERSIONING - "GET /amzn-s3-demo-bucket1?versioning HTTP/1.1" 200 - 113 - 7 - '
    '"-" "S3Console/0.4" - s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234= '
    "SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader amzn-s3-demo-bucket1.s3.us-west-1.amazonaws.com TLSV1.2 "
    "arn:aws:s3:us-west-1:123456789012:accesspoint/example-AP Yes"
)
RECORDED = (HERE / "s3_access_log.txt").read_text().rstrip("\n")


def test_the_documented_example_is_read_field_by_field() -> None:
    owner = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
    at = datetime(2019, 2, 6, 0, 0, 38, tzinfo=UTC)
    host_id = "s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234="
    assert parse_line(EXAMPLE) == LogLine(
        owner, "amzn-s3-demo-bucket1", at, "192.0.2.3", owner, "3E57427F3EXAMPLE", "REST.GET.VERSIONING", "",
        "GET", "/amzn-s3-demo-bucket1?versioning", "HTTP/1.1", 200, "", 113, None, 7, None, "",
        "S3Console/0.4", "", host_id, "SigV4", "ECDHE-RSA-AES128-GCM-SHA256", "AuthHeader",
        "amzn-s3-demo-bucket1.s3.us-west-1.amazonaws.com", "TLSV1.2",
        "arn:aws:s3:us-west-1:123456789012:accesspoint/example-AP", "Yes",
    )  # fmt: skip


def write_line(
    name: str = "a.pdf", agent: str = "-", referrer: str = "-", status: int = 200, sent: str = "12",
    disposition: str = "attachment",
) -> str:  # fmt: skip
    said = quote(f'{disposition}; filename="{name}"', safe="")
    line = RECORDED.replace("attachment%3B%20filename%3D%22report.pdf%22", said)
    return line.format(
        bucket="files", time="27/Mar/2026:18:00:02 +0000", source="198.51.100.9", request="R",
        operation="REST.GET.OBJECT", logged_key="files/a/b", key="files/a/b", version="v1", note="share.ben",
        status=status, bytes=sent, size=12, referrer=referrer, agent=agent,
    )  # fmt: skip


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)


@given(WORDS, WORDS, st.integers(0, 10**15))
def test_what_people_write_moves_no_field(name: str, agent: str, sent: int) -> None:
    """File names with blanks, ampersands and quotes; browsers that call themselves anything."""
    found = parse_line(write_line(name, agent, sent=str(sent)))
    assert found is not None
    assert (found.status, found.bytes_sent, found.object_size) == (200, sent, 12)
    assert (found.version_id, found.tls_version, found.acl_required) == ("v1", "TLSV1.3", "")
    assert found.agent == ("" if agent == "-" else agent)
    fetch = parse_fetch(write_line(name, agent, sent=str(sent)), "files")
    assert fetch is not None
    assert (fetch.share_id, fetch.recipient_id, fetch.bytes, fetch.is_preview) == (
        "share",
        "ben",
        sent,
        False,
    )


@pytest.mark.parametrize("agent", ['" 200 - 99 99 1 1 "-" "', 'x" v9 host SigV9 -', "\\", '"', "a\tb"])
def test_a_hostile_browser_stays_a_browser(agent: str) -> None:
    found = parse_line(write_line(agent=agent, referrer='https://x/?"a" "b"'))
    assert found is not None
    assert (found.bytes_sent, found.version_id, found.tls_version) == (12, "v1", "TLSV1.3")


@given(st.integers(0, len(RECORDED) + 200))
def test_a_cut_line_is_none_or_says_what_the_whole_one_says(length: int) -> None:
    whole = parse_line(write_line())
    found = parse_line(write_line()[:length])
    assert whole is not None
    assert found is None or (found.bytes_sent, found.address) == (whole.bytes_sent, whole.address)


@given(st.text(max_size=200))
def test_any_text_is_read_without_failing(text: str) -> None:
    parse_fetch(text, "files")
    parse_fetch(write_line().replace("/files/a/b?", text), "files")
    parse_line("x" * 100_000)


@pytest.mark.parametrize(
    ("status", "sent", "broken"), [(200, "11", 1), (200, "12", 0), (206, "5", 0), (200, "0", 1)]
)
def test_an_answer_that_ends_early_is_broken_off(status: int, sent: str, broken: int) -> None:
    """Of a range nobody knows how long it was to be."""
    found = parse_fetch(write_line(status=status, sent=sent), "files")
    assert found is not None
    assert (found.broken, found.is_broken_off(12)) == (broken, bool(broken))
    shown = parse_fetch(write_line(status=status, sent=sent, disposition="inline"), "files")
    assert shown is not None
    assert shown.is_preview
    assert not shown.is_broken_off(12)


def test_what_the_log_does_not_say_is_none() -> None:
    """Neither a size nor a time that no machine could hold is made up, and without them nothing broke off."""
    for line in (EXAMPLE, write_line(sent="-")):
        found = parse_line(line)
        assert found is not None
        assert not found.is_broken_off
    for digits in (18, 19):
        found = parse_line(write_line(sent="9" * digits))
        assert found is not None
        assert found.bytes_sent == (10**18 - 1 if digits == 18 else None)
    assert (
        parse_line(write_line().replace("27/Mar/2026:18:00:02 +0000", "01/Jan/0001:00:00:00 +2359")) is None
    )
