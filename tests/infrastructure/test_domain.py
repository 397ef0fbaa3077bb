"""A domain of one's own: with its certificate and record where its zone is ours, and led to the API."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from cfnlint.decode import cfn_yaml

from infrastructure import destroy, domain
from infrastructure.deploy import parameters_of
from infrastructure.domain import lead_domain_to_api, with_domain
from infrastructure.failures import CommandFailed
from infrastructure.parameters import PARAMETERS
from infrastructure.stack import Outputs, stack_outputs, stack_parameters
from infrastructure.stacks import DOMAIN, STACKS, bring_stacks, list_stacks
from infrastructure.stages import Stage
from portal.local.ministack import MiniStack

HOST = "files.example.org"
ARN = "arn:aws:acm:eu-central-1:000000000000:certificate/12345678-1234-1234-1234-123456789012"


def test_the_portals_address_is_by_the_domain() -> None:
    """Unless another one is said, as of a distribution in front of it."""
    given = {"DomainName": HOST, "HostedZone": "Z1"}
    assert with_domain(given)["PublicUrl"] == f"https://{HOST}"
    assert with_domain(given | {"PublicUrl": "https://x.example"})["PublicUrl"] == "https://x.example"
    assert with_domain({"MailFrom": "a@example.org"}) == {"MailFrom": "a@example.org"}
    with pytest.raises(CommandFailed, match="hosted_zone"):
        with_domain({"DomainName": HOST})
    options: Any = SimpleNamespace(**dict.fromkeys(PARAMETERS), **{})
    options.certificate_arn = ARN
    typed = parameters_of(Stage("pilot", {}, {"DomainName": HOST}), options)
    assert typed == {"DomainName": HOST, "CertificateArn": ARN, "PublicUrl": f"https://{HOST}"}


def test_a_domain_is_regional_and_takes_no_old_tls() -> None:
    template = cfn_yaml.load(str(DOMAIN.template))
    properties = template["Resources"]["Domain"]["Properties"]
    assert properties["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    assert "CertificateArn" not in properties, "an edge certificate is in us-east-1"
    assert properties["SecurityPolicy"] == "TLS_1_2"
    certificate = template["Resources"]["Certificate"]["Properties"]
    assert certificate["ValidationMethod"] == "DNS"
    assert certificate["DomainValidationOptions"][0]["HostedZoneId"] == {"Ref": "HostedZone"}


@pytest.fixture
def session(embedded_aws: MiniStack) -> boto3.Session:
    return embedded_aws.session()


def make_stage(session: boto3.Session, name: str, **given: str) -> Stage:
    stage = Stage(name, {"project_name": "domain"}, termination_protection=False)
    said = with_domain({"MailFrom": "portal@example.org", "Protection": "off", "SavedQueries": "off"} | given)
    bring_stacks(session, stage, said, lambda plan: None)
    return stage


def test_the_domain_leads_to_the_api_whichever_that_is(
    session: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made with certificate and record before there is one; and again where the function is made anew."""
    zone = session.client("route53").create_hosted_zone(Name="example.org", CallerReference="1")
    number = zone["HostedZone"]["Id"].rpartition("/")[2]
    stage = make_stage(session, "zoned", DomainName=HOST, HostedZone=number)
    gateway, name = session.client("apigateway"), stage.stack(DOMAIN.suffix)
    assert gateway.get_base_path_mappings(domainName=HOST)["items"] == []
    target = stack_outputs(session, name)["DomainTarget"]
    records = session.client("route53").list_resource_record_sets(HostedZoneId=number)["ResourceRecordSets"]
    aliases = {each["Name"].rstrip("."): each["AliasTarget"]["DNSName"].rstrip(".")
               for each in records if "AliasTarget" in each}  # fmt: skip
    assert aliases == {HOST: target}
    for wanted in ("first", "second"):
        api = gateway.create_rest_api(name=wanted)["id"]
        deployment = gateway.create_deployment(restApiId=api)["id"]
        gateway.create_stage(restApiId=api, stageName=stage.name, deploymentId=deployment)
        monkeypatch.setattr(domain, "find_api", lambda *_, api=api: api)
        lead_domain_to_api(session, stage)
        (mapping,) = gateway.get_base_path_mappings(domainName=HOST)["items"]
        assert (mapping["restApiId"], mapping["stage"]) == (api, stage.name)
    told = stack_parameters(session, stage.stack("monitoring"))
    assert told["DomainCertificateArn"] == stack_outputs(session, name)["DomainCertificateArn"]
    bring_stacks(session, stage, {}, refuse)
    lead_domain_to_api(session, stage)
    assert len(gateway.get_base_path_mappings(domainName=HOST)["items"]) == 1


def refuse(plan: Any) -> None:
    raise AssertionError(f"nothing is new: {plan}")


def test_where_the_dns_is_elsewhere_nothing_is_set_there(session: boto3.Session) -> None:
    host = "files.elsewhere.example"
    stage = make_stage(session, "elsewhere", DomainName=host, CertificateArn=ARN)
    found = session.client("apigateway").get_domain_name(domainName=host)
    assert found["regionalCertificateArn"] == ARN
    outputs = stack_outputs(session, stage.stack(DOMAIN.suffix))
    assert outputs.keys() == {"DomainTarget"}
    assert stack_parameters(session, stage.stack("monitoring"))["CertificateArn"] == ARN


def test_a_stage_without_a_domain_has_no_such_stack(session: boto3.Session) -> None:
    stage = Stage("plain", {"project_name": "domain"})
    client = session.client("cloudformation")
    assert list_stacks(client, stage) == [each for each in STACKS if each != DOMAIN]
    assert DOMAIN not in list_stacks(client, stage, {"DomainName": ""})
    assert list_stacks(client, stage, {"DomainName": HOST}) == [*STACKS]
    lead_domain_to_api(session, stage)


def test_a_domain_goes_before_the_api_it_leads_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """API Gateway deletes none that a domain leads to."""
    gone: list[str] = []
    monkeypatch.setattr(destroy, "exists_stack", lambda *_: True)
    for name in ("stack_outputs", "stack_parameters"):
        monkeypatch.setattr(destroy, name, lambda *_: Outputs())
    monkeypatch.setattr(destroy, "_remove_stack", lambda _, name, __: gone.append(name.rpartition("-")[2]))
    monkeypatch.setattr(destroy, "_remove_function", lambda *_: gone.append("function"))
    identity = SimpleNamespace(get_caller_identity=lambda: {"Account": "1"})
    session: Any = SimpleNamespace(region_name="eu-central-1", client=lambda _: identity)
    destroy.destroy(session, Stage("pilot", {"project_name": "portal"}), "pilot", destroy.BUILD)
    assert gone == ["mappings", "domain", "function", "monitoring", "resources", "artifacts"]
