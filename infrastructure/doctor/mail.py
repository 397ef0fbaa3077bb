"""Emails: the account may send them, to everybody, as whom it says, and as many as are needed."""

from __future__ import annotations

from infrastructure.doctor.findings import Deployment, Finding, judge, right, wrong

NEARLY = 0.8  # of the day's quota
PRODUCTION = "Ask for production access; make deploy prints what to write."


def check_mail_account(deployment: Deployment) -> Finding:
    account = deployment.client("sesv2").get_account()
    problems = []
    if not account.get("ProductionAccessEnabled", False):
        problems.append("in the sandbox: emails reach confirmed addresses alone")
    if not account.get("SendingEnabled", True):
        problems.append("sending is switched off")
    if account.get("EnforcementStatus", "HEALTHY") != "HEALTHY":
        problems.append(f"AWS says {account['EnforcementStatus']}")
    return judge("mail account", problems, "in production, healthy", PRODUCTION)


def check_mail_quota(deployment: Deployment) -> Finding:
    quota = deployment.client("sesv2").get_account()["SendQuota"]
    most, sent = quota["Max24HourSend"], quota["SentLast24Hours"]
    what = f"{sent:.0f} of {most:.0f} sent in 24 hours"
    near = [what] if most >= 0 and sent > NEARLY * most else []  # -1 is without a limit
    return judge("mail quota", near, what, "Ask for more in Service Quotas, SES, 'Sending quota'.")


def check_mail_identity(deployment: Deployment) -> Finding:
    sender = deployment.outputs["MailFrom"]
    identity = deployment.parameters.get("MailIdentity") or sender
    found = deployment.client("sesv2").get_email_identity(EmailIdentity=identity)
    if not found.get("VerifiedForSendingStatus"):
        step = f"Open the link that AWS mailed to {identity}, or set the DNS records that make deploy prints."
        return wrong("mail identity", f"{identity} is not confirmed", step)
    if found.get("DkimAttributes", {}).get("Status") == "FAILED":
        return wrong("mail identity", f"{identity} has no valid DKIM", "Set its three CNAME records again.")
    return right("mail identity", f"{identity} may send as {sender}")
