"""What the running app was made with: its configuration, its services and the time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple, cast

from flask import Flask, current_app, g

from portal.config.settings import Config
from portal.domain.people.person import Person, Session
from portal.domain.people.principal import Principal
from portal.domain.policy.policies import resolve
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
    """With the limits of whoever asks: the policies that count for them, read once a request."""
    person, made = find_person(), parts().services
    if person is None:
        return made
    if "services" not in g:
        limits = resolve(made.limits, made.policies.get_current(), person.groups)
        g.services = replace(made, limits=limits)
    return cast(Services, g.services)


def find_principal() -> Principal | None:
    """Who asks, by what a header proved (`g.principal`) or else by the browser's session."""
    proven, session = g.get("principal"), g.get("signed_in")
    if isinstance(proven, Principal):
        return proven
    return Principal.in_session(session.person) if isinstance(session, Session) else None


def find_person() -> Person | None:
    principal = find_principal()
    return principal.person if principal else None


def now() -> datetime:
    """The time of this request, one for the whole of it (UTC)."""
    if "now" not in g:
        g.now = services().clock()
    return cast(datetime, g.now)


def seconds_until(ends_at: datetime | None) -> int:
    """How long an address still lives, at the moment its answer leaves; whole seconds, never below 0."""
    return max(0, int((ends_at - services().clock()).total_seconds())) if ends_at else 0
