"""Odd answers, and the fields that they are given to."""

from __future__ import annotations

ODD = [
    "", "x", "0" * 26, "a" * 3000, "\x00", "\u202e", "\ufdfa" * 80, "-1", "9" * 400, "../..", "[]", "'",
    "2030-13-45", "9999-12-31", "0001-01-01", "share", "choose", "name", "-size", "AAAA", "//evil.example",
    "/files?cursor=x", "\r\nBcc: x@example.org", "\uff12", "con", ".", "date", "true",
]  # fmt: skip
FIELDS = [
    "q", "sort", "trash", "cursor", "file", "step", "search", "plain", "state", "code", "error", "next",
    "back", "language", "name", "days", "submission_id", "attempt_id", "file_id", "recipients", "message",
    "last_day", "expires_on", "download_limit", "until", "confirmation", "sure", "by_hand", "groups", "way",
    "here", "notify", "preview", "confirm", "password", "drafts", "groups", "share",
    "version", "from", "to", "list", "held", "seen", "kind", "first", "last", "query", "by",
]  # fmt: skip
