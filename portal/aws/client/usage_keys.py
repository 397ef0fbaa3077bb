"""Keys of what is counted by day (UTC), and of how the service does."""

from __future__ import annotations

from datetime import date

from portal.aws.client.writes import Key


def day_usage_key(day: date) -> Key:
    return f"DAY#{day}", "USED"


def day_tops_key(day: date) -> Key:
    return f"DAY#{day}", "TOPS"


def subject_usage_key(day: date, kind: str, subject: str) -> Key:
    """Of a person, a recipients' domain or a file; each is a partition of its own, as many change at once."""
    return f"DAY#{day}#{kind}#{subject}", "USED"


def top_list(day: date, kind: str) -> str:
    return f"TOP#{day}#{kind}"


def service_state_key() -> Key:
    return "SERVICE", "STATE"


def lane_key(lane: str) -> Key:
    return f"LANE#{lane}", "LANE"


def log_taken_key() -> Key:
    return "SERVICE", "LOG"
