"""Every workflow, held: known to `PORTAL_STEPS`, recorded, and of one shape."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import portal.workflows
from portal.bootstrap import WORKFLOWS
from portal.workflows.engine import Stage, Workflow

CHANGE_NOTHING_BY_THEMSELVES = {
    "complete",  # records its outcome itself: done, or rejected
    "sign_form",  # gives again what was recorded when it was announced
}


def every_workflow() -> dict[str, Workflow[Any]]:
    modules = [
        importlib.import_module(f"portal.workflows.{each.name}")
        for each in pkgutil.iter_modules(portal.workflows.__path__)
    ]
    return {
        thing.name: thing
        for module in modules
        for thing in vars(module).values()
        if isinstance(thing, Workflow)
    }


def test_a_deployer_can_extend_every_workflow() -> None:
    assert set(every_workflow()) == WORKFLOWS, (
        "bootstrap.WORKFLOWS must name exactly the workflows there are."
    )


def test_every_workflow_makes_its_audit_record() -> None:
    """I4."""
    for name, workflow in every_workflow().items():
        steps = [step.__name__ for step in workflow.stages.get(Stage.AUDIT, ())]
        assert "record" in steps or name in CHANGE_NOTHING_BY_THEMSELVES, f"{name} has no audit step."


def test_no_workflow_acts_before_its_audit_stage() -> None:
    assert list(Stage) == [
        Stage.VALIDATE, Stage.IDENTIFY, Stage.AUTHORIZE, Stage.AUDIT, Stage.PROCESS, Stage.NOTIFY,
    ]  # fmt: skip
