"""What the organisation allows: what a workflow checks against. Read from the environment by `config/`; a
policy may set some of it otherwise, for all or for groups (`policies.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

GIB = 1024**3
# The most one presigned POST or PUT can carry ("Amazon S3 quotas": single upload 5 GiB).
SINGLE_POST_BYTES = 5 * GIB
# The largest object ("Amazon S3 multipart upload limits").
OBJECT_BYTES = 5 * 1024**4
PART_BYTES_LEAST = 5 * 1024**2  # but the last of a file


class MailsToday(NamedTuple):
    """How many emails someone has sent on one day."""

    person_id: str
    name: str
    mails: int


class Rate(NamedTuple):
    """How often something may be done in a window of so many seconds: by each source, and by all together
    (0: no limit). bucket: its name among the counters.
    """

    bucket: str
    each: int
    together: int
    seconds: int


class Rates(NamedTuple):
    """How often (R46). A source may stand for a whole organisation behind one address, so it gets much; the
    limits of one recipient are tighter and stand where codes, passwords and requests are dealt with.
    """

    guesses: Rate = Rate("guess", 300, 6000, 600)  # links that are none; each alone is 256 bits strong
    codes: Rate = Rate("code", 200, 4000, 600)
    tries: Rate = Rate("try", 600, 12000, 600)  # of codes and passwords
    asks: Rate = Rate("ask", 100, 2000, 600)
    sign_ins: Rate = Rate("sign-in", 100, 0, 600)  # those that failed
    forms: Rate = Rate("form", 100, 2000, 600)  # kept of people whose session has ended
    writes: Rate = Rate("write", 12000, 0, 600)  # of one person's programs and pages under /v1
    tests: Rate = Rate("webhook-test", 30, 0, 600)  # and deliveries sent again by hand, of one person
    downloads: Rate = Rate("download", 2000, 0, 3600)  # of one recipient, beside the sender's own limit


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes, durations as their names say."""

    max_file_bytes: int = OBJECT_BYTES
    # Up to this a file is sent by one POST, above it in parts, which are at least so large.
    post_bytes: int = 64 * 1024**2
    part_bytes: int = 8 * 1024**2
    # Quotas, of one person and of everyone together; None is no limit.
    max_person_bytes: int | None = None
    max_person_files: int | None = None
    max_total_bytes: int | None = None
    max_total_files: int | None = None
    # 50 recipients and 40 files leave room for the other items of the one transaction of 100 that creates a
    # share.
    max_files_per_share: int = 40
    max_recipients: int = 500
    max_share_days: int = 90
    default_share_days: int = 7
    file_days: int = 90
    max_file_days: int = 36500
    trash_days: int = 14
    # So many days before a share ends, who has not downloaded is reminded.
    reminder_days: tuple[int, ...] = (2,)
    max_message_characters: int = 2000
    # What the form of a new share opens with, and whether its sender may leave it out or switch it off.
    max_download_limit: int = 100
    default_download_limit: int | None = None
    download_limit_required: bool = False
    confirm_by_code: bool = True
    code_required: bool = False
    password_required: bool = False
    second_factor_required: bool = False  # of staff, before any page of theirs but the one that adds it
    previews: bool = True
    previews_allowed: bool = True
    max_groups: int = 100  # of one person's recipients; a form that names all of them stays below its parts
    max_organisation_groups: int = 100
    max_resends_a_day: int = 5  # of one recipient's email; a day is one of UTC
    # Links that one person can have mailed on one day (UTC), added recipients and resends counted in.
    max_mails_a_day: int = 500
    # Where email may go and where it may not: domains, each with its subdomains, and single addresses. Of
    # files: by the endings of their names. None allowed by name: anything; a block counts more than a leave.
    allowed_recipients: tuple[str, ...] | None = None
    blocked_recipients: tuple[str, ...] = ()
    allowed_kinds: tuple[str, ...] | None = None
    blocked_kinds: tuple[str, ...] = ()
    free_queries: bool = False  # whether an administrator may write queries of the access log
    upload_seconds: int = 600  # how long a POST policy may be used to begin with the upload (R27)
    part_seconds: int = 900  # how long the address of one part may be used (R33)
    download_seconds: int = 60  # how long a presigned GET may be used to begin a download (R48)
    rates: Rates = field(default_factory=Rates)
    watch_seconds: int = 3600  # how long one press of Preview plays a sound or film, a minute at a time
    attempt_seconds: int = 60  # how long one press of Download may be repeated without spending again (R50)
    # A press goes on beyond that while its bytes have not all gone out (R79): so long, and with so many
    # addresses. An address is needed again only when a transfer breaks after its first minute: 50 let one
    # break every half hour of that day, and bound what one counted download can hand out.
    attempt_hours: int = 24
    attempt_addresses: int = 50
    # From this size a file is saved through a service worker, where there is one: it goes on where it broke,
    # and its page must stay open for that. A minute at 13 Mbit/s; what is smaller comes in its first address.
    resumed_bytes: int = 100_000_000
    watch_addresses: int = 320  # a film of four hours, by an address every 45 s
    # Whether a file is given out only once the malware scan called it clean; whether one that it cannot look
    # into, or that it fails at or says nothing of for so many hours, is given out all the same (R36).
    scan_required: bool = False
    unscanned_allowed: bool = False
    scan_hours: int = 24
    scan_minutes: int = 5  # without news of a scan, after which its result is asked for
    pending_hours: int = 24  # after this an upload that never came is forgotten (R38)
