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
    if limit is None and limits.download_limit_required:
        raise Invalid(
            N_("Your organisation asks for a download limit: a whole number from 1 to %(most)s."),
            field="download_limit", reason="limit_required", params={"most": limits.max_download_limit},
        )  # fmt: skip
    if limit is not None and not 1 <= limit <= limits.max_download_limit:
        raise Invalid(
            N_("The download limit is a whole number from 1 to %(most)s, or none."),
            field="download_limit", reason="limit_range", params={"most": limits.max_download_limit},
        )  # fmt: skip
    return limit


def check_code(confirm: bool, limits: Limits) -> None:
    if limits.code_required and not confirm:
        raise Invalid(
            N_("Your organisation asks every recipient for a code, so this cannot be switched off."),
            field="confirm", reason="code_required",
        )  # fmt: skip


def check_password_set(is_set: bool, limits: Limits) -> None:
    if limits.password_required and not is_set:
        raise Invalid(
            N_("Your organisation asks for a password with every share."),
            field="password", reason="password_required",
        )  # fmt: skip


def check_preview(preview: bool, limits: Limits) -> None:
    if preview and not limits.previews_allowed:
        raise Invalid(
            N_("Your organisation does not let recipients view files without saving them."),
            field="preview", reason="preview_not_allowed",
        )  # fmt: skip


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
