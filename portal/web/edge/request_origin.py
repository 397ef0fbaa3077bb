"""Whether a form comes from a page of ours: by what the browser itself says, which no page can make up (R14).

Any one of three headers will do: privacy tools, proxies and older browsers leave out one or two of them. One
that names another site is enough to refuse. Sources: Fetch Metadata Request Headers (W3C); RFC 6454; OWASP,
Cross-Site Request Forgery Prevention.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request

from portal.domain.errors import N_, Refusal
from portal.web.current import config
from portal.web.edge.headers import origin


class NoOrigin(Refusal):
    """Nothing says where the form was."""

    reason = "no_origin"
    message = N_(
        "Your browser does not say which page this came from, so it could be another site's. An "
        "extension or a proxy may be hiding it: let your browser send the “Origin” or the “Referer” "
        "header to this portal, reload the page and do the last step again."
    )


class ForeignOrigin(Refusal):
    """Another site's page sent it."""

    reason = "foreign_origin"
    message = N_(
        "This came from the page of another site, so nothing was done. Open the portal itself and do it "
        "there."
    )


def require_own_page() -> None:
    """Raises ForeignOrigin or NoOrigin; on http, which is for one's own machine, nothing."""
    if not request.is_secure:
        return
    claims = [each for each in (check_fetch_metadata(), check_origin(), check_referer()) if each is not None]
    if not all(claims):
        raise ForeignOrigin
    if not claims:
        raise NoOrigin


def check_fetch_metadata() -> bool | None:
    """Whether it is ours; None where the header is absent, or says that someone asked for it themselves."""
    site = request.headers.get("Sec-Fetch-Site") or "none"
    return None if site == "none" else site == "same-origin"


def check_origin() -> bool | None:
    """None also for "null", which a browser says where it is told to hide it."""
    named = request.headers.get("Origin") or "null"
    return None if named == "null" else is_ours(named)


def check_referer() -> bool | None:
    referer = request.headers.get("Referer", "")
    return is_ours(referer) if referer else None


def is_ours(address: str) -> bool:
    try:
        return strip_path(address) == strip_path(config().public_url)
    except ValueError:
        return False


def strip_path(address: str) -> str:
    """Scheme and host, with the port where it is not the usual one."""
    return origin(address.lower()).removesuffix(":443" if urlsplit(address).scheme == "https" else ":80")
