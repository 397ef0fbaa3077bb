"""The commands of the README against embedded AWS: the stack, the package, `zappa deploy`, then a walk."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
import requests
from botocore.config import Config

from infrastructure.package import CHECKOUT
from infrastructure.stack import stack_outputs
from portal.local.adaptations import suit_embedded_aws
from portal.local.ministack import MiniStack
from portal.local.people import STAFF, add_people
from tests.deployed.conftest import STAGE

FUNCTION = f"file-portal-{STAGE}"
STACK = f"{FUNCTION}-resources"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@dataclass(frozen=True)
class Deployer:
    """Somebody at a shell, with the account's keys."""

    aws: MiniStack
    build: Path
    package: Path

    def run(self, module: str, *arguments: str) -> str:
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(
            command, cwd=CHECKOUT, env=self.aws.root_environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def infrastructure(self, *arguments: str) -> str:
        return self.run("infrastructure.deploy", "--stage", STAGE, "--build", str(self.build), *arguments)

    def zappa(self, command: str) -> str:
        settings = str(self.build / f"zappa_settings.{STAGE}.json")
        return self.run("zappa.cli", command, STAGE, "-s", settings, "--zip", str(self.package))


@dataclass(frozen=True)
class Deployed:
    url: str
    session: boto3.Session
    said: str  # what the deployer read before deploying


@pytest.fixture(scope="module")
def deployed(
    package: Path, build_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployed]:
    """Deployed twice, as without a domain of one's own: first to learn the address, then to use it."""
    with MiniStack(tmp_path_factory.mktemp("aws")) as aws:
        deployer, session = Deployer(aws, build_folder, package), aws.session()
        said = deployer.infrastructure(
            *("--public-url", "http://127.0.0.1:8000", "--mail-from", "portal@example.org"),
            *("--protection", "off"),
        )
        suit_embedded_aws(session, stack_outputs(session, STACK))
        deployer.zappa("deploy")
        (api,) = session.client("apigateway").get_rest_apis()["items"]
        let_binary_answers_through(session, api["id"])
        url = f"{aws.endpoint}/restapis/{api['id']}/{STAGE}/_user_request_"
        assert "zappa update" in deployer.infrastructure("--public-url", url)
        suit_embedded_aws(session, stack_outputs(session, STACK))
        deployer.zappa("update")
        add_people(session.client("cognito-idp"), stack_outputs(session, STACK)["UserPool"])
        yield Deployed(url, session, said)


def let_binary_answers_through(session: boto3.Session, api: str) -> None:
    """Zappa asks for it by a patch of `/binaryMediaTypes/*~1*` (RFC 6901); MiniStack 1.5.33 leaves `~1` as it
    is, and takes a whole list instead, which botocore would not send unless told not to look."""
    gateway = session.client("apigateway", config=Config(parameter_validation=False))
    change = {"op": "replace", "path": "/binaryMediaTypes", "value": ["*/*"]}
    gateway.update_rest_api(restApiId=api, patchOperations=[change])


def test_the_command_says_what_comes_next(deployed: Deployed) -> None:
    assert f"zappa deploy {STAGE} -s " in deployed.said
    assert "make package" in deployed.said


def test_the_function_runs_under_the_stacks_role(deployed: Deployed) -> None:
    """R40, T15: our handler and role, and one source of events."""
    functions = deployed.session.client("lambda")
    function = functions.get_function_configuration(FunctionName=FUNCTION)
    outputs = stack_outputs(deployed.session, STACK)
    assert function["Handler"] == "portal.lambda_entry.handler"
    assert function["Role"] == outputs["FunctionRoleArn"]
    (source,) = functions.list_event_source_mappings(FunctionName=FUNCTION)["EventSourceMappings"]
    assert (source["EventSourceArn"], source["State"]) == (outputs["EventsQueueArn"], "Enabled")


def test_the_settings_with_secrets_are_the_owners_alone(deployed: Deployed, build_folder: Path) -> None:
    """R13: nobody else on the deployer's machine reads the keys."""
    settings = build_folder / f"zappa_settings.{STAGE}.json"
    assert settings.stat().st_mode & 0o077 == 0
    assert json.loads(settings.read_text())[STAGE]["aws_environment_variables"]["PORTAL_SECRET_KEY"]


def test_a_member_of_staff_signs_in_and_finds_the_pages(deployed: Deployed) -> None:
    """R21: every page is reached below the gateway's prefix, through the hosted sign-in page and back."""
    browser = requests.Session()
    assert browser.get(f"{deployed.url}/healthz", timeout=30).status_code == 200
    assert "<h1" in browser.get(f"{deployed.url}/", timeout=30).text
    landed = sign_in(browser, deployed.url)
    assert landed.status_code == 200
    assert landed.url.startswith(deployed.url)
    for page in ("/upload", "/files", "/shares", "/shared-with-me", "/account"):
        answer = browser.get(deployed.url + page, timeout=30)
        assert (answer.status_code, answer.url) == (200, deployed.url + page)
    assert requests.get(f"{deployed.url}/files", timeout=30, allow_redirects=False).status_code in {302, 303}


def test_what_pages_refer_to_is_there_byte_for_byte(deployed: Deployed) -> None:
    """R21, R22, T5: styles and scripts come through the gateway whole, binary ones too."""
    landing = requests.get(f"{deployed.url}/", timeout=30).text
    paths = set(re.findall(r'(?:href|src)="([^"]+/static/[^"?]+)', landing))
    assert paths
    for path in paths:
        answer = requests.get(deployed.url.split("/restapis")[0] + path, timeout=30)
        assert answer.status_code == 200, path
        assert answer.content == (CHECKOUT / "static" / path.split("/static/", 1)[1]).read_bytes(), path


def test_strangers_links_look_alike(deployed: Deployed) -> None:
    """R45: what was never a link is not found, however it is spelled."""
    for token in ("x", "A" * 80):
        assert requests.get(f"{deployed.url}/d/{token}", timeout=30).status_code == 404


def sign_in(browser: requests.Session, url: str) -> requests.Response:
    """Through the pool's hosted page, as a person would."""
    page = browser.get(f"{url}/login", timeout=30)
    fields = dict(HIDDEN.findall(page.text.replace("&amp;", "&")))
    fields |= {"username": STAFF.email, "password": STAFF.password}
    origin = "/".join(page.url.split("/")[:3])
    return browser.post(f"{origin}/login", data=fields, timeout=30)
