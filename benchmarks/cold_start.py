"""The first partner page of a fresh process, beside a bare Flask page, both through apig-wsgi.

    python -m benchmarks.cold_start [--rounds 15] [--checkout] [--variables]

Builds the Lambda's package as production does (for this machine), unpacks it, and starts fresh
processes in turn: one that serves a bare Flask page, one that serves `/d/<token>` by the portal's own handler
with embedded AWS behind it, which reads its secrets from Parameter Store as production does; `--variables`
also measures one that has them in its environment. `--checkout` also measures the plain checkout, uncompiled.
Ratios are medians of rounds; the time is the process's own (user and system), as Lambda's INIT has a full
CPU; the wall time is printed beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from benchmarks.pages import Bench, add_files, bench_beside_aws, make_share
from infrastructure.kept_secrets import keep_secrets
from infrastructure.package import build
from infrastructure.runtime import own_runtime
from portal.aws.client import calls

EVENT = {
    "version": "2.0", "routeKey": "$default", "rawQueryString": "", "headers": {}, "isBase64Encoded": False,
    "requestContext": {
        "http": {"method": "GET", "sourceIp": "192.0.2.1", "protocol": "HTTP/1.1"}, "stage": "$default",
    },
}  # fmt: skip
BARE = """
from apig_wsgi import make_lambda_handler
from flask import Flask
app = Flask("bare")
app.get("/")(lambda: "hello")
handler = make_lambda_handler(app)
"""
PORTAL = "from portal.lambda_entry import handler"
ASK = """
import json, resource, sys, time
begun = time.perf_counter()
{setup}
answer = handler(json.loads(sys.argv[1]), None)
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([used.ru_utime + used.ru_stime, time.perf_counter() - begun, answer["statusCode"]]))
"""


def event(path: str, host: str) -> str:
    made = json.loads(json.dumps(EVENT))
    made["rawPath"] = made["requestContext"]["http"]["path"] = path
    made["headers"]["host"] = made["requestContext"]["domainName"] = host
    return json.dumps(made)


def once(setup: str, asked: str, place: Path, environment: dict[str, str]) -> tuple[float, float]:
    """Seconds of processor and of wall of one fresh process."""
    begun = time.perf_counter()
    program = f"import sys; sys.path.insert(0, {str(place)!r})" + ASK.format(setup=setup)
    ended = subprocess.run(
        [sys.executable, "-I", "-c", program, asked],
        env=environment, capture_output=True, text=True, check=True, cwd=place,
    )  # fmt: skip
    used, _, status = json.loads(ended.stdout.splitlines()[-1])
    if status != 200:
        raise SystemExit(f"answered {status}: {ended.stdout[:500]}")
    return used, time.perf_counter() - begun


def compare(place: Path, asked: str, environment: dict[str, str], rounds: int) -> None:
    bare, mine = [], []
    for _ in range(rounds + 1):
        bare.append(once(BARE, event("/", "localhost"), place, environment))
        mine.append(once(PORTAL, asked, place, environment))
    for what, column in (("processor", 0), ("wall", 1)):
        pairs = [(a[column], b[column]) for a, b in zip(bare[1:], mine[1:], strict=True)]
        ratio = statistics.median(b / a for a, b in pairs)
        floor, ours = (statistics.median(each) * 1000 for each in zip(*pairs, strict=True))
        print(f"  {what:<10} bare {floor:6.0f} ms   partner page {ours:6.0f} ms   ratio {ratio:.2f}")


def partner_page(running: Bench) -> str:
    """The request for a partner's page of a share that is there."""
    made = make_share(running, add_files(running.portal, 1))
    recipient = made.recipients[0]
    token = running.portal.services.links.token(made.about, recipient.id, 1, recipient.key_id)
    return event(f"/d/{token}", running.portal.config.host)


def as_lambda_does(running: Bench) -> dict[str, str]:
    """The environment as Lambda hands it over: the role's keys and its zone, no profile to assume."""
    credentials = calls.session().get_credentials()
    assert credentials is not None
    keys = credentials.get_frozen_credentials()
    kept = {
        name: value for name, value in os.environ.items() if name not in {"AWS_PROFILE", "AWS_CONFIG_FILE"}
    }
    return kept | {
        "TZ": ":UTC",
        "AWS_ACCESS_KEY_ID": str(keys.access_key),
        "AWS_SECRET_ACCESS_KEY": str(keys.secret_key),
        "AWS_SESSION_TOKEN": str(keys.token or ""),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="The first partner page of a fresh process.")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--variables", action="store_true", help="measure secrets in variables too")
    parser.add_argument("--checkout", action="store_true", help="measure the plain checkout too")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, bench_beside_aws() as (running, aws):
        request, plain = partner_page(running), as_lambda_does(running)
        environment = keep_secrets(aws.session(), "portal-local", plain)
        package = build(Path(folder) / "build", own_runtime(), [])
        task = Path(folder) / "task"
        zipfile.ZipFile(package).extractall(task)
        print(f"package, {package.stat().st_size / 1e6:.1f} MB, {asked.rounds} rounds")
        compare(task, request, environment, asked.rounds)
        if asked.variables:
            print("secrets in variables")
            compare(task, request, plain, asked.rounds)
        if asked.checkout:
            print("checkout, as it lies")
            compare(Path(__file__).parents[1], request, environment, asked.rounds)


if __name__ == "__main__":
    main()
