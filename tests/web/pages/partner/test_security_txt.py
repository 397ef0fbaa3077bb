"""`/.well-known/security.txt` as RFC 9116 has it: for everyone, and never out of date."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from portal.config.parsing import ConfigurationError
from portal.config.settings import Config
from tests.builders import Clock, make_environment, make_running
from tests.web.browser import Browser

PATH = "/.well-known/security.txt"


def fields(browser: Browser) -> list[tuple[str, str]]:
    answer = browser.get(PATH).answer
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    return [tuple(line.split(": ", 1)) for line in answer.text.splitlines()]  # type: ignore[misc]


def test_it_says_whom_to_tell(aws: None, clock: Clock) -> None:
    contacts = "security@example.org, https://example.org/security"
    browser = Browser(make_running(clock, PORTAL_SECURITY_CONTACT=contacts, PORTAL_LANGUAGES="de,en"))
    said = fields(browser)
    assert [value for name, value in said if name == "Contact"] == [
        "mailto:security@example.org", "https://example.org/security",
    ]  # fmt: skip
    once = dict(said)
    assert once["Canonical"] == f"https://files.example.org{PATH}"
    assert once["Preferred-Languages"] == "de, en"
    assert set(once) == {"Contact", "Expires", "Canonical", "Preferred-Languages"}


def test_it_never_expires_while_the_portal_runs(aws: None, clock: Clock) -> None:
    """RFC 9116, 2.5.5: a date to come, recommended to be within a year."""
    browser = Browser(make_running(clock, PORTAL_SECURITY_CONTACT="security@example.org"))
    for _ in range(3):
        expires = datetime.fromisoformat(dict(fields(browser))["Expires"])
        assert timedelta(days=30) < expires - clock() < timedelta(days=365)
        clock.now += timedelta(days=400)


def test_without_a_contact_there_is_none(aws: None, clock: Clock) -> None:
    """RFC 9116 wants a contact, and nobody may read what comes to the address that emails come from."""
    Browser(make_running(clock)).get(PATH, 404)


@pytest.mark.parametrize(
    "contact", ["nobody", "http://example.org", "a@example.org\nExpires: never", "ftp://x"]
)
def test_a_contact_is_an_address_or_a_page(contact: str) -> None:
    with pytest.raises(ConfigurationError, match="PORTAL_SECURITY_CONTACT"):
        Config.from_env(make_environment(PORTAL_SECURITY_CONTACT=contact))


def test_odd_signs_of_an_address_are_part_of_it() -> None:
    """RFC 6068: `?` would begin a subject, and `%` an escape."""
    config = Config.from_env(make_environment(PORTAL_SECURITY_CONTACT="a?b%c@example.org"))
    assert config.security_contacts == ("mailto:a%3Fb%25c@example.org",)
