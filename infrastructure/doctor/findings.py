"""What the doctor finds: right, wrong or unknown, with a sentence and, where it is wrong, the next step."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infrastructure.consent import format_table
from infrastructure.failures import CommandFailed, explain, is_denied
from infrastructure.kept_secrets import read_secrets
from infrastructure.stages import Stage

COMMAND = re.compile(r"\bmake (?:budget|deploy|doctor|logs|redrive|rollback|rotate)\b")


class State(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    """`next_step` is said where something is not right."""

    check: str
    state: State
    what: str
    next_step: str = ""


@dataclass(frozen=True)
class Deployment:
    """A deployed stage, as the checks look at it. `outputs` and `parameters` are those of all its stacks."""

    session: boto3.Session
    stage: Stage
    outputs: Mapping[str, str]
    parameters: Mapping[str, str] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        return self.session.client(service)  # type: ignore[call-overload]

    @cached_property
    def function(self) -> dict[str, Any]:
        """The function's configuration."""
        return dict(self.client("lambda").get_function_configuration(FunctionName=self.stage.function))

    @cached_property
    def secrets(self) -> dict[str, str]:
        """Those that it runs with, by the variables' names."""
        return read_secrets(self.session, self.variables)

    @property
    def variables(self) -> dict[str, str]:
        """What the function runs with."""
        return dict(self.function["Environment"]["Variables"])


Check = Callable[[Deployment], Finding]


def right(check: str, what: str) -> Finding:
    return Finding(check, State.RIGHT, what)


def wrong(check: str, what: str, next_step: str) -> Finding:
    return Finding(check, State.WRONG, what, next_step)


def unknown(check: str, what: str, next_step: str) -> Finding:
    return Finding(check, State.UNKNOWN, what, next_step)


def judge(check: str, problems: Sequence[str], well: str, next_step: str) -> Finding:
    """Right where there is no problem."""
    return wrong(check, "; ".join(problems), next_step) if problems else right(check, well)


def examine(deployment: Deployment, checks: Iterable[Check]) -> Iterator[Finding]:
    """One finding of each check, whatever comes in between."""
    for check in checks:
        finding = _look(deployment, check)
        yield replace(finding, next_step=for_stage(finding.next_step, deployment.stage.name))


def for_stage(text: str, stage: str) -> str:
    """The commands in a text, for this stage; without STAGE= they would be of production."""
    return text if stage == "production" else COMMAND.sub(rf"\g<0> STAGE={stage}", text)


def exit_status(findings: Iterable[Finding]) -> int:
    """0 where all is right, 1 where something is wrong, 2 where nothing is wrong and something unknown."""
    states = {each.state for each in findings}
    return 1 if State.WRONG in states else 2 if State.UNKNOWN in states else 0


def format_findings(findings: Sequence[Finding]) -> str:
    """A table, and the next steps below it."""
    rows = [(each.state, each.check, each.what) for each in findings]
    steps = [f"  {each.check}: {each.next_step}" for each in findings if each.next_step]
    table = format_table(("", "check", "what was found"), rows)
    return "\n".join([table, "", "What to do:", *steps]) if steps else table


def to_json(findings: Iterable[Finding]) -> str:
    return json.dumps([asdict(each) for each in findings], indent=2)


def _look(deployment: Deployment, check: Check) -> Finding:
    try:
        return check(deployment)
    except ClientError as error:
        return _tell_of_refusal(_name(check), error)
    except (BotoCoreError, OSError) as error:
        what = f"cannot be reached ({type(error).__name__})"
        return unknown(_name(check), what, "Try again where the network reaches it.")
    except CommandFailed as error:
        return unknown(_name(check), str(error), "make deploy")
    except KeyError as error:
        return unknown(_name(check), f"what AWS answers has no {error}", "make deploy")


def _name(check: Check) -> str:
    return check.__name__.removeprefix("check_").replace("_", " ")


def _tell_of_refusal(name: str, error: ClientError) -> Finding:
    if not is_denied(error):
        answer = error.response["Error"]
        missing = "NotFound" in answer["Code"] or "NoSuch" in answer["Code"]
        if missing:
            return wrong(name, f"not there: {answer.get('Message', answer['Code'])}", "make deploy")
        return unknown(name, explain(error), "Try again; if it stays, the message says what AWS wants.")
    named = re.search(r"perform: (\S+)", error.response["Error"].get("Message", ""))
    permission = named[1] if named else error.operation_name
    return unknown(name, f"may not be looked at: {permission} is not allowed", f"Be allowed {permission}.")
