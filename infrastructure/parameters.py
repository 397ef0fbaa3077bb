"""What can be said of a stage: each name, the template's parameter that it becomes, and what it means."""

from __future__ import annotations

PARAMETERS = {
    "public_url": ("PublicUrl", "where people open the portal, such as https://files.example.org"),
    "mail_from": ("MailFrom", "the address that emails come from"),
    "mail_identity": ("MailIdentity", "an email identity the account already has, such as example.org"),
    "mail_sandbox": ("MailSandbox", "on while the account is in the SES sandbox (off)"),
    "permissions_boundary": ("PermissionsBoundary", "a policy's ARN that bounds every role (none)"),
    "admin_group": ("AdminGroup", "the group whose members are admins (admins)"),
    "totp": ("Totp", "optional or required (optional)"),
    "self_sign_up_domains": (
        "SelfSignUpDomains",
        "email domains whose people may sign up (by invitation only)",
    ),
    "protection": ("Protection", "deletion protection of tables and user pool, on or off (on)"),
    "object_lock": ("ObjectLock", "on has S3 lock what is on legal hold; never off again (off)"),
    "security_contact": (
        "SecurityContact",
        "who is told of holes in this portal, an address or a page (nobody)",
    ),
    "scan_files": ("ScanFiles", "on has GuardDuty scan files, and gives out none before it is clean (off)"),
    "reports": ("Reports", "off where the region has no Athena to query the access log with (on)"),
    "report_bytes": ("ReportBytes", "how many bytes of the access log one report may read (10737418240)"),
    "traces": ("Traces", "on has X-Ray keep traces of the function's calls (off)"),
    "alarm": ("AlarmAddress", "who hears of alarms by email (nobody)"),
    "runbook_url": (
        "RunbookUrl",
        "where your copy of the runbook is, which alarms link to (docs/runbook.md)",
    ),
    "domain": ("DomainName", "a domain of your own for the API, such as files.example.org (none)"),
    "hosted_zone": ("HostedZone", "its zone in Route 53, for certificate and record (its DNS is elsewhere)"),
    "certificate_arn": ("CertificateArn", "its certificate in ACM in this region (made, by the hosted zone)"),
    "concurrent_calls": ("ConcurrentCalls", "from how many calls at once on to be told (800)"),
    "events_concurrency": ("EventsConcurrency", "how many calls may deal with events at once (20)"),
    "work_concurrency": ("WorkConcurrency", "how many calls may deal with what is due at once (20)"),
    "secret_key_days": ("SecretKeyDays", "after how many days to be told to replace the secret key (365)"),
    "saved_queries": ("SavedQueries", "off saves no queries of the log in the console (on)"),
}
