"""The function's runtime: its Python and processor, which everything compiled in a package must be for."""

from __future__ import annotations

import json
import platform
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infrastructure.failures import CommandFailed

CHECKOUT = Path(__file__).parent.parent
MACHINES = {"aarch64": "arm64", "arm64": "arm64", "x86_64": "x86_64"}
# Of a library's compiled part: how its name says the processor, and `e_machine` of its header (ELF).
COMPILED_FOR = {"arm64": ("aarch64", 183), "x86_64": ("x86_64", 62)}
# What bytecode begins with (Include/internal/pycore_magic_number.h of CPython).
BYTECODE = {"3.11": 3495, "3.12": 3531, "3.13": 3571, "3.14": 3627}
OF_OTHER_SYSTEMS = (".dll", ".dylib", ".pyd")
VERSION = "import sys; print('python{}.{}'.format(*sys.version_info))"
SECONDS = 30


@dataclass(frozen=True)
class Runtime:
    """`python` and `architecture` as Lambda names them: python3.13, arm64."""

    python: str
    architecture: str

    def __str__(self) -> str:
        return f"{self.python} on {self.architecture}"

    @property
    def version(self) -> str:
        return self.python.removeprefix("python")


def runtime_of(settings: Mapping[str, Any]) -> Runtime:
    """That of Zappa's settings of a stage."""
    return Runtime(settings["runtime"], settings["architecture"])


def pinned_runtime() -> Runtime:
    """What zappa_settings.json says for all stages."""
    text = (CHECKOUT / "zappa_settings.json").read_text(encoding="utf-8")
    return runtime_of(json.loads(text)["production"])


def own_runtime() -> Runtime:
    """This process's own."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return Runtime(version, MACHINES.get(platform.machine(), platform.machine()))


def find_python(runtime: Runtime) -> str:
    """A Python of this version on this machine: bytecode fits the version that made it and no other.

    Raises CommandFailed with how to get one.
    """
    for candidate in _candidates(runtime):
        if _is_version(candidate, runtime.python):
            return candidate
    raise CommandFailed(
        f"The function runs on Python {runtime.version}, which compiles its package, and this machine has"
        f" none: .venv/bin/uv python install {runtime.version} brings one."
    )


def list_misfits(archive: zipfile.ZipFile, runtime: Runtime) -> list[str]:
    """What in a package was compiled for another Python, processor or system."""
    return [each for each in archive.namelist() if not _fits(archive, each, runtime)]


def _fits(archive: zipfile.ZipFile, name: str, runtime: Runtime) -> bool:
    tag = f".cpython-{runtime.version.replace('.', '')}"
    if name.endswith(".pyc"):
        with archive.open(name) as opened:
            return int.from_bytes(opened.read(2), "little") == BYTECODE[runtime.version]
    if not re.search(r"\.so(\.[0-9.]+)?$", name):
        return not name.endswith(OF_OTHER_SYSTEMS)
    machine, number = COMPILED_FOR[runtime.architecture]
    if ".cpython-" in name and f"{tag}-{machine}" not in name:
        return False
    with archive.open(name) as opened:
        header = opened.read(20)
    return header[:4] == b"\x7fELF" and int.from_bytes(header[18:20], "little") == number


def _candidates(runtime: Runtime) -> Iterator[str]:
    """Of a running Python, PATH, pyenv, whose command on PATH runs a chosen version only, and uv."""
    yield sys.executable
    if found := shutil.which(runtime.python):
        yield found
    versions = Path.home() / ".pyenv" / "versions"
    yield from map(str, sorted(versions.glob(f"{runtime.version}.*/bin/{runtime.python}")))
    asked = [sys.executable, "-m", "uv", "python", "find", "--managed-python", "--no-python-downloads"]
    done = subprocess.run([*asked, runtime.version], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        yield done.stdout.strip()


def _is_version(executable: str, python: str) -> bool:
    try:
        said = subprocess.run(
            [executable, "-c", VERSION], capture_output=True, text=True, check=False, timeout=SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return said.returncode == 0 and said.stdout.strip() == python
