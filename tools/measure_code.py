"""Print how the code is named, laid out and typed, as figures to compare over time.

    python -m tools.measure_code             this checkout
    python -m tools.measure_code --at DIR    another one, such as a worktree of an older commit

Texts and positions are found by how they are written here, so a rename of `outcome` or `places` hides some of
them: good for comparing, not for a verdict.
"""

from __future__ import annotations

import argparse
import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from tools.kinds_of_names import kind_of

CHECKOUT = Path(__file__).parents[1]
POSITIONS = re.compile(r"\bfailed\.places\b")
STATES = re.compile(r"^(?:reason|outcome|result|became|answer|done|spent)$")


class Code:
    """The Python files below some folders of a checkout, parsed once."""

    def __init__(self, top: Path, *folders: str) -> None:
        self.top = top
        paths = sorted(path for folder in folders for path in (top / folder).rglob("*.py"))
        self.texts = {path: path.read_text(encoding="utf-8") for path in paths if path.stat().st_size}
        self.trees = {path: ast.parse(text) for path, text in self.texts.items()}

    def nodes(self, *kinds: type[Any]) -> Iterator[Any]:
        for tree in self.trees.values():
            yield from (node for node in ast.walk(tree) if isinstance(node, kinds))

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        yield from self.nodes(ast.FunctionDef, ast.AsyncFunctionDef)


def is_property(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Read like an attribute, so a noun is its right name."""
    return any(
        getattr(each, "id", getattr(each, "attr", "")).endswith("property") for each in node.decorator_list
    )


def inner_arrows(code: Code) -> Counter[str]:
    """Imports from one module of a room to another of the same room, by room."""
    found: Counter[str] = Counter()
    for path, tree in code.trees.items():
        room = path.relative_to(code.top / "portal").parts[0]
        known = {module_of(code, other): other for other in code.trees}
        targets = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("portal"):
                named = {f"{node.module}.{alias.name}" for alias in node.names}
                targets |= {name if name in known else node.module for name in named}
        inside = f"portal.{room}"
        found[room] += sum(
            target.startswith(f"{inside}.") and target != module_of(code, path) for target in targets
        )
    return Counter({room: number for room, number in found.items() if number})


def module_of(code: Code, path: Path) -> str:
    return ".".join(path.relative_to(code.top).with_suffix("").parts).removesuffix(".__init__")


def string_results(code: Code) -> int:
    """Comparisons of what an action came to with a text, where an enum could be matched to its end."""
    compared = 0
    for node in code.nodes(ast.Compare):
        name = getattr(node.left, "id", getattr(node.left, "attr", ""))
        texts = [
            each for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)
        ]
        compared += bool(STATES.match(name) and any(each.value for each in texts))
    return compared


def splats(code: Code) -> int:
    """Calls that are given `**` of what another call returned, whose names no type checker knows."""
    return sum(
        keyword.arg is None and isinstance(keyword.value, ast.Call)
        for call in code.nodes(ast.Call)
        for keyword in call.keywords
    )


def positional_conditions(code: Code) -> tuple[int, int]:
    """Places, and files, that tell a transaction's failed conditions apart by their position."""
    found = [len(POSITIONS.findall(text)) for text in code.texts.values()]
    return sum(found), sum(map(bool, found))


def function_lines(code: Code) -> list[int]:
    return [(node.end_lineno or node.lineno) - node.lineno + 1 for node in code.functions()]


def spread(numbers: list[int]) -> str:
    return f"{median(numbers):g} / {max(numbers)}" if numbers else "-"


def figures(top: Path) -> Iterator[tuple[str, str]]:
    code, tests = Code(top, "portal"), Code(top, "tests")
    for title, part in (("portal", code), ("tests", tests)):
        kinds = Counter(kind_of(node.name) for node in part.functions() if not is_property(node))
        kinds.pop("special", None)
        every = kinds.total()
        yield f"functions in {title}, without properties", str(every)
        for kind, number in kinds.most_common():
            yield f"- {kind}", f"{number} ({100 * number / every:.1f} %)"
    arrows = inner_arrows(code)
    yield "import arrows inside rooms", str(arrows.total())
    for room, number in arrows.most_common(5):
        yield f"- {room}", str(number)
    for title, part in (("portal", code), ("tests", tests)):
        folders = Counter(
            str(path.parent.relative_to(top)) for path in part.trees if path.name != "__init__.py"
        )
        yield f"files a folder in {title}, median / most", spread(list(folders.values()))
        for folder, number in folders.most_common(4):
            yield f"- {folder}", str(number)
    yield "results compared with texts", str(string_results(code))
    yield "`**` of what a call returned", str(splats(code))
    yield "positional conditions, places / files", "{} / {}".format(*positional_conditions(code))
    for title, part in (("portal", code), ("tests", tests)):
        lines = [len(text.splitlines()) for text in part.texts.values()]
        yield f"lines a file in {title}, median / most", spread(lines)
        yield f"lines a function in {title}, median / most", spread(function_lines(part))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.measure_code", description="Measure the code.")
    parser.add_argument("--at", type=Path, default=CHECKOUT, metavar="DIR", help="another checkout")
    print("| what | figure |\n|---|---:|")
    for name, figure in figures(parser.parse_args().at.resolve()):
        print(f"| {name} | {figure} |")


if __name__ == "__main__":
    main()
