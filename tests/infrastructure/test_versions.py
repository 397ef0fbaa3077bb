"""Which kept version of the function a rollback may take."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from infrastructure.failures import CommandFailed
from infrastructure.rollback import choose_version


class Versions:
    """Lambda's answers of what is kept; the last one runs."""

    def __init__(self, *made: tuple[str, str]) -> None:
        self.kept = [
            {
                "Version": str(number),
                "CodeSha256": str(number),
                "Runtime": runtime,
                "Architectures": [machine],
            }
            for number, (runtime, machine) in enumerate(made, 1)
        ]

    def get_function_configuration(self, **_: str) -> dict[str, Any]:
        return self.kept[-1]

    def get_paginator(self, _: str) -> Any:
        return SimpleNamespace(paginate=lambda **_: [{"Versions": self.kept}])


ARM, INTEL, NEWER = ("python3.11", "arm64"), ("python3.11", "x86_64"), ("python3.13", "arm64")


@pytest.mark.parametrize(
    ("made", "chosen"),
    [
        ([ARM, ARM], "1"),
        ([ARM, INTEL, ARM], "1"),
        ([ARM, NEWER, ARM], "1"),
        ([NEWER, ARM], "none with other code"),
        ([INTEL, ARM], "none with other code"),
    ],
)
def test_only_code_for_this_python_and_processor_runs_again(made: list[tuple[str, str]], chosen: str) -> None:
    """Neither changes with the code, and compiled parts run on no other."""
    functions = Versions(*made)
    if chosen.isdecimal():
        assert choose_version(functions, "portal", "") == chosen
    else:
        with pytest.raises(CommandFailed, match=chosen):
            choose_version(functions, "portal", "")
    for number, each in enumerate(made, 1):
        if each == made[-1]:
            assert choose_version(functions, "portal", str(number)) == str(number)
        else:
            with pytest.raises(CommandFailed, match=f"was made for {' on '.join(each)}"):
                choose_version(functions, "portal", str(number))
