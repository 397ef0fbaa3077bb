"""Where templates come from: compiled ahead of time in the Lambda's package, sources everywhere else."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, current_app, url_for
from jinja2 import ChoiceLoader, ModuleLoader

from portal.web import current
from portal.web.assets import stylesheet
from portal.web.identity.form_pages import page_for_history
from portal.web.identity.return_path import prefix_path
from portal.web.wording import formats, i18n

SOURCES = Path(__file__).parents[3] / "templates"
# Filled by `compile_templates` when the package is made: a first page then renders in a sixth of the time.
COMPILED = Path(__file__).parents[1] / "compiled_templates"


def install(app: Flask) -> None:
    """Choose the loader, and give every template what it may ask for."""
    if COMPILED.is_dir():
        # Before Flask's own loader and not as part of it: that one asks for sources, which are not there.
        sources = app.jinja_env.loader
        app.jinja_env.loader = ChoiceLoader([ModuleLoader(COMPILED), *([sources] if sources else [])])
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        asset=asset, modules=modules, look_address=stylesheet.address, at=prefix_path,
        page_for_history=page_for_history,
    )  # fmt: skip
    app.context_processor(lambda: {"organisation": organisation()})
    app.register_blueprint(stylesheet.blueprint)
    i18n.install(app)
    formats.install(app)


def organisation() -> dict[str, str]:
    config = current.config()
    return {"name": config.organisation_name, "logo_url": config.logo_url, "accent": config.accent_colour}


def asset(path: str) -> str:
    """The address of a file under static/, with a hash of what is in it: browsers may keep it for long."""
    return url_for("static", filename=path, v=content_hash(str(current_app.static_folder), path))


def modules() -> dict[str, dict[str, str]]:
    """An import map (HTML standard, "import maps"): modules import each other by plain names, and browsers
    may keep each for as long as its hash stands.
    """
    names = module_names(str(current_app.static_folder))
    return {"imports": {url_for("static", filename=name): asset(name) for name in names}}


@lru_cache(maxsize=4)
def module_names(folder: str) -> tuple[str, ...]:
    found = [*Path(folder).glob("js/**/*.js"), *Path(folder).glob("vendor/up*.js")]
    return tuple(sorted(str(path.relative_to(folder)) for path in found))


@lru_cache(maxsize=256)
def content_hash(folder: str, path: str) -> str:
    return hashlib.sha256((Path(folder) / path).read_bytes()).hexdigest()[:12]


def compile_templates(target: Path = COMPILED) -> None:
    """Compile the pages' templates into Python modules in `target` (packaging calls this; emails have rules
    of their own, see portal/mail/rendering.py). Raises jinja2.TemplateSyntaxError where one is malformed.
    """
    app = Flask("portal", template_folder=str(SOURCES))
    install(app)
    app.jinja_env.compile_templates(
        target, zip=None, ignore_errors=False, filter_func=lambda name: not name.startswith("email/")
    )
