"""Where AWS Lambda begins. Whose event is it? Requests go to the pages, everything else to `events/`.

Nothing in an event names what is to be run (T15), so an event of no known kind is refused without effect.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from typing import Any
from wsgiref.types import WSGIApplication

from apig_wsgi import make_lambda_handler

from portal import compiled_ahead, gc_at_startup  # noqa: F401 -- first of ours: to import them is their use
from portal.bootstrap import Portal, SecretsUnavailable, build, read_config
from portal.config.parsing import ConfigurationError
from portal.web.app import create_front
from portal.web.edge.gateway_answer import plain
from portal.web.edge.gateway_event import is_http
from portal.web.edge.ingress import strict, use_public_address
from portal.web.edge.logging import INVOCATION, configure

log = logging.getLogger(__name__)

Handler = Callable[[Any, Any], dict[str, Any]]


def make_handler(app: WSGIApplication, portal: Portal) -> Handler:
    """The function's handler. It never raises for a request; for other events it does, to have them again."""
    config, services = portal.config, portal.services
    # Binary is off by default for v1, where a picture would then end as a 502 (T5).
    answer = strict(make_lambda_handler(use_public_address(app, config), binary_support=True), config)

    def handler(event: Any, context: Any) -> dict[str, Any]:
        # Lambda sets it again for each call
        INVOCATION.begin(context, os.environ.get("_X_AMZN_TRACE_ID", ""))
        if isinstance(event, dict) and is_http(event):
            return answer(event, context)
        # Not above: a visitor's cold start does not wait for what only events need.
        from portal.events.dispatch import REFUSED, arrive
        from portal.events.event_context import EventContext, Sources

        if not isinstance(event, dict):
            log.warning("refused an event that is no object")
            return REFUSED
        queues = tuple(filter(None, (config.events_queue_arn, config.work_queue_arn)))
        sources = Sources(config.files_bucket, config.logs_bucket, config.feedback_topic_arn, queues)
        seconds_left = lambda: context.get_remaining_time_in_millis() / 1000  # noqa: E731
        return arrive(event, EventContext(services, sources, context.aws_request_id, seconds_left))

    return handler


def start(environ: Mapping[str, str]) -> Handler:
    """Make everything once, while the start has a full CPU (the Init phase of Lambda's life cycle)."""
    try:
        return begin(environ)
    except SecretsUnavailable:
        configure("INFO", environ.get("AWS_LAMBDA_FUNCTION_NAME", "portal"))
        return make_late_handler(environ)


def begin(environ: Mapping[str, str]) -> Handler:
    """Raises SecretsUnavailable where the secrets cannot be read just now."""
    try:
        config = read_config(environ)
        configure(config.log_level, config.function_name)
        portal = build(config)
        return make_handler(create_front(config, portal.services, portal.sessions), portal)
    except ConfigurationError as problem:
        # By the name that the alarm on such lines counts them under.
        configure("INFO", environ.get("AWS_LAMBDA_FUNCTION_NAME", "portal"))
        return make_waiting_handler(problem)


def make_late_handler(environ: Mapping[str, str]) -> Handler:
    """Where the secrets could not be read just now, each call tries again to begin; until one can, requests
    are asked to come back and events are left (R64)."""
    begun: list[Handler] = []

    def handler(event: Any, context: Any) -> dict[str, Any]:
        try:
            if not begun:
                begun.append(begin(environ))
        except SecretsUnavailable as problem:
            log.error("the portal did not start: %s", problem)
            if isinstance(event, dict) and is_http(event):
                return plain(event, 503)
            raise
        return begun[0](event, context)

    return handler


def make_waiting_handler(problem: ConfigurationError) -> Handler:
    """Until the configuration is put right, requests are asked to come back and events are left (R64)."""

    def handler(event: Any, context: Any) -> dict[str, Any]:
        log.critical("the portal did not start: %s", problem)
        if isinstance(event, dict) and is_http(event):
            return plain(event, 503)
        raise problem

    return handler


handler = start(os.environ)
gc_at_startup.resume()
