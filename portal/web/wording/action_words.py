"""What actions are called where one is chosen: their sentences without who and what."""

from __future__ import annotations

from flask_babel import gettext

from portal.domain.audit.record import Action
from portal.web.wording.history import SENTENCES


class Ellipses(dict[str, str]):
    """Stands for whatever a sentence names."""

    def __missing__(self, _name: str) -> str:
        return "…"


def describe_action(action: Action) -> str:
    """What was done, without who and to what: "… signed in." """
    done, _ = SENTENCES[action]
    return str(gettext(done) % Ellipses())
