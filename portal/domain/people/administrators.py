"""The last administrator stays one: nobody could let another in."""

from __future__ import annotations

from portal.domain.errors import N_, Conflict

# The administrators as they were read, and as they are to be; ids of people.
Leaving = tuple[frozenset[str], frozenset[str]]


class LastAdministrator(Conflict):
    reason = "last_admin"
    message = N_(
        "This is the last administrator. Make someone else an administrator first, and have them sign in."
    )


def leave_administrators(known: frozenset[str], leaving: str, acting: str) -> Leaving:
    """Let someone leave; who acts is an administrator, whether they are known as one yet or not.

    Raises LastAdministrator where nobody would be left.
    """
    left = (known | {acting}) - {leaving}
    if not left:
        raise LastAdministrator()
    return known, left
