"""What is left for a person is said with exact values, and only what is left."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import boto3

from infrastructure.doctor.findings import Finding, right, wrong
from infrastructure.left_to_do import list_what_is_left
from infrastructure.stages import read_stage
from tests.infrastructure.test_doctor_answers import Answers

OUTPUTS = {
    "PublicUrl": "https://files.example.org",
    "MailFrom": "portal@example.org",
    "UserPool": "eu-central-1_abc",
    "AdminGroup": "admins",
}
TOKENS = ["one", "two", "three"]
SETTLED = [right("mail account", ""), right("mail identity", ""), right("invitations", "sent by SES")]
BUDGET_ALONE = 1


def left(
    findings: list[Finding],
    *,
    admins: list[Any] | None = None,
    stage: str = "production",
    outputs: dict[str, str] = OUTPUTS,
    **parameters: str,
) -> list[str]:
    answers: dict[str, Any] = {
        "list_users_in_group": {"Users": admins if admins is not None else [{"Username": "ana"}]},
        "get_email_identity": {"DkimAttributes": {"Tokens": TOKENS}},
    }
    session, known = boto3.Session(region_name="eu-central-1"), answers | {"ScanFiles": "on"} | parameters
    named = replace(read_stage("production"), name=stage)
    return list(list_what_is_left(Answers(session, named, outputs, known), findings))


def test_every_command_is_for_the_stage() -> None:
    """One without STAGE= would act on production."""
    said = left(
        [wrong("mail identity", "not confirmed", ""), wrong("alarm subscription", "nobody", ""),
         wrong("certificate", "", "")],
        admins=[], stage="pilot", ScanFiles="off",
    )  # fmt: skip
    commands = re.findall(r"make (?:deploy|admin|budget)\b.*", "\n".join(said))
    assert len(commands) >= 6
    assert all("STAGE=pilot" in each for each in commands)


def test_the_apis_own_address_needs_no_domain() -> None:
    own = OUTPUTS | {"PublicUrl": "https://a1.execute-api.eu-central-1.amazonaws.com/production"}
    assert len(left([*SETTLED, wrong("health", "", "")], outputs=own)) == BUDGET_ALONE


def test_where_all_is_done_only_what_cannot_be_seen_is_left() -> None:
    assert len(left(SETTLED)) == BUDGET_ALONE


def test_leaving_the_sandbox_comes_with_the_text_to_send() -> None:
    (case, _) = left([wrong("mail account", "in the sandbox: ...", "")])
    for value in ("eu-central-1", *list(OUTPUTS.values())[:2], "Bounces and complaints", "Transactional"):
        assert value in case


def test_an_address_that_is_not_confirmed_is_named_with_its_domain() -> None:
    (sender, _) = left([wrong("mail identity", "not confirmed", "")])
    assert "portal@example.org" in sender
    assert "--mail-identity example.org" in sender


def test_a_domain_comes_with_its_records() -> None:
    """DKIM, MAIL FROM with SPF, DMARC."""
    (records, _) = left(SETTLED, MailIdentity="example.org")
    for token in TOKENS:
        assert f"{token}._domainkey.example.org. CNAME {token}.dkim.amazonses.com." in records
    assert "mail.example.org. MX 10 feedback-smtp.eu-central-1.amazonses.com." in records
    assert 'mail.example.org. TXT "v=spf1 include:amazonses.com ~all"' in records
    assert '_dmarc.example.org. TXT "v=DMARC1; ' in records


def test_everything_else_is_said_where_it_is_missing() -> None:
    said = left(
        [
            wrong("alarm subscription", "operations@example.org has not confirmed", ""),
            wrong("concurrency", "the account may run 10 functions at once", "Ask for 1,000."),
            wrong("health", "", ""),
            right("invitations", "sent by Cognito itself, 50 emails a day"),
        ],
        admins=[],
        ScanFiles="off",
    )
    for value in (
        "operations@example.org has not confirmed", "make admin ADDRESS=",
        "10 functions at once. Ask for 1,000.",
        'domain = "files.example.org"', "50 emails a day", "--scan-files on",
    ):  # fmt: skip
        assert any(value in each for each in said), value
    (nobody, *_) = left([wrong("alarm subscription", "nobody hears of alarms", "")])
    assert "make deploy ALARM=" in nobody
