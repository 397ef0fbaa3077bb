"""Build the Lambda's zip with `zappa package` from a clean environment: run with `--help`.

In build/<stage>/ are made `project` (what ships of this checkout), `venv` (what requirements.txt pins and
nothing else; Zappa wants it outside the project) and `package.zip`. For this machine's own architecture
nothing of the network is needed: the pinned packages are copied from the environment that runs this.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import platform
import py_compile
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

from infrastructure.trim_botocore import trim

CHECKOUT = Path(__file__).parent.parent
BUILD = Path("build")
PACKAGED = "production"  # of what Zappa is told here, no stage differs
SHIPPED = ("portal", "templates", "static")
LEFT_OUT = ("__pycache__", "local", "*.po", "*.pot")  # portal/local is what `make run` adds; never deployed
# Bytecode fits the version that made it and no other, so the Lambda gets the one that runs this.
PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
# Amazon Linux 2 (python3.11) has glibc 2.26, later runtimes 2.34; manylinux2014 needs 2.17.
WHEELS = {"arm64": "manylinux2014_aarch64", "x86_64": "manylinux2014_x86_64"}
MACHINES = {"aarch64": "arm64", "arm64": "arm64", "x86_64": "x86_64"}
# Pages and emails have an environment each: what is escaped, filtered and translated is settled in compiling.
COMPILE = """
from jinja2 import FileSystemLoader
from portal.mail import rendering
from portal.web.assets import templates

templates.compile_templates()
rendering.environment("en", FileSystemLoader(templates.SOURCES)).compile_templates(
    templates.COMPILED, zip=None, ignore_errors=False, filter_func=lambda name: name.startswith("email/")
)
"""


def main() -> None:
    options = arguments()
    archive = build(options.build / options.stage, options.architecture, options.include)
    size = f"{archive.stat().st_size / 1e6:.1f} MB"
    print(f"{archive}: {size} for {PYTHON} on {options.architecture}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m infrastructure.package", description="Build the Lambda's zip."
    )
    parser.add_argument("--stage", default="production", help="a stage of zappa_settings.json (production)")
    parser.add_argument("--build", type=Path, default=BUILD, help="the folder to work in (build)")
    parser.add_argument("--architecture", choices=WHEELS, default="arm64", help="of the Lambda (arm64)")
    parser.add_argument(
        "--include",
        type=Path,
        action="append",
        default=[],
        help="a package of your own that PORTAL_STEPS names",
    )
    return parser.parse_args()


def build(target: Path, architecture: str, include: list[Path]) -> Path:
    """Make `target` again and return the zip in it."""
    target = target.absolute()
    shutil.rmtree(target, ignore_errors=True)
    project = target / "project"
    packages = target / "venv" / "lib" / PYTHON / "site-packages"
    packages.mkdir(parents=True)
    copy_project(project, include)
    install(packages, architecture)
    trim(packages / "botocore" / "data", [project])
    precompile(project, packages)
    return zip_with_zappa(target)


def copy_project(project: Path, include: list[Path]) -> None:
    for folder in [*(CHECKOUT / name for name in SHIPPED), *include]:
        shutil.copytree(folder, project / folder.name, ignore=shutil.ignore_patterns(*LEFT_OUT))
    shutil.copy(CHECKOUT / "pyproject.toml", project)  # the version is read from there
    settings = json.loads((CHECKOUT / "zappa_settings.json").read_text(encoding="utf-8"))
    # Zappa leaves out by bare names at any depth; here only what ships was copied, and packages may have such
    # folders.
    for stage in settings.values():
        stage.pop("exclude", None)
    (project / "zappa_settings.json").write_text(json.dumps(settings), encoding="utf-8")


def install(packages: Path, architecture: str) -> None:
    """Everything requirements.txt pins, for the Lambda's architecture.

    This machine's own is copied from the running environment, whose hashes were checked when it was made; for
    the other pip fetches wheels and checks their hashes.
    """
    if architecture == MACHINES.get(platform.machine()) and sys.platform == "linux":
        copy_installed(packages)
        return
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-compile",
    ]
    command += [
        "--target",
        str(packages),
        "--platform",
        WHEELS[architecture],
        "--only-binary=:all:",
        "--no-deps",
    ]
    subprocess.run([*command, "--require-hashes", "-r", str(CHECKOUT / "requirements.txt")], check=True)
    shutil.rmtree(packages / "bin", ignore_errors=True)


def copy_installed(packages: Path) -> None:
    for requirement in pinned():
        try:
            found = distribution(requirement.name)
        except PackageNotFoundError as error:
            raise SystemExit(f"{requirement} is not installed here: run make setup.") from error
        if found.version not in requirement.specifier:
            raise SystemExit(f"{requirement} is pinned, {found.version} is installed: run make setup.")
        for file in found.files or ():
            if ".." not in file.parts and file.suffix != ".pyc":  # neither scripts nor bytecode
                destination = packages / file
                destination.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(file.locate()), destination)


def pinned() -> list[Requirement]:
    """The requirements that hold for this Python, without their hashes."""
    lines = (CHECKOUT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    found = [Requirement(line.rstrip("\\").strip()) for line in lines if "==" in line and line[0].isalpha()]
    return [one for one in found if one.marker is None or one.marker.evaluate()]


def precompile(project: Path, packages: Path) -> None:
    """Templates and bytecode that Lambda accepts.

    Zappa dates every file 1980-01-01, so bytecode that is checked by date is dead there, and /var/task cannot
    be written: everything would be compiled again at every cold start (2.2 times a bare Flask page).
    Unchecked bytecode is taken.
    """
    subprocess.run([sys.executable, "-c", COMPILE], cwd=project, check=True)
    for folder in (project, packages):
        compileall.compile_dir(
            folder, quiet=2, force=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
        )


def zip_with_zappa(target: Path) -> Path:
    archive = target / "package.zip"
    subprocess.run(
        [sys.executable, "-m", "zappa.cli", "package", PACKAGED, "--output", "package.zip"],
        cwd=target / "project",
        env={**os.environ, "VIRTUAL_ENV": str(target / "venv")},
        check=True,
    )
    shutil.move(target / "project" / "package.zip", archive)
    return archive


if __name__ == "__main__":
    main()
