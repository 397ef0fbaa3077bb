"""The terms of a share, as its sender may set them: when it is made, and again whenever it is changed."""

from __future__ import annotations

from portal.domain.characters import keep_readable
from portal.domain.errors import N_, Invalid
from portal.domain.policy.limits import Limits
from portal.domain.shares import passwords


def message(text: str, limits: Limits) -> str:
    """The message as it is kept: lines of what can be read."""
    kept = keep_readable(text)
    if len(kept) > limits.max_message_characters:
        raise Invalid(
            N_("The message can have at most %(most)s characters."),
            field="message", reason="message_long", params={"most": limits.max_message_characters},
        )  # fmt: skip
    return kept.strip()


def download_limit(limit: int | None, limits: Limits) -> int | None:
    if limit is not None and not 1 <= limit <= limits.max_download_limit:
        raise Invalid(
            N_("The download limit is a whole number from 1 to %(most)s, or none."),
            field="download_limit", reason="limit_range", params={"most": limits.max_download_limit},
        )  # fmt: skip
    return limit


def password(text: str) -> str:
    """The password as it is told and typed; empty for none."""
    tidied = passwords.tidy_password(text)
    if tidied and not passwords.SHORTEST <= len(tidied) <= passwords.LONGEST:
        raise Invalid(
            N_("A password has from %(least)s to %(most)s characters."),
            field="password", reason="password_length",
            params={"least": passwords.SHORTEST, "most": passwords.LONGEST},
        )  # fmt: skip
    return tidied
