"""The whole local portal: embedded AWS, the stack from the production template, people, the portal and its
events.

`make run` and the tests start it with the same call:

    with local_portal(tmp_path) as portal:
        browser.goto(portal.url)
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from infrastructure.change_sets import create_or_update_stack
from infrastructure.stack import environment_from_stack, stack_outputs
from portal.bootstrap import build
from portal.config.parsing import ConfigurationError
from portal.config.settings import Config
from portal.local.adaptations import suit_embedded_aws
from portal.local.ministack import MiniStack
from portal.local.outbox import Mail, list_sent_mails
from portal.local.people import PEOPLE, Person, add_people
from portal.local.processes import CannotStart, Child, accepts_connections, free_port, is_port_free

STACK = "portal-local"


@dataclass(frozen=True)
class LocalPortal:
    """A running portal. `environment` is what its processes run with: the role's profile, no root key."""

    url: str
    endpoint: str
    environment: Mapping[str, str] = field(repr=False)
    aws: MiniStack
    children: tuple[Child, ...] = field(repr=False)
    earlier_mails: Path
    people: tuple[Person, ...] = PEOPLE

    def outbox(self) -> list[Mail]:
        return list_sent_mails(self.endpoint, self.earlier_mails)


@contextmanager
def local_portal(
    folder: Path, port: int = 0, settings: Mapping[str, str] | None = None
) -> Iterator[LocalPortal]:
    """Start everything; `folder` keeps the state, `port` 0 takes a free one, `settings` are further PORTAL_
    variables. Raises CannotStart or StackFailed. Everything has ended when the block is left."""
    port = port or free_port()
    if not is_port_free(port):
        raise CannotStart(
            f"Port {port} is in use. Stop what uses it, or choose another: make run PORT={port + 1}"
        )
    url = f"http://127.0.0.1:{port}"
    with MiniStack(folder / "aws") as aws:
        environment, outputs = _resources(aws, folder, url)
        environment |= settings or {}
        _check(environment)
        with ExitStack() as running:
            children = [
                running.enter_context(each) for each in _children(aws, environment, folder, port, outputs)
            ]
            portal = LocalPortal(url, aws.endpoint, environment, aws, tuple(children), _earlier_mails(folder))
            try:
                yield portal
            finally:
                _keep_mails(portal)


def _children(
    aws: MiniStack, environment: dict[str, str], folder: Path, port: int, outputs: Mapping[str, str]
) -> Iterator[AbstractContextManager[Child]]:
    """The portal's processes, each to be started when it is asked for. One runs reports, and where a scan is
    asked for, one more is the scanner; the portal must know their addresses.
    """
    queue = _queue_url(aws, outputs["EventsQueueName"])
    environment["PORTAL_WORK_QUEUE_URL"] = _queue_url(aws, outputs["WorkQueueName"])
    if environment.get("PORTAL_SCAN_REQUIRED") == "on":
        scanner_port = free_port()
        environment["AWS_ENDPOINT_URL_GUARDDUTY"] = f"http://127.0.0.1:{scanner_port}"
        yield _scanner(aws, folder, outputs["FilesBucket"], queue, scanner_port)
    reports_port = free_port()
    environment["AWS_ENDPOINT_URL_ATHENA"] = f"http://127.0.0.1:{reports_port}"
    yield _athena(aws, folder, outputs["LogsBucket"], reports_port)
    yield _portal(aws, environment, folder, port)
    yield _events(environment, folder, queue, outputs["EventsQueueArn"])


def _queue_url(aws: MiniStack, name: str) -> str:
    """A queue's address in the stack's outputs names the port of the run that made it."""
    return str(aws.session().client("sqs").get_queue_url(QueueName=name)["QueueUrl"])


def _check(environment: Mapping[str, str]) -> None:
    """Raises CannotStart with the configuration's own sentence, and not with the end of a child's log."""
    try:
        build(Config.from_env(environment))
    except ConfigurationError as problem:
        raise CannotStart(str(problem)) from problem


def _resources(aws: MiniStack, folder: Path, url: str) -> tuple[dict[str, str], dict[str, str]]:
    """The stack and the people, made or brought up to date; the portal's environment and the stack's
    outputs."""
    session = aws.session()
    parameters = {
        "PublicUrl": url,
        "FunctionName": "portal-local",
        "MailFrom": "portal@example.com",
        "Protection": "off",
    }
    create_or_update_stack(session, STACK, parameters)
    outputs = stack_outputs(session, STACK)
    suit_embedded_aws(session, outputs)
    add_people(session.client("cognito-idp"), outputs["UserPool"])
    environment = {
        **aws.role_environment(outputs["FunctionRoleArn"]),
        **environment_from_stack(session, STACK),
        "PORTAL_SECRET_KEY": _secret_key(folder),
    }
    return environment, outputs


def _earlier_mails(folder: Path) -> Path:
    return folder.absolute() / "outbox.json"


def _keep_mails(portal: LocalPortal) -> None:
    """Written beside and moved over, so that a second signal cannot leave half a file."""
    unfinished = portal.earlier_mails.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(portal.outbox()), encoding="utf-8")
    unfinished.replace(portal.earlier_mails)


def _secret_key(folder: Path) -> str:
    """Made once: links that were mailed before a restart must still open after it."""
    kept = folder / "secret_key"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_hex(32))
    return kept.read_text()


@contextmanager
def _portal(aws: MiniStack, environment: Mapping[str, str], folder: Path, port: int) -> Iterator[Child]:
    arguments = [
        "--port",
        str(port),
        "--endpoint",
        aws.endpoint,
        "--earlier-mails",
        str(_earlier_mails(folder)),
    ]
    with Child("portal.local.serve", arguments, environment, folder / "portal.log") as child:
        child.wait_until(lambda: accepts_connections(port))
        yield child


@contextmanager
def _scanner(aws: MiniStack, folder: Path, bucket: str, queue_url: str, port: int) -> Iterator[Child]:
    arguments = ["--bucket", bucket, "--queue-url", queue_url, "--port", str(port)]
    with Child("portal.local.scanner", arguments, aws.root_environment, folder / "scanner.log") as child:
        child.wait_until(lambda: accepts_connections(port))
        yield child


@contextmanager
def _athena(aws: MiniStack, folder: Path, bucket: str, port: int) -> Iterator[Child]:
    arguments = ["--logs-bucket", bucket, "--port", str(port)]
    with Child("portal.local.athena", arguments, aws.root_environment, folder / "athena.log") as child:
        child.wait_until(lambda: accepts_connections(port))
        yield child


@contextmanager
def _events(environment: Mapping[str, str], folder: Path, queue_url: str, arn: str) -> Iterator[Child]:
    arguments = ["--queue-url", queue_url, "--queue-arn", arn]
    work = environment["PORTAL_WORK_QUEUE_URL"], environment["PORTAL_WORK_QUEUE_ARN"]
    arguments += ["--work-url", work[0], "--work-arn", work[1]]
    with Child("portal.local.event_pump", arguments, environment, folder / "events.log") as child:
        yield child
