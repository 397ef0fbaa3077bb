"""The secret in our forms, masked afresh in each answer, and what the browser says of their page (R14).

An answer that is compressed and repeats what an address says gives away, guess by guess, a secret that is
the same in each (BREACH, CVE-2013-3587). So no two answers write it alike: it is mixed with a stream of bytes
made from a random beginning, which stands before it.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from typing import Any

from flask import Flask, g
from flask_wtf.csrf import CSRFProtect, generate_csrf

from portal.web.edge.request_origin import require_own_page

MASK_BYTES = 16
MASKED = re.compile(r"[A-Za-z0-9_-]{24,2000}")  # Flask-WTF's own has dots between its parts


class Protection(CSRFProtect):
    """Flask-WTF's protection, but for requests that show who asks in a header, which no other site can make a
    browser send, instead of a session.
    """

    def init_app(self, app: Flask) -> None:
        super().init_app(app)
        app.jinja_env.globals["csrf_token"] = csrf_token
        app.context_processor(lambda: {"csrf_token": csrf_token})

    def protect(self, **how: Any) -> None:
        if g.get("principal") is not None:
            return
        super().protect(**how)
        if g.get("csrf_valid"):  # which it is not said of what needs no secret
            require_own_page()

    def _get_csrf_token(self) -> str | None:
        return unmask_token(super()._get_csrf_token())


def csrf_token() -> str:
    """The secret for this answer's forms, the same in all of them: compressing must not lose by it."""
    if "masked_csrf_token" not in g:
        g.masked_csrf_token = mask_token(str(generate_csrf()))
    return str(g.masked_csrf_token)


def mask_token(token: str) -> str:
    mask = secrets.token_bytes(MASK_BYTES)
    return base64.urlsafe_b64encode(mask + xor_bytes(token.encode(), mask)).rstrip(b"=").decode()


def unmask_token(token: str | None) -> str | None:
    """What was masked; anything else as it is, to be judged as it is: pages that are open stay valid."""
    if token is None or not MASKED.fullmatch(token):
        return token
    try:
        given = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        return xor_bytes(given[MASK_BYTES:], given[:MASK_BYTES]).decode("ascii")
    except ValueError:
        return token


def xor_bytes(text: bytes, mask: bytes) -> bytes:
    stream = hashlib.shake_256(mask).digest(len(text))
    return bytes(each ^ other for each, other in zip(text, stream, strict=True))
