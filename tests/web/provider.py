"""A small OpenID provider over real HTTP, with real keys, that can be told to lie (R3).

Nothing of Authlib is patched: the portal meets it as it would meet Cognito.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

CLIENT, SECRET = "portal-client", "portal-client-secret"


@cache
def key(name: str) -> RSAKey:
    """A key pair of that name, made once a test run: the same name is the same key id."""
    return RSAKey.generate_key(2048, {"kid": name.partition("/")[0], "use": "sig", "alg": "RS256"})


@dataclass
class Account:
    """Somebody the provider knows. `claims` go into every token about them."""

    subject: str
    claims: dict[str, Any]


def account(called: str, /, *groups: str, **claims: Any) -> Account:
    address = f"{called.split()[0].lower()}@example.org"
    known = {"name": called, "email": address, "email_verified": True, "token_use": "id"}
    return Account(f"sub-{called}", known | ({"cognito:groups": list(groups)} if groups else {}) | claims)


@dataclass
class Provider:
    """The provider's state. Tests set `account`, and `lie`, `answer`, `down` or `keys` to misbehave.

    lie: changes the claims before they are signed. sign: makes the token of header and claims.
    answer: replaces what the token endpoint says. down: paths that answer 500; hangs: paths that do not.
    """

    account: Account = field(default_factory=lambda: account("Ana Lopes"))
    keys: list[RSAKey] = field(default_factory=lambda: [key("first")])
    lie: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
    sign: Callable[[Mapping[str, Any], RSAKey], str] | None = None
    answer: Callable[[dict[str, Any]], Response | dict[str, Any]] = lambda answer: answer
    down: set[str] = field(default_factory=set)
    hangs: set[str] = field(default_factory=set)
    stopped: threading.Event = field(default_factory=threading.Event)
    url: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    refresh_tokens: dict[str, Account] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        self.asked.append(request.path)
        if request.path in self.hangs:
            self.stopped.wait(30)
        answer = Response("down", 500) if request.path in self.down else self.answered(request)
        return answer(environ, start_response)

    def answered(self, request: Request) -> Response:
        doors: dict[str, Callable[[Request], Response]] = {
            "/.well-known/openid-configuration": self.metadata,
            "/jwks": lambda _: said({"keys": [each.as_dict(private=False) for each in self.keys]}),
            "/authorize": self.authorize,
            "/token": self.token,
            "/revoke": self.revoke,
        }
        return doors.get(request.path, lambda _: Response("not here", 404))(request)

    def metadata(self, _: Request) -> Response:
        named = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
        places = {name: f"{self.url}/{path}" for name, path in named.items()}
        algorithms = {"id_token_signing_alg_values_supported": ["RS256"]}
        return said({"issuer": self.url, "revocation_endpoint": f"{self.url}/revoke", **places, **algorithms})

    def authorize(self, request: Request) -> Response:
        """Sign `account` in at once and send the browser back, as a hosted page would after its form."""
        self.requests.append(request.args.to_dict())
        code = secrets.token_urlsafe(16)
        self.codes[code] = request.args.to_dict()
        back = urlencode({"code": code, "state": request.args["state"]})
        return Response(status=302, headers={"Location": f"{request.args['redirect_uri']}?{back}"})

    def token(self, request: Request) -> Response:
        given, basic = request.form, request.authorization
        if basic is None or (basic.username, basic.password) != (CLIENT, SECRET):
            return said({"error": "invalid_client"}, 401)
        if given["grant_type"] == "refresh_token":
            known = self.refresh_tokens.get(given["refresh_token"])
            return self.tokens(known, None) if known else said({"error": "invalid_grant"}, 400)
        asked = self.codes.pop(given["code"], None)
        if asked is None or asked["redirect_uri"] != given["redirect_uri"]:
            return said({"error": "invalid_grant"}, 400)
        digest = hashlib.sha256(given["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return said({"error": "invalid_grant"}, 400)
        return self.tokens(self.account, asked["nonce"])

    def tokens(self, who: Account, nonce: str | None) -> Response:
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "sub": who.subject, "iat": now, "exp": now + 3600}
        claims = self.lie(claims | ({"nonce": nonce} if nonce else {}) | who.claims)
        answer: dict[str, Any] = {"token_type": "Bearer", "expires_in": 3600, "access_token": "access-token"}
        answer["id_token"] = self.signed(claims)
        if nonce:
            answer["refresh_token"] = secrets.token_urlsafe(24)
            self.refresh_tokens[answer["refresh_token"]] = who
        changed = self.answer(answer)
        return changed if isinstance(changed, Response) else said(changed)

    def signed(self, claims: dict[str, Any]) -> str:
        mine = self.keys[-1]
        if self.sign:
            return self.sign(claims, mine)
        return jwt.encode({"alg": "RS256", "kid": mine.kid}, claims, mine)

    def revoke(self, request: Request) -> Response:
        self.refresh_tokens.pop(request.form["token"], None)
        return Response()


def said(answer: Any, status: int = 200) -> Response:
    return Response(json.dumps(answer), status, mimetype="application/json")


@contextmanager
def served() -> Iterator[Provider]:
    """The provider on a free port of this machine."""
    provider = Provider()
    server = make_server("127.0.0.1", 0, provider, threaded=True)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        provider.stopped.set()
        server.shutdown()
        thread.join()
