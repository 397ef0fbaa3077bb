"""Look at a deployed stage and say what is right, wrong and unknown: `make doctor`. It changes nothing.

Ends with 0 where all is right, with 1 where something is wrong, and with 2 where nothing is wrong but
something could not be looked at. `--json` prints the same for programs.
"""

from __future__ import annotations

import argparse
import sys

from infrastructure.doctor.checks import CHECKS, read_deployment
from infrastructure.doctor.findings import examine, exit_status, format_findings, to_json
from infrastructure.failures import end_with_a_sentence
from infrastructure.stages import open_session, read_stage


def main() -> None:
    parser = argparse.ArgumentParser(prog="make doctor", description=__doc__)
    parser.add_argument("--stage", default="production", help="which deployment (production)")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    options = parser.parse_args()
    with end_with_a_sentence():
        stage = read_stage(options.stage)
        findings = list(examine(read_deployment(open_session(stage), stage), CHECKS))
        print(to_json(findings) if options.json else format_findings(findings))
        sys.exit(exit_status(findings))


if __name__ == "__main__":
    main()
