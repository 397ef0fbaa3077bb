"""The list of what a package is made of."""

from __future__ import annotations

import json

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from infrastructure.package import pinned
from infrastructure.runtime import CHECKOUT
from infrastructure.sbom import make_sbom


def test_it_is_cyclonedx_and_has_every_library_that_ships() -> None:
    text = make_sbom()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    listed = json.loads(text)["components"]
    from_pypi = {each["name"] for each in listed if each["purl"].startswith("pkg:pypi/")}
    assert from_pypi == {each.name for each in pinned()}
    assert {"boto3", "flask"} <= from_pypi
    own = json.loads((CHECKOUT / "package.json").read_text(encoding="utf-8"))
    from_npm = {each["name"] for each in listed if each["purl"].startswith("pkg:npm/")}
    assert own["dependencies"].keys() <= from_npm
    assert not own["devDependencies"].keys() & from_npm


def test_each_library_is_named_as_its_registry_does() -> None:
    """A version and an address that scanners look up; the whole depends on each."""
    whole = json.loads(make_sbom())
    for each in whole["components"]:
        assert each["purl"].endswith(f"@{each['version']}")
    (depends,) = [each["dependsOn"] for each in whole["dependencies"] if each["ref"] == "file-portal"]
    assert sorted(depends) == sorted(each["bom-ref"] for each in whole["components"])
