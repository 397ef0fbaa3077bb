"""A domain of one's own: made before the function, which it is led to once that is deployed."""

from __future__ import annotations

from collections.abc import Mapping

import boto3

from infrastructure.change_sets import bring_stack
from infrastructure.consent import ask_before
from infrastructure.failures import CommandFailed
from infrastructure.function import find_api
from infrastructure.stack_states import exists_stack
from infrastructure.stacks import DOMAIN, make_request
from infrastructure.stages import Stage

NEEDS_A_CERTIFICATE = (
    "The domain {domain} needs a certificate. Where its DNS is a hosted zone of this account's Route 53, say"
    " which: hosted_zone. Otherwise ask ACM for one in this region, prove the domain by the record that it"
    " names, and say certificate_arn."
)


def with_domain(given: Mapping[str, str]) -> dict[str, str]:
    """What was given, and the portal's address by the domain. Raises CommandFailed without a certificate."""
    domain = given.get("DomainName", "")
    if not domain:
        return dict(given)
    if not (given.get("HostedZone") or given.get("CertificateArn")):
        raise CommandFailed(NEEDS_A_CERTIFICATE.format(domain=domain))
    return {"PublicUrl": f"https://{domain}", **given}


def lead_domain_to_api(session: boto3.Session, stage: Stage) -> None:
    """Nothing where the stage has no domain; else have it lead to the function's API."""
    if not exists_stack(session, stage.stack(DOMAIN.suffix)):
        return
    offers = {"ApiId": find_api(session, stage), "ApiStage": stage.name}
    if bring_stack(session, make_request(stage, DOMAIN, offers, ask_before(yes=True))):
        print("The domain leads to the function's API.")
