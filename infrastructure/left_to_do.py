"""What only a person can do once a stage is deployed, with exact words and values; and only what is left."""

from __future__ import annotations

from collections.abc import Iterator

from infrastructure.doctor.findings import Deployment, Finding, State, for_stage
from infrastructure.stack import API_HOST

# "Request production access" of SES's developer guide asks for these: what is sent, to whom, and what is done
# about bounces and complaints.
PRODUCTION_ACCESS = """Leave the SES sandbox, or emails reach confirmed addresses alone. In the SES console of
{region}: 'Account dashboard', 'Request production access', type 'Transactional', website {url}, and:

    We send files to business partners from {sender}. Each email goes to one person whom one of our staff
    named as the recipient of files, or is a code that this person asked for. There are no lists and no
    advertising. Bounces and complaints reach us by an SNS topic; such an address gets no further emails, and
    the account's suppression list is on. Recipients can switch off reminders by a link in each of them."""
CONFIRM_SENDER = """Confirm the sender {identity}: open the link in AWS's email to it. Better still, let its
domain send: create the identity {domain} in the SES console, set the records it shows, then
make deploy ARGS='--mail-identity {domain}'"""
RECORDS = """So that emails from {domain} are believed, set in its DNS:
{records}
and in the SES console, for the identity {domain}, 'Custom MAIL FROM domain': mail.{domain}"""
CONFIRM_ALARMS = "Confirm the alarms: {what}. The email is 'AWS Notification - Subscription Confirmation'."
NO_ALARMS = "Say who hears of alarms: make deploy ALARM=operations@example.org"
FIRST_ADMIN = "Make the first administrator: make admin ADDRESS=you@example.org STAGE={stage}"
CONCURRENCY = "Raise Lambda's quota: {what}. {next_step}"
OWN_DOMAIN = """Bring {host} to the portal, unless it leads there already: put into stages/{stage}.toml

    [parameters]
    domain = "{host}"
    hosted_zone = "the id of its zone in Route 53"    # or, where its DNS is elsewhere:
    certificate_arn = "arn of a certificate for it in ACM in {region}"

then make deploy, which prints the record to set where it cannot set it itself."""
DOMAIN_RECORD = """Have {host} lead to the portal, in its DNS:
    {host}. CNAME {target}."""
INVITATIONS = """Invitations are sent by Cognito itself, 50 emails a day. For more: Cognito console, {pool},
'Authentication methods', 'Email', 'Send email with Amazon SES', from {sender}."""
NOT_SCANNED = """Files are not scanned for malware. make deploy ARGS='--scan-files on' has GuardDuty do it
(docs/malware.md)."""
BUDGET = "Be told before it gets dear, once: make budget AMOUNT=50 ALARM=operations@example.org"


def list_what_is_left(deployment: Deployment, findings: list[Finding]) -> Iterator[str]:
    """`findings` are the doctor's of this deployment."""
    for each in _list_cases(deployment, findings):
        yield for_stage(each, deployment.stage.name)


def _list_cases(deployment: Deployment, findings: list[Finding]) -> Iterator[str]:
    found = {each.check: each for each in findings if each.state is not State.RIGHT}
    yield from _about_mail(deployment, found)
    if subscription := found.get("alarm subscription"):
        waits = "confirmed" in subscription.what
        yield CONFIRM_ALARMS.format(what=subscription.what) if waits else NO_ALARMS
    if not _has_admin(deployment):
        yield FIRST_ADMIN.format(stage=deployment.stage.name)
    if concurrency := found.get("concurrency"):
        yield CONCURRENCY.format(what=concurrency.what, next_step=concurrency.next_step)
    host = deployment.outputs["PublicUrl"].split("/")[2]
    if API_HOST not in host and found.keys() & {"certificate", "health"}:
        yield _about_domain(deployment, host)
    if any(each.check == "invitations" and "Cognito" in each.what for each in findings):
        yield INVITATIONS.format(pool=deployment.outputs["UserPool"], sender=deployment.outputs["MailFrom"])
    if deployment.parameters.get("ScanFiles", "off") == "off":
        yield NOT_SCANNED
    yield BUDGET


def _about_domain(deployment: Deployment, host: str) -> str:
    if target := deployment.outputs.get("DomainTarget"):
        return DOMAIN_RECORD.format(host=host, target=target)
    return OWN_DOMAIN.format(host=host, stage=deployment.stage.name, region=deployment.session.region_name)


def _about_mail(deployment: Deployment, found: dict[str, Finding]) -> Iterator[str]:
    sender = deployment.outputs["MailFrom"]
    identity = deployment.parameters.get("MailIdentity") or sender
    if "mail account" in found and "sandbox" in found["mail account"].what:
        yield PRODUCTION_ACCESS.format(
            region=deployment.session.region_name, url=deployment.outputs["PublicUrl"], sender=sender
        )
    if "mail identity" in found and "@" in identity:
        yield CONFIRM_SENDER.format(identity=identity, domain=identity.rpartition("@")[2])
    if "@" not in identity:
        records = list_mail_records(deployment, identity)
        yield RECORDS.format(domain=identity, records="\n".join(f"    {each}" for each in records))


def list_mail_records(deployment: Deployment, domain: str) -> list[str]:
    """DKIM, MAIL FROM with SPF, and DMARC, as a zone file has them ("Verifying a DKIM domain identity" and
    "Using a custom MAIL FROM domain" of SES's developer guide, RFC 7489)."""
    identity = deployment.client("sesv2").get_email_identity(EmailIdentity=domain)
    dkim = identity.get("DkimAttributes", {})
    zone, region = dkim.get("SigningHostedZone", "dkim.amazonses.com"), deployment.session.region_name
    return [
        *(f"{each}._domainkey.{domain}. CNAME {each}.{zone}." for each in dkim.get("Tokens", [])),
        f"mail.{domain}. MX 10 feedback-smtp.{region}.amazonses.com.",
        f'mail.{domain}. TXT "v=spf1 include:amazonses.com ~all"',
        f'_dmarc.{domain}. TXT "v=DMARC1; p=quarantine; rua=mailto:postmaster@{domain}"',
    ]


def _has_admin(deployment: Deployment) -> bool:
    return bool(
        deployment.client("cognito-idp").list_users_in_group(
            UserPoolId=deployment.outputs["UserPool"], GroupName=deployment.outputs["AdminGroup"], Limit=1
        )["Users"]
    )
