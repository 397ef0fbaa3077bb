"""What is installed is what was reviewed: versions, hashes, and icons that exist."""

from __future__ import annotations

import json
import re

import pytest

from portal.local.processes import PROJECT

PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+?)(?: ;.*)? \\$", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    return dict(PIN.findall((PROJECT / name).read_text()))


@pytest.mark.requirement("R66")
def test_the_tests_run_the_versions_that_production_runs() -> None:
    """Everything in requirements.txt is in the development file too, at the same version."""
    runtime, development = pins("requirements.txt"), pins("requirements-dev.txt")
    assert runtime
    different = {name: version for name, version in runtime.items() if development.get(name) != version}
    assert not different, "`make lock` brings the two files together"


@pytest.mark.requirement("R66")
def test_every_pin_has_its_hashes() -> None:
    """Pip then refuses a file that is not the one that was locked."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        entries = re.split(r"\n(?=[a-zA-Z0-9])", (PROJECT / name).read_text().strip())
        assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.requirement("R66")
def test_browser_packages_are_locked_by_hash_and_not_by_address() -> None:
    """Any registry with the same bytes will do, and no address of one is committed."""
    packages = json.loads((PROJECT / "package-lock.json").read_text())["packages"]
    fetched = {name: package for name, package in packages.items() if name}
    assert fetched
    assert [name for name, package in fetched.items() if "integrity" not in package] == []
    assert [name for name, package in fetched.items() if "resolved" in package] == []


def test_every_icon_a_template_names_is_in_the_sprite() -> None:
    """An icon that is not in assets/icons.txt would be an empty square on the page.

    Names reach the icon macro through other macros too; one with a hyphen is nothing but an icon's.
    """
    listed = set((PROJECT / "assets/icons.txt").read_text().split())
    there_are = {path.stem for path in (PROJECT / "node_modules/bootstrap-icons/icons").glob("*.svg")}
    sources = [*(PROJECT / "templates").rglob("*.html"), *(PROJECT / "portal/web").rglob("*.py")]
    pages = "\n".join(path.read_text() for path in sources)
    drawn = set(re.findall(r"""\bicon\(["']([a-z0-9-]+)["']""", pages))
    passed_on = set(re.findall(r"""["']([a-z0-9]+(?:-[a-z0-9]+)+)["']""", pages)) & there_are
    assert drawn
    assert drawn | passed_on <= listed, "add the missing ones to assets/icons.txt"
