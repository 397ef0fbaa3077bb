"""Policies in words: what each field is called and means, and what a value says."""

from __future__ import annotations

from flask_babel import gettext, ngettext

from portal.domain.errors import N_
from portal.domain.policy.policies import Difference, Resolved, Setting, Source
from portal.domain.policy.policy_fields import BY_NAME, Kind, PolicyField, Subject, Value
from portal.web.wording import formats

SUBJECTS = {
    Subject.SHARES: N_("How long and how often"),
    Subject.ACCESS: N_("Who gets in"),
    Subject.RECIPIENTS: N_("Recipients and emails"),
    Subject.FILES: N_("Files"),
    Subject.QUOTAS: N_("Storage"),
    Subject.REPORTS: N_("Reports"),
}
# By the field: its label, and what it means.
WORDS: dict[str, tuple[str, str]] = {
    "max_share_days": (
        N_("Longest share life"),
        N_("How many days away a share's expiry can be, when it is made and whenever it is changed."),
    ),
    "default_share_days": (
        N_("Default share life"),
        N_("What the form opens with. Locked: nobody can choose longer."),
    ),
    "max_download_limit": (
        N_("Highest download limit"),
        N_("How often each person can be allowed to download each file."),
    ),
    "default_download_limit": (
        N_("Default download limit"),
        N_("What the form opens with; empty for none. Locked: nobody can allow more, or leave it out."),
    ),
    "download_limit_required": (
        N_("Download limit required"),
        N_("Whether every share needs a download limit."),
    ),
    "confirm_by_code": (
        N_("Code by email"),
        N_("Whether recipients type a code that we send to their address. Locked: nobody can switch it off."),
    ),
    "password_required": (N_("Password required"), N_("Whether every share needs a password.")),
    "second_factor_required": (
        N_("Second factor for staff"),
        N_("Whether everyone who signs in must set up an authenticator app before anything else. You need one"
           " yourself to require it. Recipients of links are not concerned."),
    ),
    "previews": (
        N_("Previews"),
        N_("Whether recipients can view files without saving them. If this is off and locked, nobody can"
           " switch it on."),
    ),
    "allowed_recipients": (
        N_("Allowed recipients"),
        N_("Domains, each with its subdomains, or single addresses, one per line. Empty: anyone."),
    ),
    "blocked_recipients": (
        N_("Blocked recipients"),
        N_("The same. A block overrides what is allowed, and stops every invitation and reminder from now on,"
           " also of older shares; their links keep working until they are withdrawn."),
    ),
    "max_mails_a_day": (
        N_("Emails a day"),
        N_("How many links one person can have emailed in one day (UTC)."),
    ),
    "max_file_days": (
        N_("Longest file life"),
        N_("For how many days a file can be kept, from the day that is chosen. No share outlives its"
           " files."),
    ),
    "file_days": (
        N_("Default file life"),
        N_("For how many days a new upload is kept. Locked: nobody can keep it longer."),
    ),
    "trash_days": (N_("Days in the trash"), N_("After that a deleted file is gone for good.")),
    "max_file_bytes": (N_("Largest file"), N_("With its unit, such as 500 MB or 2 GB.")),
    "allowed_kinds": (
        N_("Allowed kinds of files"),
        N_("Endings of file names, such as pdf or docx, one per line. Empty: any. Asked for uploads, new"
           " names, copies and new shares."),
    ),
    "blocked_kinds": (
        N_("Blocked kinds of files"),
        N_("The same. A block overrides what is allowed."),
    ),
    "scan_required": (
        N_("Malware scan required"),
        N_("Whether nobody gets a new upload before the malware scan called it clean. Without a scan that is"
           " switched on in AWS, nobody gets it at all."),
    ),
    "max_person_bytes": (
        N_("Storage for each person"),
        N_("With its unit, such as 500 MB or 2 GB; empty for no limit. The trash counts."),
    ),
    "max_person_files": (N_("Files for each person"), N_("Empty for no limit. The trash counts.")),
    "free_queries": (
        N_("Queries of one's own"),
        N_("Whether administrators may write queries of the access log, which names who fetched what from"
           " which IP address. Each query costs by what it reads, up to the limit of the workgroup in AWS."),
    ),
}  # fmt: skip


def say_value(field: PolicyField, value: Value) -> str:
    """A value as a reader understands it."""
    if isinstance(value, bool):
        return str(gettext("Yes") if value else gettext("No"))
    if isinstance(value, tuple):
        return formats.few(value) if value else str(gettext("none"))
    if value is None:
        is_list = field.kind in {Kind.RECIPIENTS, Kind.FILE_KINDS}
        return str(gettext("any") if is_list else gettext("no limit"))
    if field.kind is Kind.DAYS:
        return str(ngettext("%(num)d day", "%(num)d days", value))
    return formats.filesize(value) if field.kind is Kind.BYTES else formats.count(value)


def say_setting(name: str, setting: Setting | None) -> str:
    if setting is None:
        return str(gettext("not set"))
    value = say_value(BY_NAME[name], setting.value)
    return str(gettext("%(value)s, locked", value=value)) if setting.locked else value


def say_now(field: PolicyField, found: Resolved) -> str:
    """What counts now, and where it comes from."""
    value = say_value(field, found.value)
    if found.source is Source.GROUP:
        return str(gettext("Now: %(value)s (set for this group)", value=value))
    if found.source is Source.ALL:
        return str(gettext("Now: %(value)s (set for everyone)", value=value))
    return str(gettext("Now: %(value)s (from the environment)", value=value))


def say_difference(change: Difference) -> str:
    """What became of one field in a version."""
    said = {
        "field": gettext(WORDS[change.name][0]), "before": say_setting(change.name, change.before),
        "after": say_setting(change.name, change.after), "group": change.scope,
    }  # fmt: skip
    if change.scope:
        return str(gettext("%(group)s: %(field)s from %(before)s to %(after)s") % said)
    return str(gettext("%(field)s from %(before)s to %(after)s") % said)
