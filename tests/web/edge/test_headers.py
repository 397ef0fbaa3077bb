"""What every answer carries, whatever it is an answer to, and which host it answers as."""

from __future__ import annotations

import json
import re

import pytest
from werkzeug.datastructures import Headers

from tests.builders import Clock, Running, make_running
from tests.web.browser import Browser
from tests.web.provider import Provider

pytestmark = pytest.mark.requirement("R17", "R19")

PATHS = [
    "/", "/probe", "/healthz", "/no/such/page", "/login", "/login/callback", "/static/js/main.js",
    "/static/none", "/look.css", "/probe/fails", "/admin/probe", "/v1/probe",
]  # fmt: skip


def test_every_answer_carries_them(browser: Browser, provider: Provider) -> None:
    """Also errors, redirects, odd methods and static files."""
    for method in ("GET", "HEAD", "POST", "OPTIONS", "TRACE", "BREW"):
        for path in PATHS:
            check_headers(browser.ask(method, path).headers, provider.url)


def check_headers(headers: Headers, sign_in: str) -> None:
    policy = dict(each.split(" ", 1) for each in headers["Content-Security-Policy"].split("; "))
    files = "https://portal-files.s3.eu-central-1.amazonaws.com"
    assert re.fullmatch(r"'nonce-[A-Za-z0-9_-]{24}'", policy.pop("script-src"))
    assert policy == {
        "default-src": "'self'",
        "worker-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": f"'self' {files}",
        "form-action": f"'self' {sign_in} {files}",
        "object-src": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Server" not in headers
    assert re.fullmatch(r"[0-9a-f]{32}", headers["X-Request-Id"])
    assert len(headers.getlist("Cache-Control")) == 1


def test_the_nonce_is_fresh(browser: Browser) -> None:
    policies = {browser.ask("GET", "/").headers["Content-Security-Policy"] for _ in range(5)}
    assert len(policies) == 5


@pytest.mark.requirement("R8")
def test_pages_are_never_kept_and_hashed_files_always(browser: Browser) -> None:
    browser.sign_in()
    for path in ("/", "/probe", "/probe/fails", "/no/such/page", "/healthz", "/static/none?v=1"):
        assert browser.ask("GET", path).headers["Cache-Control"] == "no-store", path
    assert "immutable" in browser.ask("GET", "/static/js/main.js?v=1").headers["Cache-Control"]
    plain = browser.ask("GET", "/static/js/main.js").headers
    assert plain["Cache-Control"] == "public, no-cache"
    assert plain["Vary"] == "Accept-Encoding"


@pytest.mark.requirement("R16")
@pytest.mark.parametrize("method", ["TRACE", "BREW", "DELETE"])
def test_other_methods_are_refused(browser: Browser, method: str) -> None:
    answer = browser.ask(method, "/", 405)
    assert "GET" in answer.headers["Allow"]


def test_another_host_is_refused(browser: Browser) -> None:
    own = "files.example.org"
    for host in (
        "evil.example",
        f"{own}@evil.example",
        f"{own}:8443",
        "",
        f"{own}.evil.example",
        f"{own},{own}",
    ):
        for path in ("/", "/login", "/static/js/main.js", "/no/such/page"):
            answer = browser.ask("GET", path, 400, headers={"Host": host})
            assert "evil" not in answer.answer.text


def test_machines_may_ask_for_health_under_any_name(browser: Browser) -> None:
    assert browser.ask("GET", "/healthz", 200, headers={"Host": "10.0.0.7"}).answer.json["status"] == "ok"


@pytest.mark.requirement("R20")
@pytest.mark.parametrize("name", ["X-Forwarded-Host", "Forwarded", "X-Original-URL", "X-Forwarded-Proto"])
def test_what_clients_say_of_the_host_is_not_believed(
    browser: Browser, provider: Provider, name: str
) -> None:
    """Neither the page nor the way back from the provider names it."""
    answer = browser.ask("GET", "/login", 302, headers={name: "host=evil.example"})
    assert "evil" not in answer.location
    assert "evil" not in browser.ask("GET", "/", 200, headers={name: "evil.example"}).answer.text


def test_on_this_machine_cookies_work_without_https(aws: None, clock: Clock, provider: Provider) -> None:
    """Browsers refuse `__Host-` and Secure on http; only loopback may be http."""
    settings = {"PORTAL_OIDC_METADATA_URL": f"{provider.url}/.well-known/openid-configuration"}
    portal: Running = make_running(clock, PORTAL_PUBLIC_URL="http://127.0.0.1:8000", **settings)
    browser = Browser(portal, provider)
    answer = browser.sign_in()
    assert answer.status == 303
    assert any(each.startswith("session=") for each in answer.headers.getlist("Set-Cookie"))
    assert "Secure" not in str(answer.headers.getlist("Set-Cookie"))
    assert "Strict-Transport-Security" not in answer.headers


def test_every_module_is_kept_for_as_long_as_its_hash_stands(browser: Browser) -> None:
    """A Lambda is not asked for the same script on each page: the import map names each with its hash. All
    that a page begins with are fetched at once.
    """
    browser.sign_in()
    page = browser.get("/upload")
    imports = json.loads(page.document.one("script", type="importmap").text)["imports"]
    ahead = {each.attributes["href"] for each in page.document.all("link", rel="modulepreload")}
    assert {"/static/js/upload.js", "/static/js/uploads/retry.js", "/static/vendor/uppy.js"} <= set(imports)
    assert set(imports.values()) - ahead == {imports["/static/vendor/uppy-locale-de.js"]}
    for address, kept in imports.items():
        assert kept.startswith(f"{address}?v=")
        answer = browser.ask("GET", kept, 200)
        assert "immutable" in answer.headers["Cache-Control"]


def test_the_worker_that_computes_may_do_nothing_else(browser: Browser) -> None:
    """WebAssembly is compiled in that one place; pages may start no worker but our own."""
    answer = browser.ask("GET", "/static/vendor/hash-worker.js")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; script-src 'wasm-unsafe-eval'"
    assert "wasm" not in browser.ask("GET", "/static/js/main.js").headers["Content-Security-Policy"]
