"""The local portal's web process: `portal.wsgi` as in production, with the outbox beside it."""

from __future__ import annotations

import argparse
from pathlib import Path

import waitress

from portal.local.outbox import with_outbox
from portal.local.processes import end_with_parent

THREADS = 16  # more than a browser's six connections and a race test's share of them


def main() -> None:
    end_with_parent()
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--endpoint", required=True, help="where embedded AWS listens")
    parser.add_argument("--earlier-mails", type=Path, required=True)
    arguments = parser.parse_args()

    from portal.wsgi import application  # after the arguments: it reads the configuration when imported

    portal = with_outbox(application, arguments.endpoint, arguments.earlier_mails)
    waitress.serve(portal, host="127.0.0.1", port=arguments.port, threads=THREADS, ident=None)


if __name__ == "__main__":
    main()
