"""What a package is made of: `make sbom` writes it to build/sbom.json, in the format of CycloneDX.

The libraries that requirements.txt pins for this Python, and those of npm that pages are built from. Both are
read from the locks, so nothing is asked of anybody.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator

from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from infrastructure.package import BUILD, pinned
from infrastructure.runtime import CHECKOUT
from portal.version import read_version

SBOM = BUILD / "sbom.json"


def main() -> None:
    argparse.ArgumentParser(prog="make sbom", description=__doc__).parse_args()
    SBOM.parent.mkdir(parents=True, exist_ok=True)
    SBOM.write_text(make_sbom() + "\n", encoding="utf-8")
    print(f"{SBOM} says what the package is made of.")


def make_sbom() -> str:
    portal = Component(
        name="file-portal", version=read_version(), type=ComponentType.APPLICATION, bom_ref="file-portal"
    )
    bom = Bom(components=[*list_python_libraries(), *list_page_libraries()])
    bom.metadata.component = portal
    bom.register_dependency(portal, bom.components)
    return str(JsonV1Dot6(bom).output_as_string(indent=2))


def list_python_libraries() -> Iterator[Component]:
    for each in pinned():
        (version,) = [part.version for part in each.specifier]
        yield make_component(PackageURL("pypi", None, each.name, version))


def list_page_libraries() -> Iterator[Component]:
    packages = json.loads((CHECKOUT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for path, package in packages.items():
        if path and not package.get("dev"):
            scope, _, name = path.rpartition("node_modules/")[2].rpartition("/")
            yield make_component(PackageURL("npm", scope or None, name, package["version"]))


def make_component(address: PackageURL) -> Component:
    name = f"{address.namespace}/{address.name}" if address.namespace else address.name
    return Component(
        name=name, version=address.version, type=ComponentType.LIBRARY, purl=address, bom_ref=str(address)
    )


if __name__ == "__main__":
    main()
