"""What can go wrong, each with the exit code that scripts tell it by (docs/cli.md lists them)."""

from __future__ import annotations

from typing import Any


class Problem(Exception):
    """Something that ends the command. reason: a stable word; status: of an answer, where there was one."""

    exit_code = 1
    reason = "failed"

    def __init__(
        self, detail: str, *, reason: str = "", status: int = 0, facts: dict[str, Any] | None = None
    ):
        super().__init__(detail)
        self.detail = detail
        self.reason = reason or type(self).reason
        self.status = status
        self.facts = facts or {}

    def describe(self) -> dict[str, Any]:
        told = {"reason": self.reason, "detail": self.detail, "exit_code": self.exit_code}
        return told | ({"status": self.status} if self.status else {})


class UsageProblem(Problem):
    """What was typed cannot be done."""

    exit_code = 2
    reason = "usage"


class NotSignedIn(Problem):
    exit_code = 3
    reason = "not_signed_in"


class Refused(Problem):
    """The portal understood, and will not."""

    exit_code = 4
    reason = "refused"


class NotThere(Problem):
    """There is nothing of this name, or there is no longer."""

    exit_code = 5
    reason = "not_found"


class Unreachable(Problem):
    """The portal or its storage did not answer; the same again goes on where this ended."""

    exit_code = 6
    reason = "unreachable"


class Differs(Problem):
    """The bytes are not those that were sent."""

    exit_code = 7
    reason = "checksum"


class CodeNeeded(Problem):
    """The link wants a code or a password that was not given."""

    exit_code = 8
    reason = "code_needed"


def explain_answer(status: int, told: Any) -> Problem:
    """What the portal's answer means; told: its body as JSON, if it was."""
    said = told if isinstance(told, dict) else {}
    detail = str(said.get("detail") or f"The portal answered {status}.")
    kinds: dict[int, type[Problem]] = {401: NotSignedIn, 404: NotThere, 410: NotThere}
    kind = kinds.get(status) or (Unreachable if status == 429 or status >= 500 else Refused)
    wrong = [
        f"{each.get('field')}: {each.get('detail')}"
        for each in said.get("errors", [])
        if isinstance(each, dict)
    ]
    words = "\n".join([detail, *wrong]) if len(wrong) > 1 else detail
    return kind(words, reason=str(said.get("reason") or ""), status=status, facts=said)
