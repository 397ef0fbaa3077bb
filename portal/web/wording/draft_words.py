"""What happened to drafts of shares, in words: done, and refused."""

from __future__ import annotations

from portal.domain.audit.record import Action
from portal.domain.errors import N_

DRAFT_SENTENCES: dict[Action, tuple[str, str]] = {
    Action.DRAFT_BEGUN: (
        N_("%(who)s started to prepare a share."),
        N_("%(who)s tried to keep a draft of a share."),
    ),
    Action.DRAFT_THROWN_AWAY: (
        N_("%(who)s discarded the draft of a share."),
        N_("%(who)s tried to discard the draft of a share."),
    ),
    Action.SENDING_ASKED: (
        N_("%(who)s asked to send %(files)s to %(to)s once all files have arrived."),
        N_("%(who)s tried to have %(files)s sent to %(to)s once all files have arrived."),
    ),
    Action.SENDING_STOPPED: (
        N_("%(who)s took back that a draft is sent automatically."),
        N_("%(who)s tried to take back that a draft is sent automatically."),
    ),
    Action.DRAFT_RETURNED: (
        N_("A draft could not be sent automatically, and was kept."),
        N_("A draft that could not be sent automatically was not kept."),
    ),
}
