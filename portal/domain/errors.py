"""Refusals: what the portal will not do, with the HTTP status and the public words for it.

A refusal is raised anywhere inside and turned into HTTP once, in `web/errors.py`. Its words are gettext
message ids with named placeholders, so that the page shows them in the reader's language; they never carry
what an outsider may not know. Statuses are those of RFC 9110 (and 429 of RFC 6585).
"""

from __future__ import annotations

from collections.abc import Mapping


def N_(message: str) -> str:
    """Mark a sentence for translation without translating it (gettext's N_)."""
    return message


class Refusal(Exception):
    """Something the portal will not do.

    status: the HTTP status; reason: a stable word for programs, audit and logs; message: the public
    sentence, a gettext message id; params: what its placeholders stand for; field: the form field it
    belongs to, if one; extensions: further facts for programs, such as which of several things is meant;
    retry_after_seconds: when asking again may help.
    """

    status = 400
    reason = "refused"
    message = N_("Nothing was changed. Check your answers and try again.")

    def __init__(
        self,
        sentence: str | None = None,
        *,
        reason: str | None = None,
        field: str | None = None,
        params: Mapping[str, object] | None = None,
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(sentence or self.message)
        self.message = sentence or type(self).message
        self.reason = reason or type(self).reason
        self.field = field
        self.params = dict(params or {})
        self.retry_after_seconds = retry_after_seconds
        self.extensions: dict[str, object] = {}


class Invalid(Refusal):
    """The input does not say what it must."""

    status = 400
    reason = "invalid"


class Several(Refusal):
    """More than one thing is wrong with the input; each is a refusal of its own."""

    status = 400
    reason = "invalid"
    message = N_("Some answers need your attention.")

    def __init__(self, refusals: list[Refusal]) -> None:
        super().__init__()
        self.refusals = refusals


class SignInNeeded(Refusal):
    status = 401
    reason = "sign_in_needed"
    message = N_("Please sign in first.")


class Forbidden(Refusal):
    status = 403
    reason = "forbidden"
    message = N_("Your account is not allowed to do this. An administrator can change that.")


class NotFound(Refusal):
    """Unknown, malformed and someone else's look alike (R11, R45)."""

    status = 404
    reason = "not_found"
    message = N_("There is nothing at this address.")


class Conflict(Refusal):
    status = 409
    reason = "conflict"
    message = N_("Someone else changed this. Look at it again, then repeat what you wanted to do.")


class Gone(Refusal):
    """It was there and is not any more: withdrawn, expired, spent."""

    status = 410
    reason = "gone"
    message = N_("This is no longer available.")


class TooLarge(Refusal):
    status = 413
    reason = "too_large"
    message = N_("That is larger than this portal accepts.")


class TooMany(Refusal):
    status = 429
    reason = "too_many"
    message = N_("Too many attempts in a short time. Wait a little, then try again.")


class MailsUsedUp(TooMany):
    """More emails than one person may send on one day (R57)."""

    reason = "mails_used_up"


class Unavailable(Refusal):
    """A service behind the portal did not answer in time; nothing was half done."""

    status = 503
    reason = "unavailable"
    message = N_("This did not work just now. Nothing was lost. Try again in a minute.")

    def __init__(self, sentence: str | None = None, **details: object) -> None:
        super().__init__(sentence, retry_after_seconds=10)
        self.details = details
