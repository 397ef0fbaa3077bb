"""Build the Lambda's zip with `zappa package` from a clean environment: run with `--help`.

In build/<stage>/ are made `project` (what ships of this checkout), `venv` (what requirements.txt pins and
nothing else; Zappa wants it outside the project) and `package.zip`. It is for the runtime that
zappa_settings.json names, whatever machine this is. Where that is the very Python and processor that run
this, nothing of the network is needed: the pinned packages are copied from the environment.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

from infrastructure.failures import CommandFailed, end_with_a_sentence
from infrastructure.repack import repack
from infrastructure.runtime import (
    CHECKOUT,
    Runtime,
    find_python,
    own_runtime,
    pinned_runtime,
)
from infrastructure.trim_botocore import trim
from portal.formatting import REGIONS

BUILD = Path("build")
PACKAGED = "production"  # of what Zappa is told here, no stage differs
SHIPPED = ("portal", "templates", "static")
LEFT_OUT = ("__pycache__", "local", "*.po", "*.pot")  # portal/local is what `make run` adds; never deployed
# Zappa looks for packages where the Python that runs it would have them, whatever they are for.
SITE_PACKAGES = Path("venv", "lib", own_runtime().python, "site-packages")
COMPILE_BYTECODE = Path(__file__).with_name("compile_bytecode.py")
RECORD = Path(__file__).with_name("record_compiled.py")
# Amazon Linux 2023 (python3.12 and later) has glibc 2.34, Amazon Linux 2 2.26; manylinux2014 needs 2.17.
WHEELS = {"arm64": "aarch64-manylinux2014", "x86_64": "x86_64-manylinux2014"}
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
    runtime = Runtime(options.runtime, options.architecture)
    with end_with_a_sentence():
        archive = build(options.build / options.stage, runtime, options.include)
        print(f"{archive}: {archive.stat().st_size / 1e6:.1f} MB for {runtime}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m infrastructure.package", description="Build the Lambda's zip."
    )
    parser.add_argument("--stage", default="production", help="a stage of zappa_settings.json (production)")
    parser.add_argument("--build", type=Path, default=BUILD, help="the folder to work in (build)")
    pinned = pinned_runtime()
    text = f"the function's processor ({pinned.architecture})"
    parser.add_argument("--architecture", choices=WHEELS, default=pinned.architecture, help=text)
    text = f"the function's Python ({pinned.python})"
    parser.add_argument("--runtime", default=pinned.python, help=text)
    parser.add_argument(
        "--include",
        type=Path,
        action="append",
        default=[],
        help="a package of your own that PORTAL_STEPS names",
    )
    return parser.parse_args()


def build(target: Path, runtime: Runtime, include: list[Path]) -> Path:
    """Make `target` again and return the zip in it. Raises CommandFailed where this machine cannot."""
    target, python = target.absolute(), find_python(runtime)
    shutil.rmtree(target, ignore_errors=True)
    project = target / "project"
    packages = target / SITE_PACKAGES
    packages.mkdir(parents=True)
    copy_project(project, include)
    install(packages, runtime)
    trim(packages / "botocore" / "data", [project])
    precompile(project, packages, python)
    record_compiled(target, runtime, python)
    archive = zip_with_zappa(target)
    repack(archive, list_locales())
    return archive


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


def install(packages: Path, runtime: Runtime) -> None:
    """Everything requirements.txt pins, for the function's Python and processor.

    This machine's own is copied from the running environment, whose hashes were checked when it was made; for
    others uv fetches wheels and checks their hashes. pip would read markers as of the Python that runs it.
    """
    if runtime == own_runtime() and sys.platform == "linux":
        copy_installed(packages)
    else:
        fetch(packages, runtime, ["--python-platform", WHEELS[runtime.architecture]])


def fetch(packages: Path, runtime: Runtime, platform: list[str]) -> None:
    """Wheels for a runtime. platform: uv's option; empty for this machine's own."""
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--target", str(packages)]
    command += [*platform, "--python-version", runtime.version]
    command += ["--only-binary", ":all:", "--no-deps", "--require-hashes"]
    done = subprocess.run(
        [*command, "-r", str(CHECKOUT / "requirements.txt")], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise CommandFailed(
            f"What is pinned could not be fetched for {runtime}: is this machine online?\n{done.stderr}"
        )
    for scripts in ("bin", "share"):
        shutil.rmtree(packages / scripts, ignore_errors=True)
    (packages / ".lock").unlink(missing_ok=True)


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


def precompile(project: Path, packages: Path, python: str) -> None:
    """Templates and bytecode that Lambda accepts: everything would be compiled again at every cold start,
    which took 2.2 times a bare Flask page.
    """
    subprocess.run([sys.executable, "-c", COMPILE], cwd=project, check=True)
    shutil.rmtree(project / "templates")
    for folder in (project, packages):
        subprocess.run([python, "-I", "-S", str(COMPILE_BYTECODE)], cwd=folder, check=True)


def record_compiled(target: Path, runtime: Runtime, python: str) -> None:
    """Note what a start would compile (portal/compiled_ahead.py), by starting: libraries that are
    compiled for another processor are taken as this machine has them, which are of the same sources.
    """
    packages = target / SITE_PACKAGES
    if runtime != own_runtime() or sys.platform != "linux":
        packages = target / "libraries"
        fetch(packages, runtime, [])
    done = subprocess.run(
        [python, "-P", "-S", "-B", str(RECORD), str(target / "project"), str(packages)],
        env={"PYTHONHASHSEED": "0"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise CommandFailed(f"The package does not start by {python}:\n{done.stderr[-2000:]}")


def list_locales() -> set[str]:
    """Those that pages and emails are written in."""
    languages = {"en", *(each.name for each in (CHECKOUT / "portal/web/translations").iterdir())}
    return languages | {REGIONS[each] for each in languages if each in REGIONS}


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
