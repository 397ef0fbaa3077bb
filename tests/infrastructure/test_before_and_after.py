"""What a deploy looks at before it makes anything, and what it waits for at its end."""

from __future__ import annotations

import subprocess
import time
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from infrastructure import deploy
from infrastructure.change_sets import Declined, Plan, StackRequest, bring_stack
from infrastructure.deploy import ADDRESS_FOLLOWS, ask_for_pages, key_use, with_an_address
from infrastructure.doctor.findings import Deployment, State
from infrastructure.failures import CommandFailed
from infrastructure.runtime import CHECKOUT
from infrastructure.stack_states import ANNOUNCED, STILLBORN
from infrastructure.stages import Stage, read_stage

MAIL = {"MailFrom": "portal@example.org"}


class Formation:
    """A session with one stack in a state, and a note of what is called; it can be declined alone."""

    region_name = "eu-central-1"

    def __init__(self, status: str | None, parameters: tuple[str, ...] = ()) -> None:
        self.status, self.parameters = status, parameters
        self.called: list[str] = []

    def client(self, _: str) -> Any:
        return self

    def describe_stacks(self, **_: str) -> dict[str, Any]:
        if self.status is None:
            raise ClientError({"Error": {"Code": "ValidationError", "Message": "none"}}, "DescribeStacks")
        values = [{"ParameterKey": each, "ParameterValue": "x"} for each in self.parameters]
        return {"Stacks": [{"StackStatus": self.status, "Parameters": values}]}

    def get_template_summary(self, **_: str) -> dict[str, Any]:
        return {"Parameters": []}

    def continue_update_rollback(self, **_: str) -> None:
        self.called.append("continue_update_rollback")


@pytest.mark.parametrize(
    ("status", "parameters", "is_new"),
    [
        (None, (), True),
        (ANNOUNCED, (), True),
        *[(status, ("PublicUrl",), True) for status in sorted(STILLBORN)],
        ("IMPORT_COMPLETE", (), True),
        ("CREATE_COMPLETE", ("PublicUrl",), False),
        ("UPDATE_ROLLBACK_COMPLETE", ("PublicUrl",), False),
    ],
)
def test_a_stage_that_was_never_finished_still_needs_an_address(
    status: str | None, parameters: tuple[str, ...], is_new: bool
) -> None:
    """So a first deploy that failed can be repeated as it was."""
    session: Any = Formation(status, parameters)
    found = with_an_address(session, read_stage("production"), MAIL)
    assert found == MAIL | ({"PublicUrl": ADDRESS_FOLLOWS} if is_new else {})
    if is_new:
        with pytest.raises(CommandFailed, match="MAIL_FROM"):
            with_an_address(session, read_stage("production"), {})


@pytest.mark.parametrize(
    ("now", "given", "earlier"),
    [
        ("https://a.example", "https://b.example", "https://a.example"),
        ("https://a.example", "https://a.example", None),
        ("https://a.example", None, None),
        (ADDRESS_FOLLOWS, "https://b.example", None),
        ("", "https://b.example", None),
    ],
)
def test_a_portal_that_moves_is_signed_in_to_at_both_addresses(
    monkeypatch: pytest.MonkeyPatch, now: str, given: str | None, earlier: str | None
) -> None:
    """The stack is told before the function is, and pages of the earlier address are open for longer."""
    monkeypatch.setattr(deploy, "exists_stack", lambda *_: True)
    monkeypatch.setattr(deploy, "stack_parameters", lambda *_: {"PublicUrl": now} if now else {})
    said = {"PublicUrl": given} if given else {}
    found = deploy.with_earlier_address(boto3.Session(), read_stage("production"), said)
    assert found == said | ({"EarlierUrl": earlier} if earlier else {})
    monkeypatch.setattr(deploy, "exists_stack", lambda *_: False)
    assert deploy.with_earlier_address(boto3.Session(), read_stage("production"), said) == said


class Reached(Exception):
    """The stacks were about to be made."""


@pytest.mark.parametrize(
    ("variables", "ends"),
    [
        ({}, Reached),
        ({"PORTAL_MAX_SHARE_DAYS": "30"}, Reached),
        ({"PORTAL_MAX_SHARE_DAYS": "ten"}, CommandFailed),
        ({"PORTAL_ACCENT_COLOUR": "blueish"}, CommandFailed),
    ],
)
@pytest.mark.parametrize("name", ["production", "development"])
def test_settings_are_looked_at_before_anything_is_made(
    monkeypatch: pytest.MonkeyPatch, name: str, variables: dict[str, str], ends: type[Exception]
) -> None:
    def reach(*_: Any) -> None:
        raise Reached("the stacks")

    monkeypatch.setattr(deploy, "bring_stacks", reach)
    settings = read_stage(name).settings
    own = settings["aws_environment_variables"] | variables
    stage = Stage(name, {**settings, "aws_environment_variables": own})
    session: Any = Formation(None)
    with pytest.raises(ends, match="|".join(variables) if ends is CommandFailed else "the stacks"):
        deploy.deploy(session, stage, MAIL, SimpleNamespace(yes=True))  # type: ignore[arg-type]


def test_days_that_are_no_number_are_told_of() -> None:
    with pytest.raises(CommandFailed, match="not ten"):
        key_use({"aws_environment_variables": {"PORTAL_MAX_SHARE_DAYS": "ten"}}, {"Table": "facts"})


class Queue(Deployment):
    """Whose events the function fetches after some time."""

    def client(self, service: str) -> Any:
        assert service == "lambda"
        return SimpleNamespace(list_event_source_mappings=self.list_mappings)

    def list_mappings(self, EventSourceArn: str, **_: str) -> dict[str, list[dict[str, str]]]:
        if EventSourceArn == "work":
            return {"EventSourceMappings": [{"State": "Enabled"}]}
        return {"EventSourceMappings": self.answer()}

    def answer(self) -> list[dict[str, str]]:
        states = self.stage.settings["states"]
        return [{"State": states.pop(0) if len(states) > 1 else states[0]}]


@pytest.mark.parametrize(
    ("states", "state", "slept"),
    [
        (["Enabled"], State.RIGHT, 0),
        (["Creating", "Enabling", "Enabling", "Enabled"], State.RIGHT, 15),
        (["Updating"], State.UNKNOWN, 127),
        (["Disabled"], State.WRONG, 7),
        (["Enabling", "Disabled"], State.WRONG, 12),
    ],
)
def test_a_new_event_source_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, states: list[str], state: State, slept: int
) -> None:
    """Lambda takes up to two minutes; what is wrong is not waited for as long."""
    pauses: list[int] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    monkeypatch.setattr(deploy, "SMOKE", (deploy.check_event_source,))
    stage = Stage("ward", {"project_name": "portal", "states": states})
    (found,) = ask_for_pages(
        Queue(boto3.Session(), stage, {"EventsQueueArn": "events", "WorkQueueArn": "work"})
    )
    assert found.state is state
    assert sum(pauses) == slept


def test_what_is_only_shown_undoes_nothing() -> None:
    """Going on with a rollback that failed changes the stack, so it is agreed to before."""
    session: Any = Formation("UPDATE_ROLLBACK_FAILED")
    shown: list[Plan] = []

    def refuse(plan: Plan) -> None:
        shown.append(plan)
        raise Declined("only shown")

    with pytest.raises(Declined):
        bring_stack(session, StackRequest("stuck", {}, agree=refuse))
    assert session.called == []
    assert [each.resource for each in shown[0].changes] == ["stuck"]


@pytest.mark.parametrize(
    ("typed", "expected", "absent"),
    [
        ("STAGE=pilot; echo INJECTED", "--stage 'pilot; echo INJECTED'", "--yes"),
        ("STAGE=a'b", "--stage 'a'\\''b'", "--yes"),
        ("STAGE=`id`", "--stage '`id`'", "--yes"),
        ("ALARM=a,b c", "--alarm 'a,b c'", "--yes"),
        ("YES=1", "--yes", "--plan"),
        ("YES=yes", "--yes", "--plan"),
        ("YES=0", "--stage", "--yes"),
        ("YES=no", "--stage", "--yes"),
        ("PLAN=1", "--plan", "--yes"),
        ("PLAN=0", "--stage", "--plan"),
    ],
)
def test_make_hands_on_what_was_typed(typed: str, expected: str, absent: str) -> None:
    """As it is, and no for a no."""
    line = ["make", "--dry-run", "--no-print-directory", "deploy", typed]
    said = subprocess.run(line, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    command = said[said.index("-m infrastructure.deploy") :]
    assert expected in command
    assert absent not in command
