"""What every answer carries: the Content-Security-Policy with a fresh nonce, and its companions (R17, R19).

Sources: OWASP ASVS 5.0, 3.4; OWASP HTTP Headers cheat sheet; CSP level 3.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from portal.config.settings import Config
from portal.domain.errors import N_, Refusal
from portal.web.edge.logging import request_id

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

YEAR_SECONDS = 365 * 24 * 3600
VERSIONED = {"static", "look.stylesheet"}  # their addresses carry a hash of what they hold
# The worker that computes checksums does so in WebAssembly. A worker goes by the policy of its own answer,
# and this one may do nothing else.
COMPUTING = {"vendor/hash-worker.js"}
COMPUTING_POLICY = "default-src 'none'; script-src 'wasm-unsafe-eval'"
FIXED = {
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: with that browsers hide the Origin of a form, too (T1; request_origin.py).
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
    message = N_("This portal does not answer at that address.")


def install(app: Flask, config: Config, files_origin: str) -> None:
    """files_origin: where browsers send and fetch bytes, as the S3 client signs it (R67)."""
    policy = content_security_policy(config, files_origin)
    viewing = viewer_policy(config, files_origin)
    viewing_pdf = viewer_policy(config, files_origin, " blob:")

    app.wsgi_app = use_own_host(app.wsgi_app, config)  # type: ignore[method-assign, assignment]

    @app.before_request
    def check_host() -> None:
        """`/healthz` alone answers to any name: machines ask it by the address they happen to know."""
        if request.endpoint != "health.healthz" and not request.environ["portal.names_us"]:
            raise WrongHost

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.update(FIXED)
        page = {"file": viewing, "pdf": viewing_pdf}.get(g.get("shows_a_file", ""), policy)
        own = COMPUTING_POLICY if is_computing() else page.replace("NONCE", csp_nonce())
        own = own.replace("form-action ", f"form-action {g.form_target} ") if "form_target" in g else own
        response.headers.setdefault("Content-Security-Policy", own)
        if config.is_https:
            response.headers["Strict-Transport-Security"] = f"max-age={2 * YEAR_SECONDS}; includeSubDomains"
        response.headers["Cache-Control"] = caching(response)
        response.headers["X-Request-Id"] = request_id()
        return response

    app.jinja_env.globals["csp_nonce"] = csp_nonce


def use_own_host(app: WSGIApplication, config: Config) -> WSGIApplication:
    """Before anything builds an address: whatever host a request names, addresses are made with our own."""
    own = own_name(config.host)

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["portal.names_us"] = own_name(environ.get("HTTP_HOST", "")) == own
        environ["HTTP_HOST"] = config.host
        return app(environ, start_response)

    return serve


def is_computing() -> bool:
    return request.endpoint == "static" and (request.view_args or {}).get("filename") in COMPUTING


def own_name(host: str) -> str:
    """A host without the port that its scheme has anyway."""
    name, _, port = host.lower().rpartition(":")
    return name if port in {"80", "443"} else host.lower()


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


def content_security_policy(config: Config, files_origin: str) -> str:
    pictures = " ".join(["'self'", "data:", origin(config.logo_url)]).strip()
    return "; ".join(
        [
            "default-src 'self'",
            "script-src 'nonce-NONCE'",
            "worker-src 'self'",
            "style-src 'self'",
            f"img-src {pictures}",
            f"connect-src 'self' {files_origin}",
            f"form-action {form_targets(config)} {files_origin}",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )


def workers_policy(files_origin: str) -> str:
    """For a worker's script, under whose policy it runs: it may speak to us and to the bucket, no more."""
    speaks = f"connect-src 'self' {files_origin}"
    return f"default-src 'none'; {speaks}; base-uri 'none'; frame-ancestors 'none'"


def show_a_file(*, pdf: bool = False) -> None:
    """This answer is a preview: the policy of that page, and of no other, lets the bucket's bytes in."""
    g.shows_a_file = "pdf" if pdf else "file"


def allow_form_target(origin: str) -> None:
    """The form of this answer, and of no other, may lead there: browsers apply form-action to where a form's
    answer redirects to.
    """
    g.form_target = origin


def viewer_policy(config: Config, files_origin: str, more_frames: str = "") -> str:
    """Of a page with someone's file in it: pictures, sound and films of the bucket, and frames of it, which
    are sandboxed, but for a PDF's. The page itself is not: it needs its scripts and its origin, and a sandbox
    with both is none. more_frames: `blob:` lets a PDF's frame show what a script of the page has fetched.
    """
    pictures = f"'self' {origin(config.logo_url)}".strip()
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'nonce-NONCE'",
            "style-src 'self'",
            f"img-src {pictures} {files_origin}",
            f"media-src {files_origin}",
            f"frame-src {files_origin}{more_frames}",
            f"connect-src 'self' {files_origin}",
            f"form-action {form_targets(config)} {files_origin}",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )


def form_targets(config: Config) -> str:
    """The provider too: Chromium applies form-action to where a form's answer redirects to."""
    providers = {origin(config.sign_out_url), origin(config.oidc_metadata_url)} - {""}
    return " ".join(["'self'", *sorted(providers)])


def origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if address else ""
