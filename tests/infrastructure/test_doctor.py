"""The doctor: each check sees what it is for, broken and mended, and says what to do."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from typing import Any

import pytest

from infrastructure.change_sets import Plan
from infrastructure.doctor import address, data, events, function, people
from infrastructure.doctor.checks import CHECKS, read_deployment
from infrastructure.doctor.findings import (
    Check,
    Deployment,
    Finding,
    State,
    examine,
    format_findings,
    to_json,
)
from infrastructure.failures import CommandFailed
from infrastructure.function import zappa_settings
from infrastructure.kept_secrets import keep_secrets
from infrastructure.runtime import CHECKOUT
from infrastructure.secret_key import secret_key_variables
from infrastructure.stack import environment_from_stack
from infrastructure.stacks import bring_mappings, bring_stacks
from infrastructure.stages import Stage, read_stage
from portal.local.ministack import MiniStack
from tests.infrastructure.ward import (
    ENDS_FILES,
    RULES,
    Page,
    make_function,
    make_up_for_the_stand_in,
    put_tick,
)


@pytest.fixture(scope="module")
def deployment(embedded_aws: MiniStack) -> Iterator[Deployment]:
    """Healthy, but for what the stand-in has not: a function of no code, pages of a small server."""
    session = embedded_aws.session()
    settings = {**read_stage("production").settings, "project_name": "sick"}
    stage = Stage("ward", settings, termination_protection=False)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    given = {
        "PublicUrl": f"http://127.0.0.1:{server.server_port}",
        "MailFrom": "portal@ward.example",
        "SavedQueries": "off",
        "AlarmAddress": "operations@example.org",
    }
    outputs = bring_stacks(session, stage, given, agree)
    variables = environment_from_stack(session, stage.resources) | secret_key_variables(
        session, stage.function
    )
    told = zappa_settings(
        settings, outputs, keep_secrets(session, stage.function, variables), str(session.region_name)
    )
    make_function(session, stage, told)
    bring_mappings(session, stage, outputs, agree)
    found = read_deployment(session, stage)
    Page.sign_in = f"{variables['PORTAL_SIGN_OUT_URL'].rsplit('/', 1)[0]}/oauth2/authorize"
    Page.policy = f"connect-src 'self' {embedded_aws.endpoint}"
    put_tick(found)
    make_up_for_the_stand_in(found)
    yield found
    server.shutdown()


def agree(plan: Plan) -> None:
    """To everything."""


def with_rules(*rules: dict[str, Any]) -> Callable[[Deployment], Any]:
    @contextmanager
    def change(deployment: Deployment) -> Iterator[None]:
        bucket, s3 = deployment.outputs["FilesBucket"], deployment.client("s3")
        for each in (rules, [*RULES.values()]):
            s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": list(each)})
            if each is rules:
                yield

    return change


def look(deployment: Deployment, check: Check) -> Finding:
    """With nothing remembered of an earlier look."""
    fresh = Deployment(deployment.session, deployment.stage, deployment.outputs, deployment.parameters)
    (finding,) = examine(fresh, [check])
    return finding


@contextmanager
def with_variables(deployment: Deployment, **changed: str) -> Iterator[None]:
    functions, name = deployment.client("lambda"), deployment.stage.function
    before = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": before | changed})
    yield
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": before})


@contextmanager
def with_memory(deployment: Deployment) -> Iterator[None]:
    functions, name = deployment.client("lambda"), deployment.stage.function
    for size in (128, 1024):
        functions.update_function_configuration(FunctionName=name, MemorySize=size)
        functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
        if size == 128:
            yield


@contextmanager
def with_page(deployment: Deployment, broken: str) -> Iterator[None]:
    Page.broken = broken
    yield
    Page.broken = ""


@contextmanager
def with_dead_letter(deployment: Deployment) -> Iterator[None]:
    sqs, url = deployment.client("sqs"), deployment.outputs["DeadLettersUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    yield
    sqs.purge_queue(QueueUrl=url)


@contextmanager
def with_source_off(deployment: Deployment) -> Iterator[None]:
    functions = deployment.client("lambda")
    (source,) = functions.list_event_source_mappings(
        FunctionName=deployment.stage.function, EventSourceArn=deployment.outputs["WorkQueueArn"]
    )["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=source["UUID"], Enabled=False)
    yield
    functions.update_event_source_mapping(UUID=source["UUID"], Enabled=True)


@contextmanager
def with_alarm(deployment: Deployment) -> Iterator[None]:
    watch, prefix = deployment.client("cloudwatch"), f"{deployment.stage.function}-"
    name = watch.describe_alarms(AlarmNamePrefix=prefix)["MetricAlarms"][0]["AlarmName"]
    watch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    yield
    watch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="test")


def on_bucket(get: str, put: str, broken: dict[str, Any], *kept: str) -> Callable[[Deployment], Any]:
    @contextmanager
    def change(deployment: Deployment) -> Iterator[None]:
        s3, bucket = deployment.client("s3"), {"Bucket": deployment.outputs["FilesBucket"]}
        before = getattr(s3, get)(**bucket)
        getattr(s3, put)(**bucket, **broken)
        yield
        (name,) = broken
        getattr(s3, put)(**bucket, **{name: before[name] if name in before else {k: before[k] for k in kept}})

    return change


@contextmanager
def with_table_unprotected(deployment: Deployment) -> Iterator[None]:
    database, name = deployment.client("dynamodb"), deployment.outputs["AuditTable"]
    database.update_table(TableName=name, DeletionProtectionEnabled=False)
    yield
    database.update_table(TableName=name, DeletionProtectionEnabled=True)


@contextmanager
def with_recovery_off(deployment: Deployment) -> Iterator[None]:
    database, name = deployment.client("dynamodb"), deployment.outputs["AuditTable"]
    for wanted in (False, True):
        database.update_continuous_backups(
            TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": wanted}
        )
        if not wanted:
            yield


def name(value: Any) -> str:
    return str(getattr(value, "__name__", ""))


OTHER_ORIGIN = {"CORSConfiguration": {"CORSRules": [{"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}]}}
OPEN = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), False
)
BREAKS: list[tuple[Check, Callable[[Deployment], Any], str]] = [
    (function.check_function, with_memory, "MemorySize is 128"),
    (function.check_settings, lambda d: with_variables(d, PORTAL_TABLE="other"), "PORTAL_TABLE is other"),
    (function.check_settings, lambda d: with_variables(d, PORTAL_SCAN_REQUIRED="on"),
     "PORTAL_SCAN_REQUIRED is set, and nothing says so"),
    (function.check_secret_key, lambda d: with_variables(d, PORTAL_SECRET_KEY="old"), "newest key"),
    (address.check_health, lambda d: with_page(d, "health"), "answers 503"),
    (address.check_health, lambda d: with_page(d, "version"), "version 0.0.1 runs"),
    (address.check_sign_in, lambda d: with_page(d, "sign-in"), "elsewhere.example"),
    (address.check_files_origin, lambda d: with_page(d, "policy"), "nothing can be uploaded"),
    (events.check_event_source, with_source_off, "Disabled"),
    (events.check_dead_letters, with_dead_letter, "1 events"),
    (events.check_alarms, with_alarm, "sick-ward-"),
    (data.check_public_access, on_bucket("get_public_access_block", "put_public_access_block",
     {"PublicAccessBlockConfiguration": OPEN}), "public"),
    (data.check_origin, on_bucket("get_bucket_cors", "put_bucket_cors", OTHER_ORIGIN, "CORSRules"),
     r"lets in \*"),
    (data.check_versions, on_bucket("get_bucket_versioning", "put_bucket_versioning",
     {"VersioningConfiguration": {"Status": "Suspended"}}, "Status"), "keeps none"),
    (data.check_lifecycle, with_rules(RULES["abandoned-parts"]), "empty-delete-markers is missing"),
    (data.check_lifecycle, with_rules(*RULES.values(), ENDS_FILES), "tidy is not the portal's"),
    (data.check_recovery, with_recovery_off, "no point-in-time"),
    (data.check_deletion_protection, with_table_unprotected, "can be deleted"),
    (people.check_sign_in_client, lambda d: with_variables(d, PORTAL_OIDC_CLIENT_SECRET="x"), "secret"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("check", "breaking", "what"), BREAKS, ids=lambda each: getattr(each, "__name__", "")
)
def test_a_check_sees_what_is_broken_and_that_it_was_mended(
    deployment: Deployment, check: Check, breaking: Callable[[Deployment], Any], what: str
) -> None:
    assert look(deployment, check).state is State.RIGHT, look(deployment, check)
    with breaking(deployment):
        found = look(deployment, check)
        assert found.state is State.WRONG
        assert re.search(what, found.what)
        assert found.next_step
    assert look(deployment, check).state is State.RIGHT


def test_a_stage_that_is_not_there_is_no_traceback(embedded_aws: MiniStack) -> None:
    with pytest.raises(CommandFailed, match="make deploy STAGE=production"):
        read_deployment(embedded_aws.session(), read_stage("production"))


def test_all_checks_are_run_and_told_of(deployment: Deployment) -> None:
    """Each has a name of its own, and the two ways of telling tell the same."""
    fresh = read_deployment(deployment.session, deployment.stage)
    findings = list(examine(fresh, CHECKS))
    assert len({each.check for each in findings}) == len(CHECKS)
    assert len(json.loads(to_json(findings))) == len(CHECKS)
    table = format_findings(findings)
    assert all(each.what in table for each in findings)
    assert all(each.next_step for each in findings if each.state is not State.RIGHT)


def test_its_page_shows_every_check() -> None:
    page = (CHECKOUT / "docs" / "doctor.md").read_text(encoding="utf-8")
    shown = re.findall(r"^  right  (\S+(?: \S+)*)  ", page, re.MULTILINE)
    assert [each.replace(" ", "_") for each in shown] == [name(each)[6:] for each in CHECKS]


@pytest.mark.parametrize("check", CHECKS, ids=name)
def test_a_check_is_named_after_what_it_looks_at(deployment: Deployment, check: Check) -> None:
    """So that one that was refused is found under the same name."""
    assert look(deployment, check).check == check.__name__.removeprefix("check_").replace("_", " ")


def test_an_alarm_of_a_stage_named_alike_is_not_this_stages(deployment: Deployment) -> None:
    """The project sick-ward has stages too, whose alarms begin as those of the stage ward of sick do."""
    watch, name = deployment.client("cloudwatch"), f"{deployment.stage.function}-pilot-throttles"
    watch.put_metric_alarm(
        AlarmName=name, Namespace="AWS/Lambda", MetricName="Throttles", Statistic="Sum", Period=60,
        EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    watch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    assert look(deployment, events.check_alarms).state is State.RIGHT
    watch.delete_alarms(AlarmNames=[name])
