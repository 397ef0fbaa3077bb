"""Keep of botocore's service descriptions what the portal calls: parsing them is what makes a client dear.

Measured: the cold start goes from 2.45 to 1.76 times a bare Flask page. What is called is read from the code
itself, so no list can fall behind it: a service is kept when its name is a text in the code, an operation
when its method name (`transact_write_items`) is used anywhere, as an attribute or as a text. What is kept too
much costs a little; what the code names is never missing.
"""

from __future__ import annotations

import ast
import gzip
import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from botocore import xform_name

# Endpoint resolution for presigned posts asks for CreateBucket, region redirects for HeadBucket; roles come
# from STS.
ALWAYS = {
    "create_bucket",
    "head_bucket",
    "assume_role",
    "assume_role_with_web_identity",
    "get_caller_identity",
}
ALWAYS_SERVICES = {"sts"}


def trim(data: Path, code: Iterable[Path]) -> None:
    """Trim `botocore/data` in place to what the Python files below the folders `code` name."""
    names = set(names_in(code))
    prefixes = set()
    for service in [entry for entry in data.iterdir() if entry.is_dir()]:
        if service.name in names | ALWAYS_SERVICES:
            for description in service.glob("*/service-2.json.gz"):
                prefixes.add(trim_description(description, names | ALWAYS))
            for examples in service.glob("*/examples-1.json*"):
                examples.unlink()
        else:
            shutil.rmtree(service)
    trim_endpoints(data / "endpoints.json", prefixes)


def names_in(folders: Iterable[Path]) -> Iterator[str]:
    """Every attribute and every whole text in the code."""
    for folder in folders:
        for path in folder.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute):
                    yield node.attr
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


def trim_description(description: Path, methods: set[str]) -> str:
    """Rewrite one `service-2.json.gz`, unpacked for a quicker start; return its endpoint prefix."""
    model = json.loads(gzip.decompress(description.read_bytes()))
    operations = {
        name: operation for name, operation in model["operations"].items() if xform_name(name) in methods
    }
    shapes = reachable_shapes(model["shapes"], operations)
    trimmed = {
        **model,
        "operations": without_documentation(operations),
        "shapes": without_documentation(shapes),
    }
    write_compact(description.with_suffix(""), trimmed)
    description.unlink()
    return str(model["metadata"]["endpointPrefix"])


def trim_endpoints(endpoints: Path, prefixes: set[str]) -> None:
    """Every region of every partition stays, with the services that are kept."""
    table = json.loads(endpoints.read_text(encoding="utf-8"))
    for partition in table["partitions"]:
        partition["services"] = {
            name: where for name, where in partition["services"].items() if name in prefixes
        }
    write_compact(endpoints, table)


def write_compact(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, separators=(",", ":")), encoding="utf-8")


def reachable_shapes(shapes: dict[str, Any], operations: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    names = set(references(operations))
    while names:
        name = names.pop()
        found[name] = shapes[name]
        names |= set(references(shapes[name])) - found.keys()
    return found


def references(node: Any) -> Iterator[str]:
    """The names of shapes that a part of a description refers to: `{"shape": name}`, at any depth."""
    if isinstance(node, dict):
        if isinstance(node.get("shape"), str):
            yield node["shape"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def without_documentation(node: Any) -> Any:
    """A copy without the `documentation` texts; a shape's member of that name is not a text and stays."""
    if isinstance(node, dict):
        return {
            key: without_documentation(value)
            for key, value in node.items()
            if not (key == "documentation" and isinstance(value, str))
        }
    return [without_documentation(value) for value in node] if isinstance(node, list) else node
