"""A share that someone has begun and left for later: what was typed so far, for that person alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from portal.domain.shares.share import Notify

LIFETIME = timedelta(days=7)  # since it was last saved
WISH_LIFETIME = timedelta(days=30)  # of one that waits for its files: an upload of 5 TiB takes its time
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
    WAITING = "waiting"  # it is to be sent by itself, and stays as it is until that is taken back


@dataclass(frozen=True)
class Terms:
    """What a draft's answers came to when Send was pressed. days: from the day it is sent; else the last day,
    `expires_on`; with neither the default.
    """

    recipients_text: str
    message: str = ""
    group_ids: tuple[str, ...] = ()
    by_hand: tuple[str, ...] = ()
    days: int | None = None
    expires_on: date | None = None
    download_limit: int | None = None
    confirm: bool = False
    preview: bool = True
    notify: Notify = Notify.FIRST


@dataclass(frozen=True)
class Wish:
    """That a draft is sent by itself once all its files have arrived.

    id: of this press of Send; since: when what let the sender in was given out, which must still count then;
    missing: how many more of its files no upload was announced for yet; password_hash: as of a share.
    """

    id: str
    at: datetime
    since: datetime
    terms: Terms
    zone: str = "UTC"
    language: str = "en"
    missing: int = 0
    password_hash: str = ""


@dataclass(frozen=True)
class Returned:
    """Why a draft was not sent after all, and since when: a refusal's public words and their values."""

    at: datetime
    reason: str
    message: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """id: the submission of the form, so that what is sent from it twice is one share (R51). answers: as
    typed, by field; groups: ids of one's groups; by_hand: addresses whose link the sender passes on;
    had_password: whether one was typed, to be typed again; step: where it was left; wish: that it is sent
    by itself; returned: why that was refused.
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
    wish: Wish | None = None
    returned: Returned | None = None

    @property
    def ends_at(self) -> datetime:
        return self.saved_at + (WISH_LIFETIME if self.wish else LIFETIME)

    @property
    def is_empty(self) -> bool:
        """Whether it holds nothing that would be missed."""
        said = (self.answers.get(name, "").strip() for name in ("recipients", "message"))
        return not self.file_ids and not self.groups and not any(said)
