"""Where templates come from: compiled ahead of time in the Lambda's package, sources everywhere else."""

from __future__ import annotations

import re
from pathlib import Path

import jinja2
from flask import Flask
from jinja2 import ChoiceLoader, ModuleLoader
from jinja2.environment import TemplateModule
from jinja2.ext import Extension
from jinja2.runtime import Context

from portal.web import current
from portal.web.assets import elements, icons, scripts, stylesheet
from portal.web.assets.addresses import asset
from portal.web.identity.form_pages import page_for_history
from portal.web.identity.return_path import prefix_path
from portal.web.wording import formats, i18n

SOURCES = Path(__file__).parents[3] / "templates"
# Filled by `compile_templates` when the package is made: a first page then renders in a sixth of the time.
COMPILED = Path(__file__).parents[1] / "compiled_templates"
INDENTATION = re.compile(r"\n[ \t]+")


def install(app: Flask) -> None:
    """Choose the loader, and give every template what it may ask for."""
    if COMPILED.is_dir():
        # Before Flask's own loader and not as part of it: that one asks for sources, which are not there.
        sources = app.jinja_env.loader
        app.jinja_env.loader = ChoiceLoader([ModuleLoader(COMPILED), *([sources] if sources else [])])
    app.jinja_env.template_class = Template
    app.jinja_env.add_extension(Outdent)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        asset=asset, look_address=stylesheet.address, at=prefix_path, page_for_history=page_for_history,
        draw_icon=icons.draw_icon, icon_drawings=icons.icon_drawings,
        name_module=scripts.name_module, module_links=scripts.module_links,
    )  # fmt: skip
    app.context_processor(lambda: {"organisation": organisation()})
    app.register_blueprint(stylesheet.blueprint)
    i18n.install(app)
    formats.install(app)
    elements.install(app)


class Template(jinja2.Template):
    """A template whose macros are made once. No template here is given globals of its own, so there are none
    to look for among all of them each time that another imports it, which was a tenth of a small page.
    """

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        return super()._get_default_module()


class Outdent(Extension):
    """Leave out the blanks that lines begin with: a tenth of a list is nothing else. What people wrote is not
    touched, since it is not in the template.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return INDENTATION.sub("\n", source)


def organisation() -> dict[str, str]:
    config = current.config()
    return {"name": config.organisation_name, "logo_url": config.logo_url, "accent": config.accent_colour}


def compile_templates(target: Path = COMPILED) -> None:
    """Compile the pages' templates into Python modules in `target` (packaging calls this; emails have rules
    of their own, see portal/mail/rendering.py). Raises jinja2.TemplateSyntaxError where one is malformed.
    """
    app = Flask("portal", template_folder=str(SOURCES))
    install(app)
    app.jinja_env.compile_templates(
        target, zip=None, ignore_errors=False, filter_func=lambda name: not name.startswith("email/")
    )
