"""Signing someone in without the pages of a provider: straight into the store."""

from __future__ import annotations

from portal.domain.audit.record import Action, Actor, AuditRecord
from portal.domain.people.person import Person, Session
from portal.web.identity.sessions import ABSOLUTE, Key
from tests.builders import Running


def session_of(running: Running, person: Person) -> Key:
    """A new session of this person's; the key is what a browser would hold."""
    now, key = running.clock(), Key.new(person.id)
    record = AuditRecord(now, Action.SIGNED_IN, Actor("person", person.id), person.id)
    running.portal.services.people.record_visit(person, now, record)
    running.portal.sessions.create(
        key.secret_hash, Session(person, "a csrf secret", now, now, now, now + ABSOLUTE)
    )
    return key
