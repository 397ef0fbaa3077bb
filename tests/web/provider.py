"""A small OpenID provider over real HTTP, with real keys, that can be told to lie (R3).

Nothing of Authlib is patched: the portal meets it as it would meet Cognito.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

POOL = "eu-central-1_Pool12345"  # below this path, the provider's metadata has a Cognito pool's address
IN_POOL = re.compile(r"^/[a-z0-9-]+_[A-Za-z0-9]+(?=/)")
CLIENT, SECRET = "portal-client", "portal-client-secret"


@cache
def key(name: str) -> RSAKey:
    """A key pair of that name, made once a test run: the same name is the same key id."""
    return RSAKey.generate_key(2048, {"kid": name.partition("/")[0], "use": "sig", "alg": "RS256"})


@dataclass
class Account:
    """Someone the provider knows. `claims` go into every token about them."""

    subject: str
    claims: dict[str, Any]


def make_account(called: str, /, *groups: str, **claims: Any) -> Account:
    address = f"{called.split()[0].lower()}@example.org"
    known = {"name": called, "email": address, "email_verified": True, "token_use": "id"}
    return Account(f"sub-{called}", known | ({"cognito:groups": list(groups)} if groups else {}) | claims)


@dataclass
class Provider:
    """The provider's state. Tests set `account`, and `lie`, `answer`, `down` or `keys` to misbehave.

    lie: changes the claims before they are signed. sign: makes the token of header and claims.
    answer: replaces what the token endpoint says. down: paths that answer 500; hangs: paths that do not;
    held: paths that answer once the test lets them.

    How providers differ, each a switch. rotates: a refresh token works once, and used again it ends all that
    came from it. id_token_at_refresh, refresh_tokens: whether it gives them ("offline_access": to who asks
    for that). userinfo: whether it has that. only_in_userinfo: claims that ID tokens lack. end_session:
    whether its metadata says where its session ends. is_signed_in: whether a browser has a session there,
    which is what `prompt=none` wants. post_only: the client's secret is taken in the body alone.
    pages_url: where its pages for people are, if not where its metadata is. issuer: what it calls itself, if
    not by its address.
    """

    clock: Callable[[], datetime]
    rotates: bool = False
    id_token_at_refresh: bool = True
    refresh_tokens_given: bool | str = True
    userinfo: bool = False
    only_in_userinfo: set[str] = field(default_factory=set)
    end_session: bool = False
    is_signed_in: bool = True
    post_only: bool = False
    pages_url: str = ""
    userinfo_says: dict[str, Any] = field(default_factory=dict)
    scopes: list[str] | None = None

    account: Account = field(default_factory=lambda: make_account("Ana Lopes"))
    keys: list[RSAKey] = field(default_factory=lambda: [key("first")])
    lie: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
    sign: Callable[[Mapping[str, Any], RSAKey], str] | None = None
    answer: Callable[[dict[str, Any]], Response | dict[str, Any]] = lambda answer: answer
    down: set[str] = field(default_factory=set)
    hangs: set[str] = field(default_factory=set)
    held: dict[str, threading.Event] = field(default_factory=dict)
    stopped: threading.Event = field(default_factory=threading.Event)
    url: str = ""
    issuer: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    refresh_tokens: dict[str, Account] = field(default_factory=dict)
    used_up: dict[str, Account] = field(default_factory=dict)
    access_tokens: dict[str, Account] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        self.asked.append(request.path)
        if request.path in self.held:
            self.held[request.path].wait(30)
        if request.path in self.hangs:
            self.stopped.wait(30)
        answer = Response("down", 500) if request.path in self.down else self.respond(request)
        return answer(environ, start_response)

    def respond(self, request: Request) -> Response:
        doors: dict[str, Callable[[Request], Response]] = {
            "/.well-known/openid-configuration": self.metadata,
            "/jwks": lambda _: make_response({"keys": [each.as_dict(private=False) for each in self.keys]}),
            "/authorize": self.authorize,
            "/token": self.token,
            "/revoke": self.revoke,
            "/userinfo": self.give_userinfo,
        }
        path = IN_POOL.sub("", request.path)
        return doors.get(path, lambda _: Response("not here", 404))(request)

    def metadata(self, _: Request) -> Response:
        named = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
        named |= {"revocation_endpoint": "revoke"}
        named |= {"userinfo_endpoint": "userinfo"} if self.userinfo else {}
        named |= {"end_session_endpoint": "end-session"} if self.end_session else {}
        facts: dict[str, Any] = {name: f"{self.url}/{path}" for name, path in named.items()}
        for name in {"authorization_endpoint", "end_session_endpoint"} & named.keys():
            facts[name] = f"{self.pages_url or self.url}/{named[name]}"
        facts |= {"issuer": self.issuer or self.url, "id_token_signing_alg_values_supported": ["RS256"]}
        facts |= {"scopes_supported": self.scopes} if self.scopes is not None else {}
        method = {"token_endpoint_auth_methods_supported": ["client_secret_post"]} if self.post_only else {}
        return make_response(facts | method)

    def authorize(self, request: Request) -> Response:
        """Sign `account` in at once and send the browser back, as a hosted page would after its form."""
        self.requests.append(request.args.to_dict())
        if request.args.get("prompt") == "none" and not self.is_signed_in:
            return self.back(request, error="login_required")
        code = secrets.token_urlsafe(16)
        self.codes[code] = request.args.to_dict()
        return self.back(request, code=code)

    def back(self, request: Request, **answer: str) -> Response:
        query = urlencode({**answer, "state": request.args["state"]})
        return Response(status=302, headers={"Location": f"{request.args['redirect_uri']}?{query}"})

    def token(self, request: Request) -> Response:
        given = request.form
        if not self.knows_client(request):
            return make_response({"error": "invalid_client"}, 401)
        if given["grant_type"] == "refresh_token":
            return self.refresh(given["refresh_token"])
        asked = self.codes.pop(given["code"], None)
        if asked is None or asked["redirect_uri"] != given["redirect_uri"]:
            return make_response({"error": "invalid_grant"}, 400)
        digest = hashlib.sha256(given["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            return make_response({"error": "invalid_grant"}, 400)
        given_to_all = self.refresh_tokens_given is True
        is_wanted = given_to_all or str(self.refresh_tokens_given) in asked["scope"].split()
        return self.tokens(self.account, {"nonce": asked["nonce"]}, refreshable=is_wanted)

    def knows_client(self, request: Request) -> bool:
        if self.post_only:
            named = (request.form.get("client_id"), request.form.get("client_secret"))
        else:
            basic = request.authorization
            named = (basic.username, basic.password) if basic else (None, None)
        return named == (CLIENT, SECRET)

    def refresh(self, token: str) -> Response:
        """With rotation, a used token shown again is taken for a stolen one (RFC 9700, 4.14.2)."""
        if thief := self.used_up.get(token):
            of_thief = [each for each, who in self.refresh_tokens.items() if who is thief]
            for each in of_thief:
                del self.refresh_tokens[each]
        known = self.refresh_tokens.get(token)
        if known is None:
            return make_response({"error": "invalid_grant"}, 400)
        if self.rotates:
            self.used_up[token] = self.refresh_tokens.pop(token)
        return self.tokens(known, {}, refreshable=self.rotates)

    def tokens(self, who: Account, more: dict[str, str], refreshable: bool) -> Response:
        now = int(self.clock().timestamp())
        claims = {
            "iss": self.issuer or self.url,
            "aud": CLIENT,
            "sub": who.subject,
            "iat": now,
            "exp": now + 3600,
        }
        about = {name: value for name, value in who.claims.items() if name not in self.only_in_userinfo}
        access_token = secrets.token_urlsafe(24)
        self.access_tokens[access_token] = who
        answer: dict[str, Any] = {"token_type": "Bearer", "expires_in": 3600, "access_token": access_token}
        if more or self.id_token_at_refresh:
            answer["id_token"] = self.sign_token(self.lie(claims | more | about))
        if refreshable:
            answer["refresh_token"] = secrets.token_urlsafe(24)
            self.refresh_tokens[answer["refresh_token"]] = who
        changed = self.answer(answer)
        return changed if isinstance(changed, Response) else make_response(changed)

    def give_userinfo(self, request: Request) -> Response:
        """Userinfo: all that is known of whose access token it is (OpenID Connect Core, 5.3)."""
        token = str(request.headers.get("Authorization", "")).removeprefix("Bearer ")
        who = self.access_tokens.get(token)
        if who is None or not self.userinfo:
            return make_response({"error": "invalid_token"}, 401)
        return make_response({**who.claims, "sub": who.subject, **self.userinfo_says})

    def sign_token(self, claims: dict[str, Any]) -> str:
        mine = self.keys[-1]
        if self.sign:
            return self.sign(claims, mine)
        return jwt.encode({"alg": "RS256", "kid": mine.kid}, claims, mine)

    def revoke(self, request: Request) -> Response:
        self.refresh_tokens.pop(request.form["token"], None)
        return Response()


def make_response(answer: Any, status: int = 200) -> Response:
    return Response(json.dumps(answer), status, mimetype="application/json")


@contextmanager
def serve_provider(clock: Callable[[], datetime]) -> Iterator[Provider]:
    """The provider on a free port of this machine; its tokens\' times are the clock\'s."""
    provider = Provider(clock)
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
