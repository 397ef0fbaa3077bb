"""Nothing here assumes one region or one partition of AWS."""

from __future__ import annotations

import ast
import re
from typing import Any

import botocore.session
import pytest

from infrastructure.deployer_policy import PASSED_TO
from infrastructure.function import zappa_settings
from infrastructure.stack import TEMPLATE, VARIABLES, portal_environment
from infrastructure.stacks import STACKS
from infrastructure.stages import read_stage
from portal.aws.cognito.directory import POOL
from tests.infrastructure.test_deploy import OUTPUTS

pytestmark = pytest.mark.requirement("R67")

CHECKOUT = TEMPLATE.parents[1]
SESSION = botocore.session.get_session()
POOLS = [
    (partition, region)
    for partition in SESSION.get_available_partitions()
    for region in SESSION.get_available_regions("cognito-idp", partition)
]


def cognito_address(region: str) -> str:
    client = SESSION.create_client(
        "cognito-idp", region_name=region, aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="secret"
    )
    return str(client.meta.endpoint_url)


@pytest.fixture
def domain_of(template: dict[str, Any]) -> Any:
    """The template's output SignInDomain, as CloudFormation makes it."""
    text, _ = template["Outputs"]["SignInDomain"]["Value"]["Fn::Sub"]

    def made(partition: str, region: str) -> str:
        values = {"UserPoolDomain": "portal-123", "AWS::Region": region}
        values |= template["Mappings"]["SignInHosts"][partition]
        return re.sub(r"\$\{([A-Za-z:]+)\}", lambda found: str(values[found[1]]), text)

    return made


@pytest.mark.parametrize(
    ("region", "domain"),
    [
        ("us-east-1", "portal-123.auth.us-east-1.amazoncognito.com"),
        ("ap-southeast-5", "portal-123.auth.ap-southeast-5.amazoncognito.com"),
        ("us-gov-west-1", "portal-123.auth-fips.us-gov-west-1.amazoncognito.com"),
        ("cn-north-1", "portal-123.auth.cn-north-1.amazoncognito.com.cn"),
        ("eusc-de-east-1", "portal-123.auth.cognito-idp.eusc-de-east-1.on.amazonwebservices.eu"),
    ],
)
def test_people_sign_in_where_the_partition_serves_the_pages(
    domain_of: Any, region: str, domain: str
) -> None:
    assert domain_of(SESSION.get_partition_for_region(region), region) == domain


@pytest.mark.parametrize(("partition", "region"), POOLS)
def test_a_pool_is_recognized_in_every_region(domain_of: Any, partition: str, region: str) -> None:
    """Its sign-out page is on the sign-in host, and its id is read from the metadata address."""
    domain = domain_of(partition, region)
    outputs = dict.fromkeys(VARIABLES, "x") | {"UserPool": f"{region}_Abc123", "SignInDomain": domain}
    environment = portal_environment(outputs, "secret", cognito_address(region))
    assert environment["PORTAL_SIGN_OUT_URL"] == f"https://{domain}/logout"
    found = POOL.search(environment["PORTAL_OIDC_METADATA_URL"])
    assert found
    assert found[1] == outputs["UserPool"]


def test_a_stand_in_serves_its_own_sign_in_pages() -> None:
    """Also one that is named like the service."""
    outputs = dict.fromkeys(VARIABLES, "x") | {"UserPool": "eu-central-1_Abc123", "SignInDomain": "elsewhere"}
    for address in ("http://127.0.0.1:4566", "https://cognito-idp.aws.example.org:4566"):
        assert portal_environment(outputs, "s", address)["PORTAL_SIGN_OUT_URL"] == f"{address}/logout"


@pytest.mark.parametrize(
    ("region", "touched"),
    [("eu-central-1", True), ("us-gov-west-1", True), ("cn-north-1", False), ("eusc-de-east-1", False)],
)
def test_zappa_asks_no_address_that_does_not_exist(region: str, touched: bool) -> None:
    assert zappa_settings(read_stage("production").settings, OUTPUTS, {}, region)["touch"] is touched


def test_the_templates_name_no_partition_and_no_region() -> None:
    """Use AWS::Partition and AWS::Region. Services have the same names as principals everywhere."""
    lines = [line for one in STACKS for line in one.template.read_text("utf-8").splitlines()]
    text = "\n".join(line.split("  #")[0] for line in lines)
    assert not re.findall(r"arn:aws[a-z-]*:", text)
    assert not re.findall(r"\b[a-z]{2}-(?:[a-z]+-)?[a-z]+-\d\b", text)
    hosts = set(re.findall(r"\b[a-z0-9.-]+\.amazonaws\.com\b", text))
    assert {host.removesuffix(".amazonaws.com") for host in hosts} == {
        "lambda", "apigateway", "s3", "sns", "ses", "events", "logging.s3", "cognito-idp",
        "malware-protection-plan.guardduty",
    }  # fmt: skip


@pytest.mark.parametrize("folder", ["portal", "infrastructure"])
def test_the_code_writes_no_address_of_aws_itself(folder: str) -> None:
    """What the SDK makes of region and partition is asked of the SDK, never computed a second time. Services
    have the same names as principals everywhere.
    """
    written = [
        (str(path.relative_to(CHECKOUT)), node.value)
        for path in (CHECKOUT / folder).rglob("*.py")
        if "local" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value not in PASSED_TO
        and re.search(r"amazonaws|amazoncognito|arn:aws", node.value)
    ]
    assert not written


@pytest.mark.parametrize(
    ("address", "accepted"),
    [
        ("https://files.example.org", True),
        ("https://files.example.org/portal", True),
        ("https://files.example.org:8443/portal", True),
        ("https://files.example.org:4433", True),
        ("https://files.example.org:443", False),
        ("https://files.example.org:443/portal", False),
        ("http://127.0.0.1:8000", True),
        ("http://127.0.0.1:8001/portal", True),
        ("http://localhost:80", False),
        ("http://localhost:80/portal", False),
    ],
)
def test_the_public_address_is_written_as_browsers_write_origins(
    template: dict[str, Any], address: str, accepted: bool
) -> None:
    """S3 compares a browser's Origin with the CORS rule letter by letter."""
    pattern = template["Parameters"]["PublicUrl"]["AllowedPattern"]
    assert bool(re.fullmatch(pattern, address)) is accepted
