"""A second factor: six digits that an authenticator app makes of a secret and the time (RFC 6238)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from portal.domain.errors import N_, Conflict, Forbidden, Invalid

CODE = re.compile(r"[0-9]{6}")


class WrongCode(Invalid):
    reason = "wrong_code"
    message = N_("This code does not match. Enter the one that the app shows now.")


class SecondFactorNeeded(Forbidden):
    reason = "second_factor_needed"
    message = N_("Your organisation requires an authenticator app. Set it up on the portal's pages first.")


class EnrolmentOver(Conflict):
    """The sign-in service took the confirmation of who someone is only for a few minutes."""

    reason = "enrolment_over"
    message = N_("The time for this is over, and nothing was changed. Begin again.")


@dataclass(frozen=True)
class Enrolment:
    """An app being added. access_token: what the directory takes instead of the person for a few minutes;
    refresh_token: what that came with, whose end ends it too; secret: what the app is to know, in base 32.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    secret: str = field(repr=False)

    @property
    def spaced_secret(self) -> str:
        """In groups of four, to be typed."""
        return " ".join(re.findall(".{1,4}", self.secret))

    def address(self, organisation: str, account: str) -> str:
        """What the QR code says, as apps read it ("Key Uri Format" of Google Authenticator's wiki)."""
        label = quote(f"{organisation}:{account}", safe="")
        query = urlencode({"secret": self.secret, "issuer": organisation}, quote_via=quote)
        return f"otpauth://totp/{label}?{query}"


def read_code(text: str) -> str:
    """The six digits that somebody typed, with or without a gap. Raises Invalid."""
    code = re.sub(r"[\s-]", "", text)
    if not CODE.fullmatch(code):
        raise Invalid(N_("Enter the 6 digits that the app shows."), field="code", reason="no_code")
    return code
