"""Note what Python compiles while the portal starts, for portal/compiled_ahead.py: packaging runs this by the
function's Python, which sees the package and nothing else.

    PYTHONHASHSEED=0 python -P -S record_compiled.py FOLDER...     of the package, the portal's first
"""

from __future__ import annotations

import _sre  # type: ignore[import-not-found]
import dataclasses
import importlib
import json
import marshal
import os
import pkgutil
import re
import sys
from http import HTTPStatus
from pathlib import Path
from typing import Any

# A start needs a configuration, and none of it is noted. No request made here asks AWS.
ENVIRONMENT = {
    "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "PORTAL_PUBLIC_URL": "https://files.example.org",
    "PORTAL_TABLE": "table",
    "PORTAL_FILES_BUCKET": "files",
    "PORTAL_LOGS_BUCKET": "logs",
    "PORTAL_MAIL_FROM": "portal@example.org",
    "PORTAL_OIDC_METADATA_URL": "https://people.example.org/.well-known/openid-configuration",
    "PORTAL_OIDC_CLIENT_ID": "client",
    "PORTAL_OIDC_CLIENT_SECRET": "a client's secret",
    "PORTAL_SECRET_KEY": "a secret key of more than thirty-two characters",
}
KEPT = "compiled_ahead.kept"
REQUESTS = ("/healthz", "/", "/files")
NOT_IN_A_FUNCTION = {"portal.serve", "portal.wsgi"}  # what else starts the portal, and brings its own server


class Recorder:
    """Stands between `dataclasses` and `exec`, and between `re` and its engine."""

    def __init__(self) -> None:
        self.codes: dict[str, bytes] = {}  # by the text
        self.expressions: dict[tuple[str | bytes, int], bytes] = {}
        self.latest: tuple[Any, ...] = ()
        self.compile_text = re._compiler.compile  # type: ignore[attr-defined]

    def install(self) -> None:
        dataclasses.exec = self.run  # type: ignore[attr-defined]
        re._compiler._sre = self  # type: ignore[attr-defined]
        re._compiler.compile = self.compile_expression  # type: ignore[attr-defined]

    def __getattr__(self, name: str) -> Any:
        return getattr(_sre, name)

    def run(self, text: str, *namespaces: Any) -> None:
        code = compile(text, "<string>", "exec")
        self.codes[text] = marshal.dumps(code)
        exec(code, *namespaces)  # noqa: S102 -- what `dataclasses` wrote

    def compile_expression(self, pattern: Any, flags: int = 0) -> Any:
        compiled = self.compile_text(pattern, flags)
        if isinstance(pattern, str | bytes):
            self.expressions[pattern, int(flags)] = marshal.dumps(self.latest)
        return compiled

    def compile(self, pattern: Any, flags: int, code: list[int], groups: int, *names: Any) -> Any:
        """In place of `_sre.compile`. names: the groups by name, and the names by group."""
        by_name, by_group = names
        # Opcodes are a kind of int that marshal does not know.
        numbers = [int(each) for each in code]
        self.latest = (int(flags), numbers, int(groups), dict(by_name), tuple(by_group))
        return _sre.compile(pattern, flags, code, groups, *names)


def import_all(package: Any) -> None:
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if module.name not in NOT_IN_A_FUNCTION and "compiled_templates" not in module.name:
            importlib.import_module(module.name)


def build_event(path: str) -> dict[str, Any]:
    """A request as API Gateway hands it on (payload 2.0)."""
    http = {"method": "GET", "path": path, "sourceIp": "192.0.2.1", "protocol": "HTTP/1.1"}
    context = {"http": http, "stage": "$default", "domainName": "files.example.org"}
    headers = {"host": "files.example.org", "accept": "text/html"}
    return {
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "", "headers": headers,
        "requestContext": context, "isBase64Encoded": False,
    }  # fmt: skip


def main(folders: list[str]) -> None:
    sys.path[:0] = folders
    kept = Path(folders[0], "portal", KEPT)
    kept.unlink(missing_ok=True)
    os.environ.update(ENVIRONMENT)
    recorder = Recorder()
    recorder.install()
    import portal
    from portal import compiled_ahead
    from portal.lambda_entry import handler

    for path in REQUESTS:
        status = handler(build_event(path), None)["statusCode"]
        if status >= HTTPStatus.BAD_REQUEST:
            raise SystemExit(f"{path} is answered with {status}")
    import_all(portal)
    codes = {compiled_ahead.digest(text): code for text, code in sorted(recorder.codes.items())}
    expressions = dict(sorted(recorder.expressions.items(), key=repr))
    kept.write_bytes(marshal.dumps((compiled_ahead.name_python(), codes, expressions)))
    print(json.dumps({"methods": len(recorder.codes), "expressions": len(recorder.expressions)}))


if __name__ == "__main__":
    main(sys.argv[1:])
