"""What the doctor makes of AWS's answers, of refusals and of silence."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from infrastructure.doctor import address, data, events, function, mail, people, stacks
from infrastructure.doctor.findings import (
    Check,
    Deployment,
    Finding,
    State,
    examine,
    exit_status,
    right,
    unknown,
    wrong,
)
from infrastructure.stack import Outputs
from infrastructure.stages import Stage, read_stage
from tests.infrastructure.ward import RULES


class Answers(Deployment):
    """AWS's answers, written from its references, where the stand-in has one state only."""

    def client(self, service: str) -> Any:
        return SimpleNamespace(
            **{name: lambda _=None, answer=answer, **__: answer for name, answer in self.parameters.items()}
        )


NOTHING = Answers(None, read_stage("production"), {})  # type: ignore[arg-type]
HEALTHY = {"ProductionAccessEnabled": True, "SendingEnabled": True, "EnforcementStatus": "HEALTHY"}
QUOTA = {"Max24HourSend": 50_000.0, "SentLast24Hours": 12.0}
BY_INVITATION = {"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True}}
ANSWERS: list[tuple[Check, str, Any, State, str]] = [
    (mail.check_mail_account, "get_account", HEALTHY, State.RIGHT, "in production"),
    (mail.check_mail_account, "get_account", HEALTHY | {"ProductionAccessEnabled": False},
     State.WRONG, "sandbox"),
    (mail.check_mail_account, "get_account", HEALTHY | {"SendingEnabled": False},
     State.WRONG, "switched off"),
    (mail.check_mail_account, "get_account", HEALTHY | {"EnforcementStatus": "PROBATION"},
     State.WRONG, "PROBATION"),
    (mail.check_mail_quota, "get_account", {"SendQuota": QUOTA}, State.RIGHT, "12 of 50000"),
    (mail.check_mail_quota, "get_account", {"SendQuota": QUOTA | {"Max24HourSend": 14.0}},
     State.WRONG, "12 of 14"),
    (mail.check_mail_quota, "get_account", {"SendQuota": QUOTA | {"Max24HourSend": -1.0}}, State.RIGHT, ""),
    (mail.check_mail_identity, "get_email_identity", {"VerifiedForSendingStatus": True},
     State.RIGHT, "may send"),
    (mail.check_mail_identity, "get_email_identity", {"VerifiedForSendingStatus": False},
     State.WRONG, "confirmed"),
    (mail.check_mail_identity, "get_email_identity",
     {"VerifiedForSendingStatus": True, "DkimAttributes": {"Status": "FAILED"}}, State.WRONG, "DKIM"),
    (function.check_concurrency, "get_account_settings",
     {"AccountLimit": {"ConcurrentExecutions": 10}}, State.WRONG, "10 functions at once"),
    (function.check_concurrency, "get_account_settings",
     {"AccountLimit": {"ConcurrentExecutions": 1000}}, State.RIGHT, "1000"),
    (people.check_accounts, "describe_user_pool", {"UserPool": BY_INVITATION}, State.RIGHT, "by invitation"),
    (people.check_accounts, "describe_user_pool", {"UserPool": {}}, State.WRONG, "anybody"),
    (people.check_invitations, "describe_user_pool", {"UserPool": {}}, State.RIGHT, "50 emails a day"),
    (events.check_last_tick, "get_metric_statistics", {"Datapoints": []}, State.WRONG, "has not come"),
    (people.check_accounts, "describe_user_pool", {"UserPool": BY_INVITATION | {"LambdaConfig": {}}},
     State.RIGHT, "by invitation"),
    *((stacks.check_stacks, "describe_stacks", {"Stacks": [{"StackStatus": status}]}, state, status[:6])
      for status, state in (("UPDATE_ROLLBACK_COMPLETE", State.WRONG), ("IMPORT_COMPLETE", State.WRONG))),
    (data.check_expiry, "describe_time_to_live",
     {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}, State.WRONG, "expired"),
    (data.check_lifecycle, "get_bucket_lifecycle_configuration", {"Rules": [*RULES.values()]},
     State.RIGHT, "own rules"),
    (data.check_lifecycle, "get_bucket_lifecycle_configuration",
     {"Rules": [RULES["abandoned-parts"], RULES["empty-delete-markers"] | {"Expiration": {"Days": 30}}]},
     State.WRONG, "empty-delete-markers"),
    (data.check_lifecycle, "get_bucket_lifecycle_configuration",
     {"Rules": [RULES["empty-delete-markers"], RULES["abandoned-parts"] | {"Expiration": {"Days": 30}}]},
     State.WRONG, "abandoned-parts"),
    (stacks.check_stacks, "describe_stacks",
     {"Stacks": [{"StackStatus": "UPDATE_ROLLBACK_FAILED"}]}, State.WRONG, "UPDATE_ROLLBACK_FAILED"),
]  # fmt: skip


@pytest.mark.parametrize(("check", "call", "answer", "state", "what"), ANSWERS)
def test_what_aws_answers_is_judged(check: Check, call: str, answer: Any, state: State, what: str) -> None:
    stage = read_stage("production")
    outputs = {"MailFrom": "portal@example.org", "UserPool": "pool", "Table": "t", "FilesBucket": "b"}
    deployment = Answers(None, stage, outputs, {call: answer})  # type: ignore[arg-type]
    (finding,) = examine(deployment, [check])
    assert finding.state is state
    assert what in finding.what


@pytest.mark.parametrize("trigger", [{}, {"PreSignUp": "arn:x"}])
def test_named_domains_count_as_long_as_something_looks_at_them(trigger: dict[str, str]) -> None:
    answers = {
        "describe_user_pool": {"UserPool": {"LambdaConfig": trigger}},
        "SelfSignUpDomains": "a.example",
    }
    deployment = Answers(None, read_stage("production"), {"UserPool": "p"}, answers)  # type: ignore[arg-type]
    assert people.check_accounts(deployment).state is (State.RIGHT if trigger else State.WRONG)


@pytest.mark.parametrize(("drifts", "state"), [([], State.UNKNOWN), (["Table"], State.WRONG)])
def test_drift_that_was_not_seen_is_unknown(drifts: list[str], state: State) -> None:
    """AWS says IN_SYNC of a stack of which it could not look at every resource."""
    drift: Any = [{"LogicalResourceId": each, "StackResourceDriftStatus": "MODIFIED"} for each in drifts]
    answers: Any = {
        "describe_stacks": {"Stacks": [{"StackStatus": "CREATE_COMPLETE"}]},
        "detect_stack_drift": {"StackDriftDetectionId": "1"},
        "describe_stack_drift_detection_status": {
            "DetectionStatus": "DETECTION_FAILED", "StackDriftStatus": "IN_SYNC",
            "DetectionStatusReason": "Throttled",
        },
        "describe_stack_resource_drifts": {"StackResourceDrifts": drift},
    }  # fmt: skip
    deployment = Answers(None, read_stage("production"), {}, answers)  # type: ignore[arg-type]
    finding = stacks.check_drift(deployment)
    assert (finding.state, "Throttled" in finding.what) == (state, not drifts)


def test_a_page_that_leads_nowhere_leads_to_no_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the function was not told where people sign in."""
    answers: Any = {"get_function_configuration": {"Environment": {"Variables": {}}}}
    failed = SimpleNamespace(status_code=503, headers={})
    monkeypatch.setattr(address.requests, "get", lambda *_, **__: failed)
    deployment = Answers(None, read_stage("production"), {"PublicUrl": "https://x.example"}, answers)  # type: ignore[arg-type]
    assert address.check_sign_in(deployment).state is State.WRONG


def test_a_function_whose_update_failed_is_told_of() -> None:
    answers: Any = {
        "get_function_configuration": {
            "Runtime": "python3.13", "MemorySize": 1024, "State": "Active", "LastUpdateStatus": "Failed",
            "LastUpdateStatusReason": "no such role",
        }
    }  # fmt: skip
    deployment = Answers(None, read_stage("production"), {"FunctionRoleArn": "r"}, answers)  # type: ignore[arg-type]
    assert "no such role" in function.check_function(deployment).what


def test_a_subscription_that_waits_is_told_of() -> None:
    """On AWS every new one does; the stand-in confirms at once."""
    waiting = {"SubscriptionArn": "PendingConfirmation", "Endpoint": "operations@example.org"}
    answers = {
        "get_caller_identity": {"Arn": "arn:aws:iam::1:user/a", "Account": "1"},
        "list_subscriptions_by_topic": {"Subscriptions": [waiting]},
    }
    (finding,) = examine(
        Answers(boto3.Session(region_name="eu-central-1"), read_stage("production"), {}, answers),
        [events.check_alarm_subscription],
    )
    assert finding.state is State.WRONG
    assert "operations@example.org has not confirmed" in finding.what


def test_what_aws_lacks_is_named_with_its_permission() -> None:
    """By AWS's message where that says it, otherwise by the call."""
    message = "User: arn:aws:iam::1:user/a is not authorized to perform: ses:GetAccount on resource: x"
    for said, named in ((message, "ses:GetAccount"), ("", "GetAccount")):

        def check_mail(deployment: Deployment, said: str = said) -> Finding:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": said}}, "GetAccount")

        (finding,) = examine(NOTHING, [check_mail])
        assert finding.state is State.UNKNOWN
        assert named in finding.what
        assert named in finding.next_step


def test_what_cannot_be_reached_is_unknown() -> None:
    def check_something(deployment: Deployment) -> Finding:
        raise EndpointConnectionError(endpoint_url="https://ses.example")

    (finding,) = examine(NOTHING, [check_something])
    assert (finding.check, finding.state) == ("something", State.UNKNOWN)


@pytest.mark.parametrize("stage", ["production", "pilot"])
def test_what_to_do_next_is_for_the_stage_that_was_looked_at(stage: str) -> None:
    def check_something(deployment: Deployment) -> Finding:
        return wrong("something", "", "make logs, mend it, then make redrive")

    looked_at = replace(NOTHING, stage=replace(NOTHING.stage, name=stage))
    (finding,) = examine(looked_at, [check_something])
    named = "" if stage == "production" else " STAGE=pilot"
    assert finding.next_step == f"make logs{named}, mend it, then make redrive{named}"


def test_its_status_is_for_scripts() -> None:
    good, bad, open_ = right("a", ""), wrong("b", "", "do"), unknown("c", "", "ask")
    assert exit_status([good]) == 0
    assert exit_status([good, bad, open_]) == 1
    assert exit_status([good, open_]) == 2


def test_what_no_stack_gives_out_is_unknown() -> None:
    """As after a creation that failed; and an answer without what a check needs ends no examination."""

    def check_address(deployment: Deployment) -> Finding:
        return right("address", deployment.outputs["PublicUrl"])

    def check_answer(deployment: Deployment) -> Finding:
        return right("answer", {"State": "on"}["Sate"])

    unfinished = Deployment(boto3.Session(), Stage("ward", {}), Outputs())
    found = list(examine(unfinished, [check_address, check_answer]))
    assert [each.state for each in found] == [State.UNKNOWN, State.UNKNOWN]
    assert "No stack of the stage gives out PublicUrl" in found[0].what
    assert "Sate" in found[1].what
