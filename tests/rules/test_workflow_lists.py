"""Every workflow, held: known to `PORTAL_STEPS`, recorded, and of one shape."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from pathlib import Path
from typing import Any

import pytest

import portal.workflows
from portal.bootstrap import WORKFLOWS
from portal.domain.audit.record import Action, Actor
from portal.engine.services import Services
from portal.engine.workflow import Audit, Context, Request, Stage, Workflow, run
from tests.actions import make_person
from tests.builders import Clock
from tests.builders import make_running as running_portal

ROOT = Path(__file__).parents[2]
OWN_RECORDS = {
    "reserve",  # one for each file
    "complete",  # records its outcome itself: done, or rejected
    "take_out_address",  # one for each group
    "sign_form",  # gives again what was recorded when it was announced
}


def every_workflow() -> dict[str, Workflow[Any]]:
    modules = [
        importlib.import_module(each.name)
        for each in pkgutil.walk_packages(portal.workflows.__path__, "portal.workflows.")
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


def test_no_context_is_built_from_a_splat() -> None:
    """So that the type checker sees every field that an entry point fills."""
    every_workflow()  # brings every context
    contexts = {"Context", *(kind.__name__ for kind in kinds_of(Context))}
    calls = [
        (path, node) for path in sorted((ROOT / "portal").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)
    ]  # fmt: skip
    built = [(path, call) for path, call in calls if ast.unparse(call.func).rsplit(".", 1)[-1] in contexts]
    assert len(built) > 30
    splats = [
        f"{path.relative_to(ROOT)}:{call.lineno}" for path, call in built
        if any(keyword.arg is None for keyword in call.keywords)
    ]  # fmt: skip
    assert not splats, f"{splats}: name the context's fields one by one."


def kinds_of(kind: type[Context]) -> set[type[Context]]:
    return {each for direct in kind.__subclasses__() for each in (direct, *kinds_of(direct))}


@pytest.mark.requirement("I4")
def test_the_engine_records_all_but_a_few() -> None:
    own = {name for name, workflow in every_workflow().items() if workflow.audit is Audit.OWN}
    assert own == OWN_RECORDS, "A workflow that makes its own records is named here, with the reason."


def test_a_workflow_that_acts_before_its_audit_stage_is_caught(table_in_memory: None, clock: Clock) -> None:
    """In every test that runs it: `tests/early_writes.py` watches the steps of the stages before."""

    def act_early(context: Context, services: Services) -> Context:
        services.people.end_sessions(make_person(), context.now)
        return context

    running = running_portal(clock)
    hasty = Workflow[Context]("hasty", Action.SIGNED_OUT_EVERYWHERE, {Stage.AUTHORIZE: (act_early,)})
    actor = Actor("person", make_person().id, make_person().name)
    with pytest.raises(AssertionError, match="hasty/authorize/act_early writes"):
        run(hasty, Context(Request(clock(), actor)), running.portal.services)
