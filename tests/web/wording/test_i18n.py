"""Every word is translatable and translated; language, zone and theme reach every page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from jinja2 import Environment

from portal.web.assets.templates import compile_templates
from tests.builders import Running
from tests.web.browser import Browser

ROOT = Path(__file__).parents[3]
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
GERMAN = ROOT / "portal" / "web" / "translations" / "de" / "LC_MESSAGES" / "messages.po"
SHOWN = {"alt", "aria-label", "placeholder", "title"}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%%\{(\w+)\}|(?<!%)\{(\w+)\}")


def catalogue() -> Catalog:
    return read_po(BytesIO(GERMAN.read_bytes()))


def messages() -> set[str | tuple[str, ...]]:
    """Every message the project has, as `pybabel extract -k lazy_gettext` finds them."""
    with (ROOT / "babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    keywords = DEFAULT_KEYWORDS | {"lazy_gettext": None}
    found = extract_from_dir(
        ROOT, methods, options, keywords, directory_filter=lambda folder: is_ours(folder)
    )
    return {message for _, _, message, _, _ in found}


def is_ours(folder: str) -> bool:
    parts = Path(folder).relative_to(ROOT).parts
    return not parts or parts[0] in {"portal", "templates"}


def test_every_message_is_in_german() -> None:
    """One complete second language: `pybabel extract` and `update`, then translate what is empty."""
    german = catalogue()
    missing = [each for each in messages() if not (found := german.get(each)) or not all(texts(found.string))]
    assert not missing, f"{GERMAN.name} lacks: {missing}"


def test_the_catalogue_has_nothing_that_is_not_said_any_more() -> None:
    said = {each if isinstance(each, str) else each[0] for each in messages()}
    assert not [each.id for each in catalogue() if each.id and texts(each.id)[0] not in said]


def test_translations_keep_their_placeholders() -> None:
    for message in catalogue():
        if message.id:
            wanted = set(PLACEHOLDER.findall(texts(message.id)[-1]))
            for text in texts(message.string):
                assert set(PLACEHOLDER.findall(text)) <= wanted, message.id


def texts(of: str | tuple[str, ...]) -> tuple[str, ...]:
    return (of,) if isinstance(of, str) else tuple(of)


class Bare(HTMLParser):
    """The words of a template that no gettext call surrounds."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = False
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent = tag in {"style", "script", "code"}
        self.found += [
            value for name, value in attrs if name in SHOWN and value and re.search(r"[^\W\d_]", value)
        ]

    def handle_endtag(self, tag: str) -> None:
        self.silent = False

    def handle_data(self, data: str) -> None:
        if not self.silent and re.search(r"[^\W\d_]{2}", data):
            self.found.append(data.strip())


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_no_template_has_bare_words(template: Path) -> None:
    """Every word goes through `_()`, `ngettext` or `{% trans %}`."""
    kept, translated = [], False
    for _, kind, text in Environment(autoescape=True, extensions=["jinja2.ext.i18n"]).lex(
        template.read_text()
    ):
        if kind == "name" and text in {"trans", "endtrans"}:
            translated = text == "trans"
        elif kind == "data" and not translated:
            kept.append(text)
    found = Bare("".join(kept)).found
    assert not found, f"put these words through _(): {found}"


def test_the_browsers_language_is_taken(browser: Browser) -> None:
    page = browser.get("/", headers={"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"})
    assert "Anmelden" in page.text


def test_a_language_once_chosen_stays(browser: Browser) -> None:
    browser.get("/")
    browser.submit("/language", language="de")
    assert "Anmelden" in browser.get("/", headers={"Accept-Language": "en"}).text


@pytest.mark.parametrize("language", ["xx", "", "../de"])
def test_an_unknown_language_is_left_alone(browser: Browser, language: str) -> None:
    browser.get("/")
    assert "language=" not in str(
        browser.submit("/language", language=language).headers.getlist("Set-Cookie")
    )


@pytest.mark.requirement("R18")
@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", "/nowhere"])
def test_choosing_a_language_leads_nowhere_else(browser: Browser, back: str) -> None:
    browser.get("/")
    assert browser.submit("/language", language="de", back=back).location == "/"


@pytest.mark.parametrize("zone", ["Europe/Lisbon", "../../etc/passwd", "x" * 500, "Mars/Base", "\u00e9"])
def test_any_zone_in_the_cookie_gives_a_page(browser: Browser, zone: str) -> None:
    browser.client.set_cookie("zone", zone.encode("ascii", "ignore").decode(), domain="files.example.org")
    browser.get("/")


@pytest.mark.requirement("R17")
def test_the_style_sheet_is_one_packed_and_kept(portal: Running) -> None:
    """A year in the browser, under an address that changes with what is in it."""
    client = portal.app.test_client()
    address = re.search(r'href="(/look.css\?v=\w+)"', client.get("/", base_url=portal.config.public_url).text)
    assert address is not None
    plain = client.get(address[1], base_url=portal.config.public_url)
    packed = client.get(address[1], base_url=portal.config.public_url, headers={"Accept-Encoding": "gzip"})
    assert "--accent:" in plain.text
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) * 4 < len(plain.data)
    assert "immutable" in plain.headers["Cache-Control"]


def test_every_page_compiles_ahead_of_time(tmp_path: Path) -> None:
    compile_templates(tmp_path)
    pages = [path for path in TEMPLATES if "email" not in path.parts]
    assert len(list(tmp_path.glob("tmpl_*.py"))) == len(pages)
