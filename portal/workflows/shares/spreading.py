"""Giving a share to more recipients than one transaction holds.

The share is made with all of its addresses, its emails counted and what is left noted beside it, in one
transaction; then come the recipients' items, whose emails are due from then on. Whoever made it does so at
once, as far as the time goes; the schedule goes on with the rest. A piece and the note that it is done are
one transaction, so each recipient is made once, whoever dies in between.
"""

from __future__ import annotations

from collections.abc import Callable

from portal.domain.clock import start_countdown
from portal.domain.shares.share import Recipient, Share, ShareState
from portal.domain.shares.spreading import Spread
from portal.engine.budgets import MIN_REMAINING_SECONDS, iterate_in_time
from portal.engine.services import Services
from portal.engine.workflow import isolate_failures
from portal.workflows.mail.mail_jobs import send_invitations

REQUEST_SECONDS = 5.0  # what one web request may spend


def spread(share_id: str, services: Services, seconds_left: Callable[[], float]) -> list[Recipient]:
    """Go on with what is left, while there is time; returns the recipients that this made."""
    made, left = list[Recipient](), services.spreads.get(share_id)
    share = services.shares.get(share_id) if left else None
    if left and (share is None or share.state is ShareState.WITHDRAWN):
        services.spreads.end(left)
    while share and share.state is ShareState.OPEN and left and seconds_left() > 0:
        piece = left.draft_piece(share)
        if services.spreads.write_piece(left, share, piece):
            made += piece
            advanced = left.advance(piece)
            left = None if advanced.is_over else advanced
        else:
            left = find_progress(left, services)
    return made


def give_to_many(share: Share, services: Services) -> None:
    """Within one request: the items, then the emails, of those that it came to."""
    seconds_left = start_countdown(services.clock, REQUEST_SECONDS)
    send_invitations(share, spread(share.id, services, seconds_left), services)


def find_progress(before: Spread, services: Services) -> Spread | None:
    """What is left after another came between; None where that goes on with it, or the share was closed."""
    now = services.spreads.get(before.share_id)
    return now if now is None or now.done != before.done else None


def spread_due(services: Services, seconds_left: Callable[[], float]) -> int:
    """What the schedule does; returns how many shares it went on with."""
    dealt = 0
    for each in iterate_in_time(services.spreads.list_due(services.clock()), seconds_left):
        with isolate_failures("recipients of a share"):
            spread(each.share_id, services, lambda: seconds_left() - MIN_REMAINING_SECONDS)
            dealt += 1
    return dealt
