"""The portal's own address, asked as a browser asks it: there, of this version, and safe to open."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime
from urllib.parse import urlsplit

import requests
from botocore.config import Config

from infrastructure.doctor.findings import Deployment, Finding, judge, right, unknown, wrong
from portal.version import read_version

SECONDS = 30  # a cold start and API Gateway's own limit are within it
RENEWED_DAYS = 14  # ACM renews sixty days before the end
NOT_THERE = "make logs; after a new domain, wait until its DNS records are known."


def check_health(deployment: Deployment) -> Finding:
    address = f"{deployment.outputs['PublicUrl']}/healthz"
    answer = requests.get(address, timeout=SECONDS)
    if answer.status_code != 200:
        return wrong("health", f"{address} answers {answer.status_code}", NOT_THERE)
    version, here = answer.json().get("version"), read_version()
    other = [f"version {version} runs, {here} is here"] if version != here else []
    return judge("health", other, f"version {version} answers", "make deploy")


def check_sign_in(deployment: Deployment) -> Finding:
    """A page of staff leads to where people sign in, over the portal's own page for that."""
    address, host = f"{deployment.outputs['PublicUrl']}/login", _sign_in_host(deployment)
    answer = requests.get(address, timeout=SECONDS, allow_redirects=False)
    leads = urlsplit(answer.headers.get("Location", "")).netloc
    what = f"{address} answers {answer.status_code} and leads to {leads or 'nothing'}, not to {host}"
    problems = [] if leads and leads == host else [what]
    return judge("sign in", problems, f"leads to {host}", "make deploy; if it stays, make logs.")


def check_files_origin(deployment: Deployment) -> Finding:
    """Pages may speak to the files bucket, as uploads do, and the address is the one the bucket has."""
    answer = requests.get(deployment.outputs["PublicUrl"] + "/", timeout=SECONDS)
    policy = answer.headers.get("Content-Security-Policy", "")
    own = Config(signature_version="s3v4", s3={"us_east_1_regional_endpoint": "regional"})
    s3 = deployment.session.client("s3", config=own)
    named = {"Bucket": deployment.outputs["FilesBucket"], "Key": "x"}
    host = urlsplit(s3.generate_presigned_url("get_object", named)).netloc
    problems = [] if host in policy else [f"pages may not speak to {host}, so nothing can be uploaded"]
    return judge("files origin", problems, f"pages may speak to {host}", "make deploy")


def check_certificate(deployment: Deployment) -> Finding:
    address = urlsplit(deployment.outputs["PublicUrl"])
    if address.scheme != "https":
        return right("certificate", "none is needed on this machine itself")
    try:
        ends = _certificate_ends(address.hostname or "", address.port or 443)
    except ssl.SSLError as error:
        return wrong("certificate", f"{address.hostname}: {error.reason}", "Look at the certificate in ACM.")
    except OSError as error:
        return unknown("certificate", f"{address.hostname} cannot be reached: {error}", NOT_THERE)
    days = (ends - datetime.now(UTC)).days
    soon = [f"it ends in {days} days"] if days < RENEWED_DAYS else []
    step = "See in ACM why it was not renewed; its DNS record must still be there."
    return judge("certificate", soon, f"until {ends:%Y-%m-%d}", step)


def _certificate_ends(host: str, port: int) -> datetime:
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        found = secure.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(found["notAfter"])), UTC)


def _sign_in_host(deployment: Deployment) -> str:
    """Where the pool's pages are, which the function was told for signing out."""
    return urlsplit(deployment.variables.get("PORTAL_SIGN_OUT_URL", "")).netloc
