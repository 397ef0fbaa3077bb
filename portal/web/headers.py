"""What every answer carries: the Content-Security-Policy with a fresh nonce, and its companions (R17, R19).

Sources: OWASP ASVS 5.0, 3.4; OWASP HTTP Headers cheat sheet; CSP level 3.
"""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from portal.config import Config
from portal.domain.errors import Refusal, words

YEAR_SECONDS = 365 * 24 * 3600
VERSIONED = {"static", "look.stylesheet"}  # their addresses carry a hash of what they hold
# The worker that computes checksums does so in WebAssembly. A worker goes by the policy of its own answer,
# and this one may do nothing else.
COMPUTING = {"vendor/hash-worker.js"}
COMPUTING_POLICY = "default-src 'none'; script-src 'wasm-unsafe-eval'"
FIXED = {
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: Flask-WTF compares the Referer of every https form with our own host (T1).
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "X-Robots-Tag": "noindex, nofollow",
}


class WrongHost(Refusal):
    """A request that names another host than the portal's: nothing of it is believed."""

    status = 400
    reason = "wrong_host"
    words = words("This portal does not answer at that address.")


def install(app: Flask, config: Config) -> None:
    policy, viewing = content_security_policy(config), viewer_policy(config)

    @app.before_request
    def check_host() -> None:
        """`/healthz` alone answers to any name: machines ask it by the address they happen to know."""
        if request.endpoint != "health.healthz" and own_name(
            request.environ.get("HTTP_HOST", "")
        ) != own_name(config.host):
            raise WrongHost

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.update(FIXED)
        page = viewing if g.get("shows_a_file") else policy
        own = COMPUTING_POLICY if is_computing() else page.replace("NONCE", csp_nonce())
        response.headers.setdefault("Content-Security-Policy", own)
        if config.is_https:
            response.headers["Strict-Transport-Security"] = f"max-age={2 * YEAR_SECONDS}; includeSubDomains"
        response.headers["Cache-Control"] = caching(response)
        return response

    app.jinja_env.globals["csp_nonce"] = csp_nonce


def is_computing() -> bool:
    return request.endpoint == "static" and (request.view_args or {}).get("filename") in COMPUTING


def own_name(host: str) -> str:
    return host.lower().removesuffix(":443").removesuffix(":80")


def csp_nonce() -> str:
    """A fresh value for each answer; scripts without it do not run."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(18)
    return str(g.csp_nonce)


def caching(response: Response) -> str:
    """Pages are never kept, so that the way back after signing out shows nothing (R8)."""
    if request.endpoint not in VERSIONED or response.status_code not in {200, 206, 304}:
        return "no-store"
    return f"public, max-age={YEAR_SECONDS}, immutable" if "v" in request.args else "public, no-cache"


def content_security_policy(config: Config) -> str:
    pictures = " ".join(["'self'", "data:", origin(config.logo_url)]).strip()
    return "; ".join(
        [
            "default-src 'self'",
            "script-src 'nonce-NONCE'",
            "worker-src 'self'",
            "style-src 'self'",
            f"img-src {pictures}",
            f"connect-src 'self' {config.files_origin}",
            f"form-action {form_targets(config)}",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )


def workers_policy(config: Config) -> str:
    """For a worker's script, under whose policy it runs: it may speak to us and to the bucket, no more."""
    speaks = f"connect-src 'self' {config.files_origin}"
    return f"default-src 'none'; {speaks}; base-uri 'none'; frame-ancestors 'none'"


def show_a_file() -> None:
    """This answer is a preview: the policy of that page, and of no other, lets the bucket's bytes in."""
    g.shows_a_file = True


def viewer_policy(config: Config) -> str:
    """Of a page with somebody's file in it: pictures, sound and films of the bucket, and frames of it, which
    are sandboxed. The page itself is not: it needs its scripts and its origin, and a sandbox with both is
    none.
    """
    bucket, pictures = config.files_origin, f"'self' {origin(config.logo_url)}".strip()
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'nonce-NONCE'",
            "style-src 'self'",
            f"img-src {pictures} {bucket}",
            f"media-src {bucket}",
            f"frame-src {bucket}",
            f"connect-src 'self' {bucket}",
            f"form-action {form_targets(config)}",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )


def form_targets(config: Config) -> str:
    """The provider too: Chromium applies form-action to where a form's answer redirects to."""
    providers = {origin(config.sign_out_url), origin(config.oidc_metadata_url)} - {""}
    return " ".join(["'self'", config.files_origin, *sorted(providers - {config.files_origin})])


def origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if address else ""
