"""The portal for any WSGI server: `application`, made from the environment alone."""

from __future__ import annotations

import os
from wsgiref.types import WSGIApplication

from portal.bootstrap import build, read_config
from portal.web.app import create_front
from portal.web.edge import logging
from portal.web.edge.public_address import set_public_address


def make_application() -> WSGIApplication:
    config = read_config(os.environ)
    logging.configure(config.log_level, config.function_name)
    portal = build(config)
    return set_public_address(create_front(config, portal.services, portal.sessions), config)


application = make_application()
