"""Sessions in the table, each under its person, found by the hash of its secret (R7, R10)."""

from __future__ import annotations

from portal.aws.codec import moment, pack, unpack
from portal.aws.people import profile_key
from portal.aws.table import ConditionFailed, Key, Table, delete, put, update
from portal.domain.people import Session


class Sessions:
    """Fulfils the session store that `web/sessions.py` describes."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def get(self, person_id: str, key: str) -> Session | None:
        """One consistent read of the session and of its person, who must be there and not closing."""
        session, profile = session_key(person_id, key), profile_key(person_id)
        found = self.table.get_many([session, profile])
        if session not in found or profile not in found or "closing_at" in found[profile]:
            return None
        return unpack(Session, found[session])

    def create(self, key: str, session: Session) -> None:
        """The table's own clean-up may take it away once it cannot be used any more; it is never what
        decides.
        """
        pk, sk = session_key(session.person.id, key)
        expires = int(session.expires_at.timestamp())
        self.table.write(put({**pack(session), "pk": pk, "sk": sk, "ttl": expires}))

    def touch(self, key: str, session: Session) -> bool:
        write = update(
            session_key(session.person.id, key),
            "SET #seen_at = :seen, #checked_at = :checked, #person = :person, #refresh_token = :token",
            "attribute_exists(#pk)",
            seen=moment(session.seen_at), checked=moment(session.checked_at), person=pack(session.person),
            token=session.refresh_token,
        )  # fmt: skip
        try:
            self.table.write(write)
        except ConditionFailed:
            return False
        return True

    def end(self, person_id: str, key: str) -> None:
        self.table.write(delete(session_key(person_id, key)))


def session_key(person_id: str, key: str) -> Key:
    return f"PERSON#{person_id}", f"SESSION#{key}"
