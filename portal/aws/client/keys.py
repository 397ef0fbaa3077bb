"""Every key of the two tables: what is kept where, and how it is found. Nothing else writes one, but for its
neighbours whose names end in `_keys`.

An item is found by its partition `pk` and its place in it, `sk`. Some also stand in a list of an index: in
`by_time`, `by_name` and `by_size` under `list_pk`, in the order of `list_time`, `list_name` or `list_size`;
and in `due`, under `due_kind` and in the order of `due_at`, seconds since 1970. The audit log is a table of
its own, and its indexes take a record's own attributes. docs/data-model.md shows all.

What belongs to a person is in the person's partition, and what belongs to a share in the share's, so that a
foreign id is simply not there (R11), and one query finds what goes together. A file changes hands, so it lies
in a partition of its own and names its owner, whom everything that reads or writes it for a person asks for.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from enum import StrEnum

from portal.aws.client.codec import moment
from portal.aws.client.writes import Key
from portal.domain.audit.marks import SHARDS as AUDIT_SHARDS
from portal.domain.audit.marks import read_day, shard_of
from portal.domain.contacts.mailboxes import address_key
from portal.domain.files.file import File
from portal.domain.ids import derive_id
from portal.domain.mail.notifications import MailPlace
from portal.domain.mail.suppression import hash_address
from portal.domain.policy.limits import Rate
from portal.domain.shares.share import Share

SHARDS = 16  # of the totals, so that two people's transactions rarely meet on one


class DueKind(StrEnum):
    """The lists of the index `due`: what the schedule deals with, and one that is only read."""

    MAIL = "MAIL"
    FILE = "FILE"
    SCAN = "SCAN"
    REMINDER = "REMIND"
    WISH = "SEND"
    SPREAD = "SPREAD"
    ACCOUNT = "PERSON"
    HANDOVER = "HANDOVER"
    HOLD = "HOLD"
    EXPORT = "EXPORT"
    REPORT = "REPORT"
    DATA_EXPORT = "DATA_EXPORT"
    WEBHOOK = "WEBHOOK"
    FAILED_MAIL = "MAIL_FAILED"


# People, and what is each one's own.


def person_partition(person_id: str) -> str:
    return f"PERSON#{person_id}"


def profile_key(person_id: str) -> Key:
    return person_partition(person_id), "PROFILE"


def usage_key(person_id: str) -> Key:
    return person_partition(person_id), "USAGE"


def session_key(person_id: str, key: str) -> Key:
    return person_partition(person_id), f"SESSION#{key}"


def access_token_key(owner_id: str, token_id: str) -> Key:
    return person_partition(owner_id), f"TOKEN#{token_id}"


def enrolment_key(person_id: str, key: str) -> Key:
    return person_partition(person_id), f"ENROLMENT#{key}"


def announcement_key(owner_id: str, once: str) -> Key:
    return person_partition(owner_id), f"ANNOUNCED#{derive_id(once)}"


def draft_key(owner_id: str, draft_id: str) -> Key:
    return person_partition(owner_id), f"DRAFT#{draft_id}"


def draft_count_key(owner_id: str) -> Key:
    return person_partition(owner_id), "DRAFTS"


def known_address_key(owner_id: str, address: str) -> Key:
    return person_partition(owner_id), f"KNOWN#{address_key(address)}"


def known_domains_key(owner_id: str) -> Key:
    return person_partition(owner_id), "DOMAINS"


def digest_key(person_id: str) -> Key:
    return person_partition(person_id), "TOLD"


def mail_count_key(person_id: str, at: datetime) -> Key:
    return person_partition(person_id), f"MAILS#{moment(at)[:10]}"


# Shares, and what is each one's own. The share itself sorts behind its recipients, and everything else of it
# behind the share, so that one query reads it with its recipients and nothing more.


def share_partition(share_id: str) -> str:
    return f"SHARE#{share_id}"


def share_key(share_id: str) -> Key:
    return share_partition(share_id), "SHARE"


BEYOND_SHARE = "SHARE$"


def recipient_key(share_id: str, recipient_id: str) -> Key:
    return share_partition(share_id), f"RECIPIENT#{recipient_id}"


def attempt_key(share_id: str, recipient_id: str, key: str) -> Key:
    """Of one press; under a file's id alone, what is known of all presses for it."""
    return share_partition(share_id), f"TRY#{recipient_id}#{key}"


def code_key(share_id: str, recipient_id: str) -> Key:
    return share_partition(share_id), f"UNLOCK#{recipient_id}"


def password_tries_key(share_id: str, recipient_id: str, at: datetime) -> Key:
    """One item an hour of the clock."""
    return share_partition(share_id), f"UNLOCK#{recipient_id}#{moment(at)[:13]}"


def resends_key(share_id: str, recipient_id: str, at: datetime) -> Key:
    """One item a day (UTC)."""
    return share_partition(share_id), f"TIMES#again#{recipient_id}#{moment(at)[:10]}"


# Files, what is found by a file or by its name, and what someone's browser kept.


def file_key(file_id: str) -> Key:
    return f"FILE#{file_id}", "FILE"


def scan_case_key(file_id: str) -> Key:
    """What a file's malware scan owes or complains of; not there where it does neither."""
    return f"SCAN#{file_id}", "CASE"


def file_shares_partition(file_id: str) -> str:
    return f"SHARES_OF#{file_id}"


def file_share_key(share: Share, file_id: str) -> Key:
    return file_shares_partition(file_id), f"{moment(share.created_at)}#{share.id}"


def file_names_partition(owner_id: str) -> str:
    return f"NAMES#{owner_id}"


def file_name_key(file: File) -> Key:
    return file_names_partition(file.owner_id), file.id


def kept_form_key(key: str, page: str) -> Key:
    return f"FORM#{key}", f"PAGE#{page}"


# Mail.


def notification_key(notification_id: str) -> Key:
    return f"MAIL#{notification_id}", "MAIL"


def mail_place(key: Key) -> MailPlace:
    """Whose key this is: a notification's, or a recipient's, whose item holds their invitation."""
    pk, sk = key
    if sk == "MAIL":
        return MailPlace(notice_id=pk.removeprefix("MAIL#"))
    return MailPlace(pk.removeprefix("SHARE#"), sk.removeprefix("RECIPIENT#"))


def message_key(message_id: str) -> Key:
    return f"MESSAGE#{message_id}", "MESSAGE"


def suppression_key(address_hash: str) -> Key:
    return f"SUPPRESSED#{address_hash}", "SUPPRESSED"


def soft_bounces_key(address: str) -> Key:
    return f"SUPPRESSED#{hash_address(address)}", "SOFT"


ACCOUNT_PROBLEMS = "MAIL#TROUBLES"


def account_problem_key(problem: str) -> Key:
    return ACCOUNT_PROBLEMS, str(problem)


# Counters of everyone.


def totals_key(shard: int) -> Key:
    return f"TOTALS#{shard}", "TOTALS"


TOTALS_KEYS = tuple(totals_key(shard) for shard in range(SHARDS))
EXACT_TOTALS_KEY: Key = ("TOTALS#EXACT", "TOTALS")


def rate_key(rate: Rate, who: str, at: datetime) -> Key:
    """Each window is an item of its own, so that no partition grows and none is asked for everyone."""
    return f"RATE#{rate.bucket}#{who}#{int(at.timestamp()) // rate.seconds}", "RATE"


# Policies: the one in force, and each version that there was.

POLICIES = "POLICY"


def current_policy_key() -> Key:
    return POLICIES, "CURRENT"


def policy_version_key(version: int) -> Key:
    return POLICIES, f"VERSION#{version:08}"


# The audit log, a table of its own. A day's records are spread over shards, so that no partition takes all
# that happens in a moment.


def audit_partition(day: date, shard: int) -> str:
    return f"AUDIT#{day.isoformat()}#{shard}"


def audit_partitions(day: date) -> tuple[str, ...]:
    """All that hold records of this day (UTC)."""
    return tuple(audit_partition(day, shard) for shard in range(AUDIT_SHARDS))


def audit_key(mark: str) -> Key:
    return audit_partition(read_day(mark), shard_of(mark)), mark


def audit_once_key(at: datetime, name: str) -> Key:
    """Of the guard, in the main table, of a record that is written once per name and hour."""
    return "ONCE#" + hashlib.sha256(f"{moment(at)[:13]}\n{name}".encode()).hexdigest(), "ONCE"


# Lists, by `list_pk`.


def files_list(owner_id: str, state: str) -> str:
    return f"FILES#{owner_id}#{state}"


def shares_list(owner_id: str) -> str:
    return f"SHARES#{owner_id}"


def received_list(address: str) -> str:
    return "ADDRESS#" + hashlib.sha256(address_key(address).encode()).hexdigest()


def known_addresses_list(owner_id: str) -> str:
    return f"KNOWN#{owner_id}"


def waiting_list(person_id: str) -> str:
    return f"TELL#{person_id}"


def mail_counts_list(at: datetime) -> str:
    return f"MAILS#{moment(at)[:10]}"


SUPPRESSED_LIST = "SUPPRESSED"
QUARANTINE_LIST = "QUARANTINE"
