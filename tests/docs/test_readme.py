"""What README and docs/ promise is there: settings, commands, links, pictures, and the steps they show."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from infrastructure.stack import MONITORING
from portal.bootstrap import WORKFLOWS
from portal.config.settings import Config
from portal.domain.errors import Invalid
from portal.engine.metrics import Metric
from portal.engine.workflow import Stage
from tests import actions
from tests.builders import Clock, make_environment, make_running
from tools.list_tests import CHECKOUT

README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
PAGES = [
    CHECKOUT / "README.md",
    CHECKOUT / "infrastructure" / "README.md",
    *sorted(CHECKOUT.glob("docs/**/*.md")),
]
EXTENDING = (CHECKOUT / "docs" / "extending.md").read_text(encoding="utf-8")
GALLERY = (CHECKOUT / "docs" / "pages.md").read_text(encoding="utf-8")
LARGEST_PICTURE_BYTES = 150_000  # the gallery shows all of them at once


def settings() -> dict[str, str]:
    """README's table of settings: variable and default."""
    rows = re.findall(r"^\| (`[A-Z_0-9`, ]+`) \| ([^|]+) \|", README, re.MULTILINE)
    return {name: default.strip() for names, default in rows for name in re.findall(r"[A-Z_0-9]+", names)}


@pytest.mark.requirement("R64")
def test_the_table_of_settings_is_what_the_configuration_reads() -> None:
    """No variable that README does not explain, and none that means nothing."""
    source = (CHECKOUT / "portal" / "config" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'"((?:PORTAL|AWS)_[A-Z_0-9]+)"', source))
    assert set(settings()) == read


@pytest.mark.requirement("R64")
def test_the_defaults_it_gives_are_the_defaults() -> None:
    """Giving every default says the same as giving none; what is required stops the start."""
    table = settings()
    required = {name for name, default in table.items() if default == "required"}
    least = {name: value for name, value in make_environment().items() if name in required | {"AWS_REGION"}}
    given = {name: value.strip("`") for name, value in table.items() if value.startswith("`")}
    del given["AWS_ENDPOINT_URL_S3"]  # its default is another variable
    assert len(given) > 10
    assert Config.from_env(least | given) == Config.from_env(least)
    assert set(least) == required | {"AWS_REGION"}


def test_the_workflows_it_lists_are_those_there_are() -> None:
    """What may be named in PORTAL_STEPS is read here, and a wrong name stops the start."""
    table = EXTENDING[EXTENDING.index("| about | workflows |") :].split("\n\n")[0]
    assert sorted(re.findall(r"`([a-z_]+)`", table)) == sorted(WORKFLOWS)
    for stage in Stage:
        assert f"`{stage}`" in EXTENDING


def test_the_alarms_it_counts_are_those_of_the_template() -> None:
    """Without that of a domain of one's own; and so the metrics of the portal's."""
    alarms = MONITORING.read_text(encoding="utf-8").count("Type: AWS::CloudWatch::Alarm\n")
    assert re.findall(r"the (\w+) alarms", README) == [str(alarms - 1)]
    assert re.findall(r"(\w+) metrics 0\.30 USD", README) == [str(len(Metric))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name + "/" + page.name)
def test_the_commands_it_names_are_there(page: Path) -> None:
    """Every `make` target and every module that a page tells people to run."""
    text, makefile = page.read_text(encoding="utf-8"), (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE))
    assert [name for name in targets if not re.search(rf"^{name}:", makefile, re.MULTILINE)] == []
    modules = set(re.findall(r"python -m ((?:tools|benchmarks|infrastructure|portal)[\w.]*)", text))
    places = {name: CHECKOUT / name.replace(".", "/") for name in modules}
    missing = [name for name, place in places.items()
               if not place.with_suffix(".py").exists() and not (place / "__main__.py").exists()]  # fmt: skip
    assert missing == []


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
    assert [path.name for path in pictures if f"pictures/{path.name}" not in GALLERY] == []
    assert [path.name for path in pictures if path.stat().st_size > LARGEST_PICTURE_BYTES] == []


@pytest.fixture
def acme(aws: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A deployer's package with the steps that the page shows; what the page says for PORTAL_STEPS."""
    (tmp_path / "acme").mkdir()
    for code in re.findall(r"```python\n(.*?)```", EXTENDING, re.DOTALL):
        (tmp_path / code.splitlines()[0].removeprefix("# ")).write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return re.findall(r"^PORTAL_STEPS='(.*)'$", EXTENDING, re.MULTILINE)


def test_the_step_it_shows_works(acme: list[str], clock: Clock) -> None:
    """A deployer's step, copied from the page: it refuses at the field, and lets partners through."""
    portal = make_running(clock, PORTAL_STEPS=acme[0])
    file = actions.upload_file(portal, ana := actions.make_person())
    assert actions.share_files(portal, ana, [file], recipients_text="partner@example.org").share
    with pytest.raises(Invalid) as refused:
        actions.share_files(portal, ana, [file], recipients_text="someone@elsewhere.example")
    assert refused.value.field == "recipients"
