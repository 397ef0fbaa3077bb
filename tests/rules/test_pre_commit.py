"""What is checked before a commit is what `make lint` checks."""

from __future__ import annotations

import re

import yaml

from tests.rules.tracked import ROOT


def test_its_hooks_are_the_commands_of_make_lint() -> None:
    """Add a linter to both, in the same words: Makefile's target `lint` and .pre-commit-config.yaml."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    target = re.search(r"^lint:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert target
    commands = [line.strip().replace("$(BIN)", ".venv/bin") for line in target[1].splitlines()]
    settings = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    hooks = [hook for repository in settings["repos"] for hook in repository["hooks"]]
    assert [hook["entry"] for hook in hooks] == commands
    assert [hook["id"] for hook in hooks if hook["pass_filenames"]] == []
