"""What the organisation allows: the numbers a workflow checks against. Read from the environment by
`config.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

GIB = 1024**3
# The most one presigned POST or PUT can carry ("Amazon S3 quotas": single upload 5 GiB).
SINGLE_POST_BYTES = 5 * GIB


class MailsToday(NamedTuple):
    """How many mails somebody has sent on one day."""

    person_id: str
    name: str
    mails: int


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes, durations as their names say."""

    max_file_bytes: int = SINGLE_POST_BYTES
    # 50 recipients and 40 files leave room for the other items of the one transaction of 100 that creates a
    # share.
    max_files_per_share: int = 40
    max_recipients: int = 50
    max_share_days: int = 90
    default_share_days: int = 7
    file_days: int = 90
    trash_days: int = 14
    # So many days before a share ends, who has not downloaded is reminded.
    reminder_days: tuple[int, ...] = (2,)
    max_message_characters: int = 2000
    max_download_limit: int = 100
    max_groups: int = 100  # of one person's recipients; a form that names all of them stays below its parts
    max_resends_a_day: int = 5  # of one recipient's mail; a day is one of UTC
    # Links that one person can have mailed on one day (UTC), added recipients and resends counted in.
    max_mails_a_day: int = 500
    # Where mail may go and where it may not; each with its subdomains. No allowed ones: anywhere.
    allowed_domains: tuple[str, ...] = ()
    blocked_domains: tuple[str, ...] = ()
    upload_seconds: int = 600  # how long a POST policy may be used to begin with the upload (R27)
    download_seconds: int = 60  # how long a presigned GET may be used to begin a download (R48)
    attempt_seconds: int = 60  # how long one press of Download may be repeated without spending again (R50)
    pending_hours: int = 24  # after this an upload that never came is forgotten (R38)
