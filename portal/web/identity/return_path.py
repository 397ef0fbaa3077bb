"""Where someone goes after signing in: a page of ours, or the front page (R18, T13).

What comes in may be anything. What goes out is the path of one of our own pages, never an address elsewhere.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from flask import current_app, request, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from portal.web.current import config

MAX_CHARACTERS = 300  # characters; five of them, with the rest of a pending sign-in, must fit into one cookie
PATH = re.compile(
    r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*"
)  # one slash first; no blanks, controls, backslashes, other alphabets
ODD = re.compile(r"[\x00-\x1f\x7f\\]|^//|/\.\.?(/|$)")
NEVER = {"static", "sign_in.login", "sign_in.callback", "sign_in.logout"}


def return_path(wanted: str | None) -> str:
    """The path and query to go to, without the portal's prefix; "/" where the wish is not one of ours."""
    text = wanted or "/"
    if not PATH.fullmatch(text) or ODD.search(unquote(urlsplit(text).path)) or "#" in text:
        return "/"
    path, _, query = text.partition("?")
    if not is_page(path):
        return "/"
    if len(text) <= MAX_CHARACTERS and not ODD.search(unquote(query)):
        return text
    return path if len(path) <= MAX_CHARACTERS else "/"


def is_page(path: str) -> bool:
    """Whether one of our own pages answers there."""
    try:
        endpoint, _ = current_app.url_map.bind("").match(unquote(path), method="GET")
    except (HTTPException, RequestRedirect):
        return False
    return endpoint not in NEVER


def current_path() -> str:
    """The page being asked for, to come back to; "/" where coming back would not repeat it."""
    if request.method not in {"GET", "HEAD"}:
        return "/"
    query = request.query_string.decode("latin-1")
    return return_path(f"{request.path}?{query}" if query else request.path)


def prefix_path(path: str) -> str:
    """The path as a browser must ask for it, under the portal's prefix."""
    return request.script_root + path


def public_address(endpoint: str) -> str:
    """The full address of a page, from the configuration and never from what a request says (R19)."""
    path = url_for(endpoint).removeprefix(request.script_root)
    return config().public_url + path
