"""What a browser has to show before a link gives out its files, and whether it has shown it (R44)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.domain.contacts.mailboxes import address_key
from portal.domain.people.permissions import Permission, may
from portal.domain.people.person import Person
from portal.domain.shares.share import Recipient, Share

LIFETIME = timedelta(hours=1)
ADDRESS, PASSWORD = "address", "password"


@dataclass(frozen=True)
class Proof:
    """What one browser has shown for one recipient of one share; it counts for no other and no new link."""

    share_id: str
    recipient_id: str
    generation: int
    expires_at: datetime
    steps: frozenset[str] = frozenset()

    def is_valid(self, share: Share, recipient: Recipient, now: datetime) -> bool:
        mine = (self.share_id, self.recipient_id, self.generation)
        return mine == (share.id, recipient.id, recipient.generation) and now < self.expires_at


def lacking(
    share: Share, recipient: Recipient, person: Person | None, proof: Proof | None, now: datetime
) -> str:
    """The next thing to show, ADDRESS before PASSWORD; empty where everything was shown.

    Someone who is signed in with the recipient's address, which the provider has verified, needs no code.
    """
    shown = proof.steps if proof and proof.is_valid(share, recipient, now) else frozenset()
    if share.confirm and ADDRESS not in shown and not is_recipient(person, recipient):
        return ADDRESS
    return PASSWORD if share.password_hash and password_step(share) not in shown else ""


def password_step(share: Share) -> str:
    """What a proof keeps of the password: which one it was, so that one set again is asked for again (R48).

    Of the hash, which has a random salt: it tells nothing of the password to whoever reads the cookie.
    """
    return f"{PASSWORD}/{hashlib.sha256(share.password_hash.encode()).hexdigest()[:12]}"


def is_recipient(person: Person | None, recipient: Recipient) -> bool:
    if person is None or not person.address_verified:
        return False
    return address_key(person.address) == address_key(recipient.address)


def is_sender_only(share: Share, recipient: Recipient, person: Person | None) -> bool:
    """Whether someone looks at what they sent to others: they see it, and press nothing in their name."""
    is_sender = person is not None and may(person, Permission.OWN, share.owner_id)
    return is_sender and not is_recipient(person, recipient)


def mask_address(address: str) -> str:
    """Enough of an address for its owner to know it, too little for others: `c•••@p•••.example`."""
    local, _, domain = address.rpartition("@")
    name, _, end = domain.rpartition(".")
    return f"{local[:1]}•••@{name[:1]}•••.{end}"
