"""The modules that only some pages want, beside the bundle that comes with each (assets/pages/).

They stay files of their own: nobody waits for them on other pages. A page that names one gets an import map
(HTML standard, "import maps") of it and of all that it imports, so that browsers keep each for as long as its
hash stands, and is told to fetch them at once and not one after the other.
"""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from pathlib import Path

from flask import g
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from portal.web.assets import addresses
from portal.web.edge.headers import csp_nonce

IMPORTED = re.compile(r"""\bfrom\s*["'](\.[^"']+)["']""")
FETCHED_LATER = re.compile(r"""\bimport\(\s*["'](\.[^"']+)["']""")


def name_module(name: str) -> str:
    """For `data-module`: a module that is not in the page's bundle."""
    g.setdefault("modules", {})[name] = True
    return name


def module_links() -> Markup:
    """Call it after all that names modules, and before the page's first script."""
    named = tuple(g.get("modules", ()))
    if not named:
        return Markup("")
    prefix, folder = addresses.source()
    return draw_links(prefix, folder, named).replace("NONCE", csp_nonce())


@lru_cache(maxsize=16)
def draw_links(prefix: str, folder: str, named: tuple[str, ...]) -> Markup:
    at_once = find_imported(folder, tuple(f"js/{name}.js" for name in named))
    later = [path for path in list_imports(folder, at_once, FETCHED_LATER) if path not in at_once]
    kept = {path: addresses.make_address(prefix, folder, path) for path in (*at_once, *later)}
    imports = {f"{prefix}/static/{path}": address for path, address in kept.items()}
    links = "\n".join(f'<link rel="modulepreload" nonce="NONCE" href="{kept[path]}">' for path in at_once)
    script = f'<script type="importmap" nonce="NONCE">{htmlsafe_json_dumps({"imports": imports})}</script>'
    return Markup(f"{script}\n{links}")  # noqa: S704


def find_imported(folder: str, paths: tuple[str, ...]) -> tuple[str, ...]:
    """These files and all that they import, and so on."""
    found, fresh = dict.fromkeys(paths), paths
    while fresh:
        fresh = tuple(path for path in list_imports(folder, fresh, IMPORTED) if path not in found)
        found.update(dict.fromkeys(fresh))
    return tuple(found)


def list_imports(folder: str, paths: tuple[str, ...], pattern: re.Pattern[str]) -> list[str]:
    return [
        posixpath.normpath(posixpath.join(posixpath.dirname(path), each))
        for path in paths
        for each in pattern.findall((Path(folder) / path).read_text(encoding="utf-8"))
    ]
