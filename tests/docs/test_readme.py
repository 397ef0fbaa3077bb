"""What README promises is there: settings, commands, links, pictures, and the step it shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.list_tests import CHECKOUT
from portal.config import Config
from portal.domain.errors import Invalid
from tests import doing
from tests.builders import Clock, environment, running

README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
PAGES = [
    CHECKOUT / "README.md",
    CHECKOUT / "infrastructure" / "README.md",
    *sorted(CHECKOUT.glob("docs/*.md")),
]
LARGEST_PICTURE_BYTES = 150_000  # the README shows all of them at once


def settings() -> dict[str, str]:
    """README's table of settings: variable and default."""
    rows = re.findall(r"^\| (`[A-Z_0-9`, ]+`) \| ([^|]+) \|", README, re.MULTILINE)
    return {name: default.strip() for names, default in rows for name in re.findall(r"[A-Z_0-9]+", names)}


def test_the_table_of_settings_is_what_the_configuration_reads() -> None:
    """R64: no variable that README does not explain, and none that means nothing."""
    source = (CHECKOUT / "portal" / "config.py").read_text(encoding="utf-8")
    read = set(re.findall(r'"((?:PORTAL|AWS)_[A-Z_0-9]+)"', source))
    assert set(settings()) == read


def test_the_defaults_it_gives_are_the_defaults() -> None:
    """R64: giving every default says the same as giving none; what is required stops the start."""
    table = settings()
    required = {name for name, default in table.items() if default == "required"}
    least = {name: value for name, value in environment().items() if name in required | {"AWS_REGION"}}
    given = {name: value.strip("`") for name, value in table.items() if value.startswith("`")}
    del given["AWS_ENDPOINT_URL_S3"]  # its default is another variable
    assert len(given) > 10
    assert Config.from_env(least | given) == Config.from_env(least)
    assert set(least) == required | {"AWS_REGION"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name + "/" + page.name)
def test_the_commands_it_names_are_there(page: Path) -> None:
    """Issue 2: every `make` target and every module that a page tells people to run."""
    text, makefile = page.read_text(encoding="utf-8"), (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE))
    assert [name for name in targets if not re.search(rf"^{name}:", makefile, re.MULTILINE)] == []
    modules = set(re.findall(r"python -m ((?:docs|benchmarks|infrastructure|portal)[\w.]*)", text))
    assert [name for name in modules if not (CHECKOUT / (name.replace(".", "/") + ".py")).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name + "/" + page.name)
def test_its_links_lead_somewhere(page: Path) -> None:
    """Files that exist, headings that are there."""
    text = page.read_text(encoding="utf-8")
    headings = {re.sub(r"[^\w\- ]", "", line.casefold()).strip().replace(" ", "-")
                for line in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}  # fmt: skip
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    broken = [link for link in links if not link.startswith("#") and not (page.parent / link).exists()]
    assert broken == []
    assert [link for link in links if link.startswith("#") and link[1:] not in headings] == []


def test_its_pictures_are_small_and_all_shown() -> None:
    """`make screenshots` makes them; none is left over from a page that is gone."""
    pictures = sorted((CHECKOUT / "docs" / "pictures").glob("*.png"))
    assert [path.name for path in pictures if f"docs/pictures/{path.name}" not in README] == []
    assert [path.name for path in pictures if path.stat().st_size > LARGEST_PICTURE_BYTES] == []


def test_the_step_it_shows_works(
    aws: None, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deployer's step, copied from the page: it refuses at the field, and lets partners through."""
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    (steps,) = re.findall(r"^PORTAL_STEPS='(.*)'$", README, re.MULTILINE)
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "rules.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    portal = running(clock, PORTAL_STEPS=steps)
    file = doing.uploaded(portal, ana := doing.somebody())
    assert doing.shared(portal, ana, [file], recipients_text="partner@example.org").share
    with pytest.raises(Invalid) as refused:
        doing.shared(portal, ana, [file], recipients_text="someone@elsewhere.example")
    assert refused.value.field == "recipients"
