"""Compile a folder's modules as Lambda takes them: run by the function's Python, in the folder.

    python -I -S compile_bytecode.py

Bytecode is not checked against its source (PEP 552): Zappa dates every file 1980-01-01, so what is checked by
date is dead there. It has no docstrings, which nobody reads there and each start would load; assertions stay,
which `-OO` would not leave. What some libraries bring for other Pythons does not compile, and is left.
"""

from __future__ import annotations

import ast
import marshal
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from pathlib import Path

UNCHECKED = (0b01).to_bytes(4, "little")  # found by the source's hash, which is not looked at
DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def compile_folder(folder: Path) -> None:
    for path in sorted(folder.rglob("*.py")):
        source = path.read_bytes()
        try:
            # By its place in the folder, so that it says the same wherever it was made.
            code = compile(
                without_docstrings(source), str(path.relative_to(folder)), "exec", dont_inherit=True
            )
        except (SyntaxError, ValueError):
            continue
        compiled = Path(cache_from_source(str(path)))
        compiled.parent.mkdir(exist_ok=True)
        compiled.write_bytes(MAGIC_NUMBER + UNCHECKED + source_hash(source) + marshal.dumps(code))


def without_docstrings(source: bytes) -> ast.Module:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            first, *others = node.body
            node.body = others or [ast.copy_location(ast.Pass(), first)]
        if isinstance(node, ast.ClassDef) and any(
            "dataclass" in ast.unparse(each) for each in node.decorator_list
        ):
            # A class without one is given its signature, which takes longer than all else it does.
            text = ast.copy_location(ast.Expr(ast.Constant("-")), node.body[0])
            node.body.insert(0, ast.fix_missing_locations(text))
    return tree


if __name__ == "__main__":
    compile_folder(Path.cwd())
