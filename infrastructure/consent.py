"""Shows what would change and asks the person at the terminal; where nobody is there, nothing is changed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence

from infrastructure.change_sets import Declined, Plan, ResourceChange

# What of these is replaced or removed stays in the account, but the portal no longer looks at it.
HOLD_DATA = {"AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::Cognito::UserPool"}
MAY_BE_REPLACED = {"True", "Conditional"}
NOBODY_TO_ASK = "There is nobody to ask. YES=1 carries this out without asking, PLAN=1 only shows it."


def show_plan(plan: Plan) -> None:
    print(f"The stack {plan.stack} would be {'made' if plan.is_new else 'changed'}:\n")
    if not plan.changes:
        print("  No resource changes, only what the stack gives out.")
    rows = [(each.action, each.resource, each.kind, _describe_replacement(each)) for each in plan.changes]
    print(format_table(("action", "resource", "kind", "replaced"), rows))
    for each in plan.changes:
        if each.kind in HOLD_DATA and (each.action == "Remove" or each.replacement in MAY_BE_REPLACED):
            print(f"TAKE CARE: {each.resource} holds data. It stays in the account; the portal leaves it.")
    print()


def ask_before(*, yes: bool, question: str = "Carry this out?") -> Callable[[Plan], None]:
    """What shows a plan and raises Declined where nobody wants it."""

    def agree(plan: Plan) -> None:
        show_plan(plan)
        if not yes:
            require_consent(question)

    return agree


def require_consent(question: str, answer: str = "y", nobody: str = NOBODY_TO_ASK) -> None:
    """Raises Declined unless a person at the terminal types the answer; with `nobody` where none is there."""
    if not sys.stdin.isatty():
        raise Declined(nobody)
    try:
        typed = input(f"{question} [{'y/N' if answer == 'y' else answer}] ")
    except (EOFError, KeyboardInterrupt):
        typed = ""
    if typed.strip().casefold() not in {answer, "yes" if answer == "y" else answer}:
        raise Declined("Nothing was changed.")


def format_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns as wide as their widest cell."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _describe_replacement(change: ResourceChange) -> str:
    return {"True": "YES", "Conditional": "perhaps"}.get(change.replacement, "")
