"""Look at a deployed stage and say what is right, wrong and unknown: `make doctor`. It changes nothing.

Ends with 0 where all is right, with 1 where something is wrong, and with 2 where nothing is wrong but
something could not be looked at. `--json` prints the same for programs.
"""

from __future__ import annotations

import sys

from infrastructure.commands import make_parser, open_stage
from infrastructure.doctor.checks import CHECKS, read_deployment
from infrastructure.doctor.findings import examine, exit_status, format_findings, to_json
from infrastructure.failures import end_with_a_sentence


def main() -> None:
    parser = make_parser("doctor", __doc__)
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    options = parser.parse_args()
    with end_with_a_sentence():
        findings = list(examine(read_deployment(*open_stage(options)), CHECKS))
        print(to_json(findings) if options.json else format_findings(findings))
        sys.exit(exit_status(findings))


if __name__ == "__main__":
    main()
