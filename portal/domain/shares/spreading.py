"""A share for more recipients than one transaction holds: it is made first, then their items, in pieces."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from portal.domain.mail.mail_job import MailJob, MailState
from portal.domain.shares.share import Recipient, Share, derive_recipient_id

AT_ONCE = 45  # recipients of one piece, each with the address to suggest


@dataclass(frozen=True)
class Spread:
    """What is left to do. at: when the share was made; count: its recipients then, the first so many of its
    addresses; done: how many of them have their items; by_hand: the addresses whose link the sender passes
    on.
    """

    share_id: str
    at: datetime
    count: int
    key_id: str
    by_hand: tuple[str, ...] = ()
    done: int = 0

    @property
    def is_over(self) -> bool:
        return self.done >= self.count

    def draft_piece(self, share: Share) -> tuple[Recipient, ...]:
        """The next recipients, as they are written."""
        addresses = share.addresses[self.done : min(self.done + AT_ONCE, self.count)]
        return tuple(
            draft_recipient(share.id, each, self.key_id, self.at, by_hand=each in self.by_hand)
            for each in addresses
        )

    def advance(self, piece: tuple[Recipient, ...]) -> Spread:
        return replace(self, done=self.done + len(piece))


def begin_spread(share: Share, recipients: tuple[Recipient, ...]) -> Spread:
    by_hand = tuple(each.address for each in recipients if each.mail.state is MailState.BY_HAND)
    return Spread(share.id, share.created_at, len(recipients), recipients[0].key_id, by_hand)


def draft_recipient(share_id: str, address: str, key_id: str, at: datetime, *, by_hand: bool) -> Recipient:
    return Recipient(
        id=derive_recipient_id(share_id, address), share_id=share_id, address=address, key_id=key_id,
        mail=MailJob.first(at, by_hand=by_hand),
    )  # fmt: skip
