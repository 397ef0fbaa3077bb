"""Bytecode without docstrings, that is taken without a look at its source."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

from infrastructure.compile_bytecode import compile_folder

SOURCE = '''"""About the module."""
from __future__ import annotations
import dataclasses


class Point:
    """Has nothing but this."""


@dataclasses.dataclass
class Place:
    """A dataclass writes a long text of its own where there is none."""
    name: str


async def wait():
    """Waits."""
    return "not a docstring"


def check(value):
    "Checks."
    assert value, "assertions stay"
    """A text that is no docstring."""
    return value
'''
ASK = """
import asyncio, points
told = [points.__doc__, points.Point.__doc__, points.wait.__doc__, points.check.__doc__]
assert told == [None] * 4, told
assert (points.Place("Bern").name, points.Place.__doc__) == ("Bern", "-")
assert asyncio.run(points.wait()) == "not a docstring"
assert points.check.__annotations__ == {} and points.check.__code__.co_firstlineno == 21
try:
    points.check(0)
except AssertionError as failed:
    print(failed, points.__cached__)
"""


def test_docstrings_go_and_all_else_stays(tmp_path: Path) -> None:
    (tmp_path / "points.py").write_text(SOURCE)
    (tmp_path / "for_python_4.py").write_text("match over x:\n")
    compile_folder(tmp_path)
    (tmp_path / "points.py").write_text("raise SystemExit('the source was taken')\n")
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n" + ASK
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False)
    cached = importlib.util.cache_from_source(str(tmp_path / "points.py"))
    assert (done.stdout, done.stderr) == (f"assertions stay {cached}\n", "")
    assert not Path(importlib.util.cache_from_source(str(tmp_path / "for_python_4.py"))).exists()
