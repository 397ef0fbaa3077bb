"""Takes from the Lambda's package what Python would otherwise compile again at each start. Importing this is
what does it, so the function's entry imports it first; a checkout has no such file, and nothing changes.

A start reads 260 regular expressions and builds 120 dataclasses, whose methods are texts that `dataclasses`
hands to `exec`. That was a third of it. infrastructure/record_compiled.py notes what each comes to when the
package is made, by the very Python that will run it; what is not among it is compiled as ever.
"""

from __future__ import annotations

import _sre  # type: ignore[import-not-found]
import dataclasses
import marshal
import re
from _blake2 import blake2b
from _frozen_importlib_external import MAGIC_NUMBER
from pathlib import Path
from typing import Any

KEPT = Path(__file__).with_suffix(".kept")


def name_python() -> tuple[bytes, int]:
    """Whose code objects and expressions can be taken: the same for all releases of, say, 3.13."""
    return MAGIC_NUMBER, _sre.MAGIC


def digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()


def install(codes: dict[bytes, bytes], expressions: dict[tuple[str | bytes, int], bytes]) -> None:
    """Have `dataclasses` and `re` ask here first. codes: marshalled, by the digest of the text they come
    from; expressions: by pattern and flags, what `_sre.compile` takes beside the pattern, marshalled.
    """
    compile_expression = re._compiler.compile  # type: ignore[attr-defined]

    def run(text: str, *namespaces: Any) -> None:
        kept = codes.get(digest(text))
        exec(marshal.loads(kept) if kept else text, *namespaces)  # noqa: S102, S302 -- of our own package

    def find(pattern: Any, flags: int = 0) -> re.Pattern[Any]:
        kept = expressions.get((pattern, int(flags))) if isinstance(pattern, str | bytes) else None
        if kept is None:
            compiled: re.Pattern[Any] = compile_expression(pattern, flags)
            return compiled
        taken: re.Pattern[Any] = _sre.compile(pattern, *marshal.loads(kept))  # noqa: S302
        return taken

    dataclasses.exec = run  # type: ignore[attr-defined]
    re._compiler.compile = find  # type: ignore[attr-defined]


def load() -> None:
    try:
        kept = KEPT.read_bytes()
    except FileNotFoundError:
        return
    python, codes, expressions = marshal.loads(kept)  # noqa: S302 -- of our own package
    if python == name_python():
        install(codes, expressions)


load()
