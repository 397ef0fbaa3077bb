"""The portal for any WSGI server: `application`, made from the environment alone."""

from __future__ import annotations

import os
from wsgiref.types import WSGIApplication

from portal.bootstrap import build
from portal.config import Config
from portal.web import logging
from portal.web.app import create_front
from portal.web.public_address import at_public_address


def make_application() -> WSGIApplication:
    config = Config.from_env(os.environ)
    logging.configure(config.log_level)
    portal = build(config)
    return at_public_address(create_front(config, portal.services, portal.sessions), config)


application = make_application()
