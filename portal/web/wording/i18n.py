"""The reader's language and zone: from their cookies, else what the browser says, else the portal's first.

Both cookies hold a preference, nothing about the person. `static/js/main.js` sets `zone`, the switch in the
footer sets `language`.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import Flask, g, redirect, request
from flask_babel import Babel, get_translations, gettext
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from portal import formatting
from portal.domain.errors import Refusal
from portal.domain.shares import expiry
from portal.web import current
from portal.web.edge.audience import Audience, Place
from portal.web.identity.return_path import prefix_path, return_path

TRANSLATIONS = Path(__file__).parents[1] / "translations"
YEAR_SECONDS = 365 * 24 * 3600
NAMES = {"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español", "it": "Italiano"}

blueprint = Place("language", __name__, Audience.VISITOR)


def install(app: Flask) -> None:
    """Make every word of the app translatable, and `language` and `zone` known to every template."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    Babel(app, locale_selector=language)
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(
        _=translate, gettext=translate, ngettext=translate_number, reader_zone=zone,
    )  # fmt: skip
    app.context_processor(template_globals)


def template_globals() -> dict[str, Any]:
    offered = {code: NAMES.get(code, code) for code in current.config().languages}
    return {"language": language(), "languages": offered, "zone": zone()}


def translate(text: str, /, **values: Any) -> Markup:
    """A page's words in the reader's language; values are escaped, unless they are markup themselves.

    Each template's own calls come here instead of to Flask-Babel, which finds language and catalogue anew
    for each of a page's hundreds of words.
    """
    said = find_words(language(), text)
    if values or "%" in said:
        # Not `Markup % values`, which wraps each in an object of its own to come to the same.
        said %= {name: each if isinstance(each, int) else escape(each) for name, each in values.items()}
    return Markup(said)  # noqa: S704


def translate_number(one: str, many: str, num: int, /, **values: Any) -> Markup:
    return Markup(get_translations().ungettext(one, many, num)) % {"num": num, **values}  # noqa: S704


@lru_cache(maxsize=4096)
def find_words(language: str, text: str) -> str:
    """What the catalogue has. language: that of this request, in which Flask-Babel looks."""
    return str(get_translations().ugettext(text))


def language() -> str:
    """One of the portal's languages; found once a request, since every word and number asks."""
    try:
        return cast(str, g.language)
    except AttributeError:
        offered = current.config().languages
        chosen = request.cookies.get("language", "")
        g.language = chosen if chosen in offered else request.accept_languages.best_match(offered, offered[0])
        return cast(str, g.language)


def zone() -> ZoneInfo | None:
    """The reader's time zone; None while it is not known: times are then shown in UTC, and say so."""
    try:
        return cast("ZoneInfo | None", g.zone)
    except AttributeError:
        name = request.cookies.get("zone", "")
        found = expiry.zone(name) if name else None
        g.zone = found if found and found.key == name else None
        return cast("ZoneInfo | None", g.zone)


def translate_refusal(refusal: Refusal) -> str:
    """A refusal's public words in the reader's language, with their values filled in; `*_bytes` as a size."""
    text = cast(str, gettext(refusal.message))
    said = {
        name: formatting.size(value, language())
        if name.endswith("_bytes") and isinstance(value, int)
        else value
        for name, value in refusal.params.items()
    }
    return text % said if said else text


@blueprint.post("/language")
def choose() -> Response:
    """Keep the language for a year, and go back to the page the reader was on."""
    config = current.config()
    chosen = request.form.get("language", "")
    answer = redirect(prefix_path(return_path(request.form.get("back"))), code=303)
    if chosen in config.languages:
        answer.set_cookie(
            "language", chosen, max_age=YEAR_SECONDS, secure=config.is_https, httponly=True, samesite="Lax"
        )
    return answer
