"""The local portal once more, in this process, with addresses that end after seconds: signed as ever, and
refused by embedded AWS once they have ended.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from werkzeug.serving import make_server

from portal.bootstrap import build
from portal.config.settings import Config
from portal.local.processes import free_port
from portal.local.session import LocalPortal
from portal.web.app import create_app
from tests.builders import Running, TrueClock


@contextmanager
def short_lived(local: LocalPortal, seconds: int, **limits: int) -> Iterator[Running]:
    """A portal whose addresses of bytes live so long, on the true time, by which they are signed; limits:
    others that are to be different.
    """
    port = free_port()
    config = Config.from_env(local.environment | {"PORTAL_PUBLIC_URL": f"http://127.0.0.1:{port}"})
    clock = TrueClock()
    portal = build(config, clock)
    changed = replace(portal.services.limits, download_seconds=seconds, **limits)
    services = replace(portal.services, limits=changed)
    app = create_app(config, services, portal.sessions)
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    allow_origin(local, config.files_bucket, f"http://127.0.0.1:{port}")
    try:
        yield Running(replace(portal, services=services), clock)
    finally:
        server.shutdown()
        thread.join()


def allow_origin(local: LocalPortal, bucket: str, origin: str) -> None:
    """Let the bucket answer scripts of one more origin."""
    s3 = local.aws.session().client("s3")
    rules = s3.get_bucket_cors(Bucket=bucket)["CORSRules"]
    for rule in rules:
        rule["AllowedOrigins"] = [*rule["AllowedOrigins"], origin]
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})
