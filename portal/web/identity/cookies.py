"""Cookies: their names and attributes, what is sealed in them, and the small signed one a page remembers by.

Five, each `__Host-` on https (RFC 6265bis 4.1.3.2), HttpOnly, Path=/, no Domain: `session` names a signed-in
session; `visitor` holds a visitor's CSRF secret and notices for the next page; `login` holds sign-ins under
way; `proof` what this browser has shown for the links it opened (proofs.py); `form` opens what was typed when
a session ended (kept_forms.py). On this machine's own http
addresses the prefix is left out, since browsers refuse it there.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from flask import Flask, Request, Response, g, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from portal.config.settings import Config
from portal.domain.clock import Clock
from portal.domain.keyring import Keyring

SESSION, VISITOR, LOGIN, PROOF, FORM = "session", "visitor", "login", "proof", "form"
CSRF = "csrf_token"
NOTICES = "_flashes"  # where Flask keeps what flash() is told
MAX_NOTICE_CHARACTERS = 1200  # characters in all, so that every cookie together stays under 4096 bytes (R7)


def cookie_name(config: Config, which: str) -> str:
    return f"__Host-{which}" if config.is_https else which


def put(response: Response, config: Config, which: str, value: str, seconds: int | None = None) -> None:
    """Lax, not Strict: the answer of a sign-in and a link in an email both arrive from another site (R7)."""
    response.set_cookie(
        cookie_name(config, which),
        value,
        max_age=seconds,
        secure=config.is_https,
        httponly=True,
        samesite="Lax",
        path="/",
    )


def clear(response: Response, config: Config, which: str) -> None:
    put(response, config, which, "", 0)


@dataclass(frozen=True)
class Seal:
    """Encrypts what must not be read in a cookie or in the table (Fernet: AES-128-CBC, HMAC-SHA256, a time).

    Each purpose has keys of its own, derived from the portal's secrets; the first seals, all open (R13).
    """

    secrets: Sequence[str]
    purpose: str
    clock: Clock

    def close(self, text: str) -> str:
        return str(self._box().encrypt_at_time(text.encode(), self._now()).decode())

    def open(self, sealed: str, seconds: int | None = None) -> str | None:
        """What was sealed; None where it is not ours, was changed, or is older than that."""
        from cryptography.fernet import InvalidToken

        try:
            if seconds is None:
                return str(self._box().decrypt(sealed.encode()).decode())
            return str(self._box().decrypt_at_time(sealed.encode(), seconds, self._now()).decode())
        except (InvalidToken, ValueError):  # ValueError: not even text
            return None

    def _now(self) -> int:
        return int(self.clock().timestamp())

    def _box(self) -> Any:
        from cryptography.fernet import (
            Fernet,
            MultiFernet,
        )  # here, not above: a partner's page never seals anything

        keys = Keyring.derive(self.secrets, self.purpose).keys
        return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])


class VisitorCookie(SecureCookieSessionInterface):
    """Flask's `session` as a signed cookie that is set only when something has to be remembered.

    Of someone signed in it keeps the notices alone: their CSRF secret is their session's, in the store.
    """

    def __init__(self, config: Config, clock: Clock) -> None:
        self.config = config
        self.clock = clock

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.signer = signer_on(self.clock)
        return serializer

    def get_cookie_name(self, app: Flask) -> str:
        return cookie_name(self.config, VISITOR)

    def get_cookie_path(self, app: Flask) -> str:
        return "/"  # the prefix `__Host-` wants it, also under a stage such as /prod (R21)

    def get_cookie_secure(self, app: Flask) -> bool:
        return self.config.is_https

    def get_cookie_samesite(self, app: Flask) -> str:
        return "Lax"

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        found = super().open_session(app, request)
        if found is not None and not isinstance(found.get(CSRF, ""), str):
            found.clear()
        return found

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        kept = cast("dict[str, Any]", session)
        # Past the session's own methods: asking it would say that this answer varies by cookie.
        if g.get("signed_in") is not None:
            dict.pop(kept, CSRF, None)
        while len(str(dict.get(kept, NOTICES, ""))) > MAX_NOTICE_CHARACTERS:
            dict.__setitem__(kept, NOTICES, dict.__getitem__(kept, NOTICES)[1:])
        super().save_session(app, session, response)


def signer_on(clock: Clock) -> type[TimestampSigner]:
    """itsdangerous' signer, whose ages are by this clock."""

    class ClockSigner(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(clock().timestamp())

    return ClockSigner


def lay_csrf_secret(secret: str) -> None:
    """Let forms use the signed-in session's CSRF secret, without writing it into a cookie."""
    dict.__setitem__(session._get_current_object(), CSRF, secret)  # type: ignore[attr-defined]
