"""What the running app was made with: its configuration, its services and the time."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, cast

from flask import Flask, current_app, g

from portal.config.settings import Config
from portal.engine.services import Services
from portal.engine.session_services import SessionStore


class Parts(NamedTuple):
    config: Config
    services: Services
    sessions: SessionStore


def attach(app: Flask, parts: Parts) -> None:
    app.extensions["portal"] = parts


def parts() -> Parts:
    return cast(Parts, current_app.extensions["portal"])


def config() -> Config:
    return parts().config


def services() -> Services:
    return parts().services


def now() -> datetime:
    """The time of this request, one for the whole of it (UTC)."""
    if "now" not in g:
        g.now = services().clock()
    return cast(datetime, g.now)


def seconds_until(ends_at: datetime | None) -> int:
    """How long an address still lives, at the moment its answer leaves; whole seconds, never below 0."""
    return max(0, int((ends_at - services().clock()).total_seconds())) if ends_at else 0
