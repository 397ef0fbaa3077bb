"""`make serve`: the portal behind a production WSGI server, from the environment alone.

For a container or a machine of one's own, behind a proxy that ends TLS; on AWS the Lambda needs none of this.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

import waitress

from portal.config.parsing import ConfigurationError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

THREADS = 16  # requests wait for AWS, not for the processor; more than a browser's six connections
LARGEST_REQUEST_BYTES = 10 * 1024 * 1024  # what a Lambda's gateway takes at most; bytes of files go to S3


def listen(application: WSGIApplication, host: str, port: int) -> None:
    """Serve until the process is told to end. Exits with a sentence where it cannot listen."""
    try:
        waitress.serve(
            application,
            host=host,
            port=port,
            threads=THREADS,
            max_request_body_size=LARGEST_REQUEST_BYTES,
            ident=None,
        )
    except OSError as error:
        sys.exit(f"Cannot listen on {host}:{port}: {error.strerror}. PORT= and HOST= choose others.")


def main() -> None:
    parser = argparse.ArgumentParser(prog="make serve")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    arguments = parser.parse_args()
    try:
        from portal.wsgi import application  # importing it reads the configuration
    except ConfigurationError as error:
        sys.exit(str(error))
    print(f"Serving on http://{arguments.host}:{arguments.port}", flush=True)  # noqa: T201
    listen(application, arguments.host, arguments.port)


if __name__ == "__main__":
    main()
