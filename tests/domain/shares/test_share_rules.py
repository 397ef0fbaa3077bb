"""What a share may say and ask for, to the last character; what a draft holds; when a share is open."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal.domain.errors import Invalid
from portal.domain.files.file import SHOWN_PDF_BYTES, SharedFile
from portal.domain.policy.limits import Limits
from portal.domain.shares import share_rules
from portal.domain.shares.drafts import Draft
from portal.domain.shares.share import Recipient, Share, ShareState

LIMITS = Limits(max_message_characters=5, max_download_limit=3)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PDF = SharedFile("one", "a.pdf", 7, "application/pdf", "v", "key")
SHARE = Share("share", "owner", "Ana Lopes", "ana@example.org", (PDF, PDF), "", NOW, NOW)


@pytest.mark.parametrize(
    ("rule", "allowed", "refused"),
    [
        (lambda text: share_rules.message(text, LIMITS), ["", "12345"], ["123456", "    1 "]),
        (lambda limit: share_rules.download_limit(limit, LIMITS), [None, 1, 3], [0, -1, 4]),
        (share_rules.password, ["", "   ", "12345678", " 12345678 ", "1" * 128], ["1234567", "1" * 129, "1"]),
    ],
)  # fmt: skip
def test_a_rule_refuses_what_is_one_beyond_it(
    rule: Callable[[Any], Any], allowed: list[Any], refused: list[Any]
) -> None:
    for value in allowed:
        assert rule(value) == (value.strip() if isinstance(value, str) else value)
    for value in refused:
        with pytest.raises(Invalid):
            rule(value)


@pytest.mark.parametrize("is_strict", [True, False])
@pytest.mark.parametrize("is_chosen", [True, False])
def test_an_organisation_can_ask_for_more_and_allow_less(is_strict: bool, is_chosen: bool) -> None:
    """Each rule refuses only what falls short of it, and only where it is in force."""
    limits = replace(
        LIMITS, code_required=is_strict, password_required=is_strict, download_limit_required=is_strict,
        previews_allowed=not is_strict,
    )  # fmt: skip
    asked: list[Callable[[], object]] = [
        lambda: share_rules.check_code(is_chosen, limits),
        lambda: share_rules.check_password_set(is_chosen, limits),
        lambda: share_rules.check_preview(not is_chosen, limits),
        lambda: share_rules.download_limit(1 if is_chosen else None, limits),
    ]
    for ask in asked:
        with pytest.raises(Invalid) if is_strict and not is_chosen else nullcontext():
            ask()


def test_a_draft_is_empty_while_nothing_would_be_missed() -> None:
    empty = Draft("draft", "owner", NOW, answers={"recipients": " ", "message": "", "confirm": "y"})
    assert empty.is_empty
    assert Draft("draft", "owner", NOW).is_empty
    assert not replace(empty, file_ids=("one",)).is_empty
    assert not replace(empty, groups=("one",)).is_empty
    assert not replace(empty, answers={"message": "x"}).is_empty
    assert not replace(empty, answers={"recipients": "x"}).is_empty
    assert empty.ends_at == NOW + timedelta(days=7)


def test_a_share_is_open_until_its_very_end() -> None:
    assert SHARE.is_open(NOW - timedelta(microseconds=1))
    assert not SHARE.is_open(NOW)
    assert not replace(SHARE, state=ShareState.WITHDRAWN).is_open(NOW - timedelta(days=1))
    assert SHARE.size == 14


def test_a_large_pdf_and_what_has_no_preview_are_only_saved() -> None:
    assert SHARE.allows_preview(replace(PDF, size=SHOWN_PDF_BYTES))
    assert not SHARE.allows_preview(replace(PDF, size=SHOWN_PDF_BYTES + 1))
    assert not replace(SHARE, preview=False).allows_preview(PDF)
    assert not SHARE.allows_preview(replace(PDF, name="a.bin", content_type="application/octet-stream"))


def test_downloads_are_left_up_to_the_limit_and_what_was_given() -> None:
    limited, ben = replace(SHARE, download_limit=2), Recipient("ben", "share", "ben@example.com")
    assert ben.downloads_left(SHARE, "one") is None
    assert ben.downloads_left(limited, "one") == 2
    left = [replace(ben, downloads={"one": spent}).downloads_left(limited, "one") for spent in range(4)]
    assert left == [2, 1, 0, 0]
    assert replace(ben, downloads={"one": 2, "two": 9}, extra_downloads=2).downloads_left(limited, "one") == 2
    assert replace(ben, downloads={"one": 2, "two": 9}).download_count == 11
