"""`/v1/postman.json`: the API's document as a collection for Postman, and for what reads its files."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from flask import Response, jsonify

from portal.web.api.document import build_document
from portal.web.current import config

FORMAT = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
EXAMPLES = {"string": "", "integer": 1, "boolean": False, "number": 1}
DEEPEST = 4  # objects within objects that an example shows


def show() -> Response:
    return jsonify(build_collection(config().public_url))


@cache
def build_collection(public_url: str) -> dict[str, Any]:
    """A folder a subject. `token` is to be filled in once; so is what an address names, for each request."""
    document = build_document(public_url)
    schemas, folders = document["components"]["schemas"], dict[str, list[dict[str, Any]]]()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            made = describe_request(method.upper(), path, operation, schemas)
            folders.setdefault(operation["tags"][0], []).append(made)
    return {
        "info": {
            "name": document["info"]["title"], "schema": FORMAT, "version": document["info"]["version"],
            "description": document["info"]["description"],
        },
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{token}}", "type": "string"}]},
        "variable": [{"key": "portal", "value": public_url}, {"key": "token", "value": ""}],
        "item": [{"name": subject, "item": requests} for subject, requests in folders.items()],
    }  # fmt: skip


def describe_request(method: str, path: str, operation: Any, schemas: Any) -> dict[str, Any]:
    parts = [f":{each[1:-1]}" if each.startswith("{") else each for each in path.strip("/").split("/")]
    told = operation["parameters"]
    query = [describe_parameter(each, disabled=True) for each in told if each["in"] == "query"]
    url = {
        "raw": "{{portal}}/" + "/".join(parts), "host": ["{{portal}}"], "path": parts, "query": query,
        "variable": [{"key": each[1:], "value": ""} for each in parts if each.startswith(":")],
    }  # fmt: skip
    headers = [describe_parameter(each, disabled=True) for each in told if each["in"] == "header"]
    request: dict[str, Any] = {
        "method": method, "url": url, "header": headers, "description": operation["description"],
    }  # fmt: skip
    if "requestBody" in operation:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        request["body"] = {
            "mode": "raw", "raw": json.dumps(make_example(schema, schemas), indent=2),
            "options": {"raw": {"language": "json"}},
        }  # fmt: skip
    return {"name": operation["summary"], "request": request}


def describe_parameter(told: Any, *, disabled: bool) -> dict[str, Any]:
    return {
        "key": told["name"], "value": "", "disabled": disabled, "description": told.get("description", ""),
    }  # fmt: skip


def make_example(schema: Any, schemas: Any, depth: int = 0) -> Any:
    """Something of this shape, to be typed over."""
    schema = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    if "enum" in schema:
        return schema["enum"][0]
    kinds = schema.get("type", "object")
    kind = kinds if isinstance(kinds, str) else next(each for each in kinds if each != "null")
    if kind == "array":
        return [make_example(schema.get("items", {}), schemas, depth + 1)] if depth < DEEPEST else []
    if kind != "object":
        return EXAMPLES[kind]
    fields = schema.get("properties", {}) if depth < DEEPEST else {}
    return {name: make_example(each, schemas, depth + 1) for name, each in fields.items()}
