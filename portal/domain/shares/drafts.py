"""A share that someone has begun and left for later: what was typed so far, for that person alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

LIFETIME = timedelta(days=7)  # since it was last saved
MAX_DRAFTS = 20  # of one person
# What is kept, by the names of the form's fields. The password is not among them, and never is kept.
KEPT_FIELDS = (
    "recipients", "message", "last_day", "expires_on", "download_limit", "confirm", "preview", "notify",
)  # fmt: skip


class SaveDraftResult(StrEnum):
    """What keeping a draft came to."""

    SAVED = "saved"
    SENT = "sent"  # the share was made from it by now
    TOO_MANY = "too_many"  # drafts of one person


@dataclass(frozen=True)
class Draft:
    """id: the submission of the form, so that what is sent from it twice is one share (R51). answers: as
    typed, by field; groups: ids of one's groups; by_hand: addresses whose link the sender passes on;
    had_password: whether one was typed, to be typed again; step: where it was left.
    """

    id: str
    owner_id: str
    saved_at: datetime
    file_ids: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    by_hand: tuple[str, ...] = ()
    had_password: bool = False
    step: str = ""

    @property
    def ends_at(self) -> datetime:
        return self.saved_at + LIFETIME

    @property
    def is_empty(self) -> bool:
        """Whether it holds nothing that would be missed."""
        said = (self.answers.get(name, "").strip() for name in ("recipients", "message"))
        return not self.file_ids and not self.groups and not any(said)
