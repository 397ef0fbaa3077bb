"""`make deploy` against embedded AWS, again and again, then a walk."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
import requests
from botocore.config import Config

from infrastructure.deployer_policy import REASONS, list_called_actions
from infrastructure.doctor.checks import CHECKS, SMOKE, read_deployment
from infrastructure.doctor.findings import State, examine
from infrastructure.runtime import CHECKOUT
from infrastructure.stack import stack_outputs
from infrastructure.stacks import STACKS
from infrastructure.stages import read_stage
from portal.config.settings import SECRETS
from portal.local.adaptations import suit_embedded_aws
from portal.local.ministack import MiniStack
from portal.local.outbox import list_sent_mails
from portal.local.people import STAFF, add_people
from tests.deployed.conftest import STAGE
from tests.deployed.deployer import Deployer, Run, watch, write_stage
from tests.deployed.visitor import Visitor

FUNCTION = f"file-portal-{STAGE}"
STACK = f"{FUNCTION}-resources"
NO_EARLIER_MAILS = Path("none")
BYTES = b"minutes of the meeting\n" * 1000


@dataclass(frozen=True)
class Deployed:
    url: str
    endpoint: str
    session: boto3.Session
    outputs: dict[str, str]
    runs: dict[str, Run]
    deployer: Deployer


@pytest.fixture(scope="module")
def deployed(
    package: Path, build_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployed]:
    """Deployed as without a domain of one's own: first to learn the address, then to use it, then again."""
    with MiniStack(tmp_path_factory.mktemp("aws")) as aws:
        deployer, session = Deployer(aws, build_folder, package), aws.session()
        write_stage(build_folder / "stages")
        runs, here = {}, ("--public-url", "http://127.0.0.1:8000")
        runs["first"] = watch(session, lambda: deployer.deploy(*here, "--yes", status=1))
        (api,) = session.client("apigateway").get_rest_apis()["items"]
        let_binary_answers_through(session, api["id"])
        url = f"{aws.endpoint}/restapis/{api['id']}/{STAGE}/_user_request_"
        runs["plan"] = watch(session, lambda: deployer.deploy("--public-url", url, "--plan"))
        runs["moved"] = watch(session, lambda: deployer.deploy("--public-url", url, "--yes"))
        runs["again"] = watch(session, lambda: deployer.deploy("--yes"))
        outputs = stack_outputs(session, STACK)
        suit_embedded_aws(session, outputs)
        say_maximum_in_numbers(session)
        add_people(session.client("cognito-idp"), outputs["UserPool"])
        yield Deployed(url, aws.endpoint, session, outputs, runs, deployer)


def say_maximum_in_numbers(session: boto3.Session) -> None:
    """A number of a template's parameter stays a text in MiniStack 1.5.33, which then cannot compare it."""
    functions = session.client("lambda")
    for each in functions.list_event_source_mappings(FunctionName=FUNCTION)["EventSourceMappings"]:
        most = int(each["ScalingConfig"]["MaximumConcurrency"])
        functions.update_event_source_mapping(UUID=each["UUID"], ScalingConfig={"MaximumConcurrency": most})


def let_binary_answers_through(session: boto3.Session, api: str) -> None:
    """Zappa asks for it by a patch of `/binaryMediaTypes/*~1*` (RFC 6901); MiniStack 1.5.33 leaves `~1` as it
    is, and takes a whole list instead, which botocore would not send unless told not to look."""
    gateway = session.client("apigateway", config=Config(parameter_validation=False))
    change = {"op": "replace", "path": "/binaryMediaTypes", "value": ["*/*"]}
    gateway.update_rest_api(restApiId=api, patchOperations=[change])


def test_a_portal_that_does_not_answer_is_told_of(deployed: Deployed) -> None:
    """The first time its address leads nowhere yet."""
    assert "does not answer at http://127.0.0.1:8000" in deployed.runs["first"].said


def test_it_ends_with_pages_that_came_and_with_what_is_left(deployed: Deployed) -> None:
    """Nobody is an administrator yet."""
    said = deployed.runs["again"].said
    assert re.findall(r"^  (right|wrong|unknown) ", said, re.MULTILINE) == ["right"] * len(SMOKE)
    assert f"make admin ADDRESS=you@example.org STAGE={STAGE}" in said


def test_the_doctor_finds_nothing_but_what_the_stand_in_leaves_out(deployed: Deployed) -> None:
    """Of the templates; and no figure leaves its logs, and a test of pages has changed things by hand."""
    stage = read_stage(STAGE, deployed.deployer.build / "stages")
    findings = examine(read_deployment(deployed.session, stage), CHECKS)
    not_right = {each.check: each.what for each in findings if each.state is not State.RIGHT}
    left_out = {"recovery", "expiry", "lifecycle", "last tick", "alarms", "concurrency"}
    by_hand = {"origin", "drift", "alarm subscription", "deletion protection"}
    assert not_right.keys() <= left_out | by_hand, not_right


def test_a_plan_shows_changes_and_makes_none(deployed: Deployed) -> None:
    """The files bucket's CORS rule has the portal's address."""
    run = deployed.runs["plan"]
    assert re.search(r"Modify +FilesBucket +AWS::S3::Bucket", run.said)
    assert run.before == run.after


@pytest.mark.requirement("I7")
def test_a_second_run_changes_nothing(deployed: Deployed) -> None:
    run = deployed.runs["again"]
    assert run.said.count("as it should be") == len([each for each in STACKS if not each.made_for]) + 1
    assert run.before == run.after
    moved = deployed.runs["moved"]
    assert moved.before != moved.after


def test_every_stack_and_the_function_have_the_stages_tags(deployed: Deployed) -> None:
    for each in deployed.session.client("cloudformation").describe_stacks()["Stacks"]:
        tags = {tag["Key"]: tag["Value"] for tag in each["Tags"]}
        assert tags["portal-stage"] == STAGE, each["StackName"]
    function = deployed.session.client("lambda").get_function(FunctionName=FUNCTION)
    assert function["Tags"]["portal-stage"] == STAGE


@pytest.mark.requirement("R40", "T15")
def test_the_function_runs_under_the_stacks_role(deployed: Deployed) -> None:
    """Our handler and role, and the two queues as its only sources of events."""
    functions = deployed.session.client("lambda")
    function = functions.get_function_configuration(FunctionName=FUNCTION)
    outputs = deployed.outputs
    assert function["Handler"] == "portal.lambda_entry.handler"
    assert function["Role"] == outputs["FunctionRoleArn"]
    sources = functions.list_event_source_mappings(FunctionName=FUNCTION)["EventSourceMappings"]
    assert {each["State"] for each in sources} == {"Enabled"}
    assert sorted(each["EventSourceArn"] for each in sources) == sorted(
        [outputs["EventsQueueArn"], outputs["WorkQueueArn"]]
    )


@pytest.mark.requirement("R13")
def test_the_settings_with_secrets_are_the_owners_alone(deployed: Deployed, build_folder: Path) -> None:
    """Nobody else on the deployer's machine reads the keys."""
    settings = build_folder / f"zappa_settings.{STAGE}.json"
    assert settings.stat().st_mode & 0o077 == 0
    told = json.loads(settings.read_text())[STAGE]["aws_environment_variables"]
    assert told["PORTAL_SECRETS_PARAMETER"].startswith(f"/{FUNCTION}/secrets:")
    assert not told.keys() & set(SECRETS)


@pytest.fixture(scope="module")
def staff(deployed: Deployed) -> Visitor:
    """A member of staff who has signed in through the pool's hosted page."""
    visitor = Visitor(deployed.url)
    visitor.open("/login")
    visitor.submit("/login", username=STAFF.email, password=STAFF.password)
    assert visitor.page.url.startswith(deployed.url)
    return visitor


@pytest.mark.requirement("R21")
def test_every_page_is_below_the_gateways_prefix(deployed: Deployed, staff: Visitor) -> None:
    """No link, redirect or form loses or doubles the stage."""
    prefix = urlsplit(deployed.url).path
    for path in ("/upload", "/files", "/shares", "/shared-with-me", "/account"):
        page = staff.open(path)
        assert staff.page.url == deployed.url + path
        addresses = [each.attributes.get("href", "") for each in page.all("a")]
        addresses += [each.attributes.get("action", "") for each in page.all("form")]
        for address in [each for each in addresses if each.startswith("/")]:
            assert address.count(prefix) == 1, f"{path} leads to {address}"


@pytest.mark.requirement("R11")
def test_a_stranger_is_asked_to_sign_in(deployed: Deployed) -> None:
    """A page of staff leads to the sign-in page."""
    stranger = Visitor(deployed.url)
    stranger.open("/files")
    assert stranger.page.url.startswith(f"{deployed.endpoint}/oauth2/authorize")


@pytest.mark.requirement("R27", "R28", "R44", "R49")
def test_a_file_goes_from_staff_to_a_partner(deployed: Deployed, staff: Visitor) -> None:
    """Bytes go straight to S3, its event makes the file ready, the partner gets them."""
    staff.open("/upload?plain=1")
    staff.submit("/upload", name="minutes.txt")
    staff.submit(f"/{deployed.outputs['FilesBucket']}", files={"file": ("minutes.txt", BYTES)})
    file_id = urlsplit(staff.page.url).path.split("/")[-2]
    share = f"/shares/new?file={file_id}"
    wait_for(lambda: staff.open(f"/upload/{file_id}/done").all("a", href=urlsplit(deployed.url).path + share))
    staff.open(share)
    staff.submit("/shares/new", recipients="partner@example.net", step="review")
    staff.submit("/shares/new", step="share")
    (link,) = wait_for(lambda: find_in_newest_mail(deployed, re.escape(deployed.url) + r"/d/\S+"))
    partner = Visitor(deployed.url)
    partner.open(link)
    partner.submit("/code")
    partner.submit("/confirm", code=find_in_newest_mail(deployed, r"\b[0-9]{6}\b")[0])
    partner.submit("/download")
    assert partner.page.content == BYTES
    # MiniStack 1.5.33 gives a named version without the headers that its address asks for.
    assert "response-content-disposition=attachment" in partner.page.url


def find_in_newest_mail(deployed: Deployed, pattern: str) -> list[str]:
    """What the newest email has of this."""
    mails = list_sent_mails(deployed.endpoint, NO_EARLIER_MAILS)
    return re.findall(pattern, mails[-1]["text"]) if mails else []


def wait_for(found: Callable[[], list[Any]]) -> list[Any]:
    """What comes by way of the queue comes in a while."""
    deadline = time.monotonic() + 60
    while not (what := found()):
        assert time.monotonic() < deadline, "waited for a minute"
        time.sleep(0.3)
    return what


@pytest.mark.requirement("R21", "R22", "T5")
def test_what_pages_refer_to_is_there_byte_for_byte(deployed: Deployed) -> None:
    """Styles and scripts come through the gateway whole, binary ones too."""
    landing = requests.get(f"{deployed.url}/", timeout=30).text
    paths = set(re.findall(r'(?:href|src)="([^"]+/static/[^"?]+)', landing))
    assert paths
    for path in paths:
        answer = requests.get(deployed.url.split("/restapis")[0] + path, timeout=30)
        assert answer.status_code == 200, path
        assert answer.content == (CHECKOUT / "static" / path.split("/static/", 1)[1]).read_bytes(), path


@pytest.mark.requirement("R45")
def test_strangers_links_look_alike(deployed: Deployed) -> None:
    """What was never a link is not found, however it is spelled."""
    for token in ("x", "A" * 80):
        assert requests.get(f"{deployed.url}/d/{token}", timeout=30).status_code == 404


def test_a_deployer_may_call_what_the_commands_call_and_nothing_else(deployed: Deployed) -> None:
    """After all that was deployed above, looked at, given a new key and taken down: so this comes last."""
    run = deployed.deployer.command
    run("infrastructure.rotate")
    run("infrastructure.doctor", status=1)
    run("infrastructure.destroy", "--confirm", STAGE, "--build", str(deployed.deployer.build))
    assert deployed.deployer.list_actions() - REASONS.keys() == list_called_actions()
