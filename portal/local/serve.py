"""The local portal's web process: `portal.wsgi` as in production, with the outbox beside it."""

from __future__ import annotations

import argparse
from pathlib import Path

from portal.local.outbox import add_outbox
from portal.local.processes import end_with_parent
from portal.local.recipient_host import add_recipient_host
from portal.serve import listen


def main() -> None:
    end_with_parent()
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--endpoint", required=True, help="where embedded AWS listens")
    parser.add_argument("--earlier-mails", type=Path, required=True)
    arguments = parser.parse_args()

    from portal.wsgi import application  # after the arguments: it reads the configuration when imported

    portal = add_outbox(application, arguments.endpoint, arguments.earlier_mails)
    listen(add_recipient_host(portal, f"http://127.0.0.1:{arguments.port}"), "127.0.0.1", arguments.port)


if __name__ == "__main__":
    main()
