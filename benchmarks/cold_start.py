"""The first pages of a fresh process, beside a bare Flask page, all through apig-wsgi.

    python -m benchmarks.cold_start [--rounds 15] [--variables] [--checkout]

Builds the Lambda's package as production does (for this machine's Python and processor), unpacks it, and
starts fresh processes in turn: one that serves a bare Flask page, and one for each of `/d/<token>`, `/files`
with 30 rows and `/healthz`, served by the portal's own handler with embedded AWS behind it. `--variables`
also measures it with secrets in its variables instead of in Parameter Store, `--checkout` the plain checkout,
uncompiled. Ratios are medians of rounds; the time is the process's own (user and system), as Lambda's INIT
has a full CPU; the memory is the most that was resident. Where valgrind is installed, instructions are
counted as well, once: whatever else the machine does, they are the same within 0.1 %. Not in it: the TLS
context and the authorities, since embedded AWS speaks plain HTTP.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
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
import json, resource, sys
{setup}
answer = handler(json.loads(sys.argv[1]), None)
used = resource.getrusage(resource.RUSAGE_SELF)
# Not `ru_maxrss`: it begins with what the process had that started this one.
(most,) = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(json.dumps([used.ru_utime + used.ru_stime, int(most), answer["statusCode"]]))
"""


def event(path: str, host: str) -> str:
    made = json.loads(json.dumps(EVENT))
    made["rawPath"] = made["requestContext"]["http"]["path"] = path
    made["headers"]["host"] = made["requestContext"]["domainName"] = host
    return json.dumps(made)


@dataclass(frozen=True)
class Start:
    """A fresh process that serves one request. setup: the lines that make `handler`."""

    setup: str
    asked: str
    place: Path
    environment: dict[str, str]

    def run(self, *watched_by: str) -> subprocess.CompletedProcess[str]:
        program = f"import sys; sys.path.insert(0, {str(self.place)!r})" + ASK.format(setup=self.setup)
        return subprocess.run(
            [*watched_by, sys.executable, "-I", "-c", program, self.asked],
            env=self.environment, capture_output=True, text=True, check=True, cwd=self.place,
        )  # fmt: skip

    def measure(self) -> tuple[float, float]:
        """Milliseconds of processor, and the most memory in MB."""
        ended = self.run()
        seconds, kilobytes, status = json.loads(ended.stdout.splitlines()[-1])
        if status != 200:
            raise SystemExit(f"answered {status}: {ended.stdout[:500]}")
        return seconds * 1000, kilobytes / 1000

    def count_instructions(self) -> int:
        ended = self.run("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")
        found = re.search(r"I\s+refs:\s+([\d,]+)", ended.stderr)
        assert found, ended.stderr
        return int(found[1].replace(",", ""))


def compare(starts: dict[str, Start], rounds: int) -> None:
    """Print each beside the first. A first round is not counted: it fills the disk's cache."""
    measured = [{name: start.measure() for name, start in starts.items()} for _ in range(rounds + 1)][1:]
    counting = shutil.which("valgrind") is not None
    counted = {name: start.count_instructions() if counting else 0 for name, start in starts.items()}
    bare = next(iter(starts))
    for name in starts:
        spent, memory = (statistics.median(each[name][part] for each in measured) for part in (0, 1))
        ratio = statistics.median(each[name][0] / each[bare][0] for each in measured)
        line = f"  {name:<13} {spent:6.0f} ms  {ratio:5.2f} x  {memory:5.0f} MB"
        if counting:
            line += (
                f"  {counted[name] / 1e6:7,.0f} million instructions  {counted[name] / counted[bare]:5.2f} x"
            )
        print(line)


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


def staff_page(running: Bench) -> str:
    """The request for `/files` by someone who is signed in, with 30 files."""
    add_files(running.portal, 30)
    made = json.loads(event("/files", running.portal.config.host))
    made["cookies"] = [f"{each.key}={each.value}" for each in (running.staff._cookies or {}).values()]
    made["headers"]["cookie"] = "; ".join(made["cookies"])
    return json.dumps(made)


def main() -> None:
    parser = argparse.ArgumentParser(description="The first pages of a fresh process.")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--variables", action="store_true", help="measure secrets in variables too")
    parser.add_argument("--checkout", action="store_true", help="measure the plain checkout too")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, bench_beside_aws() as (running, aws):
        requests = {
            "partner's page": partner_page(running), "/files": staff_page(running),
            "/healthz": event("/healthz", running.portal.config.host),
        }  # fmt: skip
        plain = as_lambda_does(running) | {"PYTHONHASHSEED": "0"}
        environment = keep_secrets(aws.session(), "portal-local", plain)
        package = build(Path(folder) / "build", own_runtime(), [])
        task = Path(folder) / "task"
        zipfile.ZipFile(package).extractall(task)
        print(f"package, {package.stat().st_size / 1e6:.1f} MB, {asked.rounds} rounds")
        compare(make_starts(requests, task, environment), asked.rounds)
        if asked.variables:
            print("secrets in variables")
            compare(make_starts(requests, task, plain), asked.rounds)
        if asked.checkout:
            print("checkout, as it lies")
            compare(make_starts(requests, Path(__file__).parents[1], environment), asked.rounds)


def make_starts(requests: dict[str, str], place: Path, environment: dict[str, str]) -> dict[str, Start]:
    bare = Start(BARE, event("/", "localhost"), place, environment)
    pages = {name: Start(PORTAL, each, place, environment) for name, each in requests.items()}
    return {"bare Flask": bare, **pages}


if __name__ == "__main__":
    main()
