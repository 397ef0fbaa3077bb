"""Asks the vulnerability database about every pinned package: `python .ci/audit.py requirements.txt ...`.

Exit status 1 on a known vulnerability. Where the database cannot be reached, or knows none of the packages (a
mirror without it), nothing was audited; that is said in one line and is no failure, so that tests run without
a network.
"""

import json
import subprocess
import sys
from pathlib import Path

PIP_AUDIT = [
    sys.executable,
    "-m",
    "pip_audit",
    "--disable-pip",
    "--require-hashes",
    "--format",
    "json",
    "--timeout",
    "10",
]


def audited(requirements: str) -> list[dict]:
    """One entry per package, as pip-audit writes them: name, version, and vulns or skip_reason. Empty: no
    answer."""
    result = subprocess.run(
        [*PIP_AUDIT, "--requirement", requirements], capture_output=True, text=True, check=False
    )
    return json.loads(result.stdout)["dependencies"] if result.stdout.strip() else []


def report(requirements: str) -> bool:
    """Prints what is known about one file's packages; True if none of them is known to be vulnerable."""
    packages = audited(requirements)
    known = [package for package in packages if "skip_reason" not in package]
    if not known:
        print(f"{requirements}: NOT audited, the vulnerability database could not be asked from here.")
    else:
        print(f"{requirements}: {len(known)} of {len(packages)} packages audited.")
    found = [(package, flaw) for package in known for flaw in package["vulns"]]
    for package, flaw in found:
        fixed = ", ".join(flaw["fix_versions"]) or "no version yet"
        print(f"  {package['name']} {package['version']}: {flaw['id']}, fixed in {fixed}")
    return not found


if __name__ == "__main__":
    results = [report(Path(name).as_posix()) for name in sys.argv[1:]]
    sys.exit(0 if all(results) else 1)
