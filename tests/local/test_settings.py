"""Settings that are given to `make run` count, and what does not count is said."""

from __future__ import annotations

import re
import urllib.request
from pathlib import Path

import pytest

from portal.local.processes import PROJECT, free_port
from portal.local.settings import DEFAULTS, FIXED, list_known_settings, read_given_settings
from tests.local.test_make_run import LONGEST_START_SECONDS, Run

STEP = """
from portal.domain.errors import Invalid

def partner_domains_only(context, services):
    raise Invalid("Not one of our partners.", field="recipients")
"""


def test_every_setting_of_readme_counts_or_is_made_here() -> None:
    documented = set(re.findall(r"^\| `(PORTAL_[A-Z_]+)`", (PROJECT / "README.md").read_text(), re.MULTILINE))
    assert list_known_settings() == documented
    assert documented > FIXED
    counted, sentences = read_given_settings(
        dict.fromkeys(documented, "x") | {"PATH": "/bin", "AWS_REGION": "x"}
    )
    assert counted.keys() == documented - FIXED
    assert sentences == [f"{name} is not used: the local portal makes its own." for name in sorted(FIXED)]


def test_without_settings_the_defaults_stay() -> None:
    assert read_given_settings({"PATH": "/bin", "PORTAL_TEST_NOW": "x"}) == (DEFAULTS, [])
    assert read_given_settings({"PORTAL_MAX_PERSON_BYTES": "5"}) == ({"PORTAL_MAX_PERSON_BYTES": "5"}, [])


def test_a_mistyped_setting_is_named() -> None:
    _, sentences = read_given_settings({"PORTAL_ORGANIZATION_NAME": "Acme"})
    assert sentences == ["PORTAL_ORGANIZATION_NAME is no setting of the portal. README lists them."]


def test_readmes_own_extension_can_be_tried(tmp_path: Path) -> None:
    """A step of one's own and a name, as README says it."""
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "rules.py").write_text(STEP)
    run = Run(
        tmp_path, free_port(),
        PYTHONPATH=f"{PROJECT}:{tmp_path}",
        PORTAL_STEPS='{"share": {"authorize": ["acme.rules:partner_domains_only"]}}',
        PORTAL_ORGANISATION_NAME="Acme Instruments", PORTAL_TABLE="another",
    )  # fmt: skip
    try:
        run.welcome()
        with urllib.request.urlopen(run.url) as answer:
            assert "Acme Instruments" in answer.read().decode()
    finally:
        run.process.terminate()
        _, complaint = run.process.communicate(timeout=LONGEST_START_SECONDS)
    assert complaint == "PORTAL_TABLE is not used: the local portal makes its own.\n"


WRONG = {
    "PORTAL_TRASH_DAYS": ("soon", "PORTAL_TRASH_DAYS must be a whole number from 1 to 365."),
    "PORTAL_STEPS": ('{"share": {"authorize": ["acme.no:where"]}}', "PORTAL_STEPS names 'acme.no:where'"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_setting_that_is_wrong_is_one_clear_sentence(tmp_path: Path, name: str) -> None:
    value, sentence = WRONG[name]
    run = Run(tmp_path, free_port(), **{name: value})
    _, complaint = run.process.communicate(timeout=LONGEST_START_SECONDS)
    assert run.process.returncode == 1
    assert complaint.startswith(sentence)
    assert "Traceback" not in complaint
