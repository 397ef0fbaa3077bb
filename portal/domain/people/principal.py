"""Whoever asks for something as a person, and what let them in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.domain.people.person import Person


class Credential(StrEnum):
    """What a request shows. Its value stands in the audit log, as what something was done by."""

    SESSION = "session"
    UPLOAD_KEY = "upload key"
    ACCESS_TOKEN = "access token"  # noqa: S105 -- a kind of token
    PROVIDER_TOKEN = "sign-in token"  # noqa: S105


@dataclass(frozen=True)
class Principal:
    """Who asks. id: of the person; person: None behind an upload's key, which says no more than whose it is.

    since: when what let them in was given out, where nobody looked at it in this very request; it counts
    until they sign out everywhere, or close the account (R10). token_id: of an access token.
    """

    id: str
    credential: Credential = Credential.SESSION
    person: Person | None = None
    since: datetime | None = None
    token_id: str = ""

    @classmethod
    def in_session(cls, person: Person) -> Principal:
        return cls(person.id, Credential.SESSION, person)

    @classmethod
    def by_upload_key(cls, owner_id: str, made_at: datetime) -> Principal:
        return cls(owner_id, Credential.UPLOAD_KEY, since=made_at)

    @property
    def is_bearer(self) -> bool:
        """Whether it came in a header that no browser sends by itself."""
        return self.credential in {Credential.ACCESS_TOKEN, Credential.PROVIDER_TOKEN}

    @property
    def described(self) -> dict[str, str]:
        """For the audit record of what it does; a session is the rule and says nothing."""
        if self.credential is Credential.SESSION:
            return {}
        return {"by": self.credential} | ({"token": self.token_id} if self.token_id else {})
