"""One value out of the environment at a time: what it must look like, and the sentence where it does not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from urllib.parse import quote, urlsplit

from portal.domain.contacts.address_lists import parse_recipients
from portal.domain.contacts.mailboxes import ascii_domain
from portal.domain.people.person import Role
from portal.domain.usage.prices import PriceName

# The groups of the identity provider whose members have a role, where PORTAL_ROLE_GROUPS names no others.
ROLE_GROUPS: Mapping[Role, str] = {
    Role.UPLOADER: "portal-upload",
    Role.SHARER: "portal-share",
    Role.REQUESTER: "portal-request",
    Role.DELETER: "portal-delete",
    Role.READER: "portal-read-only",
    Role.AUDITOR: "portal-audit",
}
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class ConfigurationError(Exception):
    """The environment does not say what it must; the message names the variable and what it wants."""


def require(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise ConfigurationError(f"{name} is missing. README lists what each variable means.")
    return value


def web_address(environ: Mapping[str, str], name: str, *, optional: bool = False) -> str:
    """An https address without query; http only on this machine itself."""
    if optional and not environ.get(name):
        return ""
    value = require(environ, name).rstrip("/")
    parts = urlsplit(value)
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or parts.query
        or parts.fragment
        or parts.username
    ):
        raise ConfigurationError(
            f"{name} must be an address such as https://files.example.org, not {value!r}."
        )
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ConfigurationError(
            f"{name} must begin with https://; http is for this machine's own addresses only."
        )
    return value


def mail_address(environ: Mapping[str, str], name: str) -> str:
    address = only_address(require(environ, name))
    if address is None:
        raise ConfigurationError(f"{name} must be one email address such as files@example.org.")
    return address


def only_address(text: str) -> str | None:
    """The address in a text that is one and nothing else; None where it is not."""
    reading = parse_recipients(text)
    return reading.addresses[0] if len(reading.addresses) == 1 and not reading.bad else None


def contacts(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Mail addresses and https pages, separated by commas, each as a URI."""
    named = [each.strip() for each in environ.get(name, "").split(",") if each.strip()]
    return tuple(contact_uri(name, each) for each in named)


def contact_uri(name: str, text: str) -> str:
    if text.startswith("https://"):
        return web_address({name: text}, name)
    address = only_address(text.removeprefix("mailto:"))
    if address is None:
        raise ConfigurationError(f"{name} must list email addresses or https addresses, not {text!r}.")
    return f"mailto:{quote(address, safe='@')}"


def colour(environ: Mapping[str, str], name: str, default: str) -> str:
    value = environ.get(name, "") or default
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise ConfigurationError(f"{name} must be a colour such as {default}.")
    return value.lower()


def read_choice(environ: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = environ.get(name, "") or allowed[0]
    if value not in allowed:
        raise ConfigurationError(f"{name} must be one of {', '.join(allowed)}.")
    return value


def days(environ: Mapping[str, str], name: str, default: str) -> tuple[int, ...]:
    """A list of numbers of days, such as 7,2; "none" for an empty one."""
    text = environ.get(name, "").strip() or default
    if text == "none":
        return ()
    found = [each.strip() for each in text.split(",")]
    if not all(re.fullmatch(r"[1-9][0-9]{0,2}", each) for each in found):
        raise ConfigurationError(f"{name} must list numbers of days such as 7,2, or be none.")
    return tuple(sorted({int(each) for each in found}))


def day(environ: Mapping[str, str], name: str) -> date | None:
    """A day such as 2026-02-03; None where it is not said."""
    text = environ.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as problem:
        raise ConfigurationError(f"{name} must be a day such as 2026-02-03.") from problem


def domains(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    """A list of email domains such as example.org,example.net, each once and in ASCII (IDNA)."""
    named = [each.strip() for each in environ.get(name, "").split(",") if each.strip()]
    found = [ascii_domain(each) for each in named]
    if None in found:
        raise ConfigurationError(f"{name} must list domains such as example.org,example.net.")
    return tuple(dict.fromkeys(each for each in found if each))


def quota(environ: Mapping[str, str], name: str) -> int | None:
    """A whole number, or none for no limit."""
    text = environ.get(name, "").strip() or "none"
    if text == "none":
        return None
    if not re.fullmatch(r"[1-9][0-9]{0,17}", text):
        raise ConfigurationError(f"{name} must be a whole number from 1, or none.")
    return int(text)


def number(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = environ.get(name, "") or str(default)
    if not re.fullmatch(r"[0-9]{1,15}", text) or not least <= int(text) <= most:
        raise ConfigurationError(f"{name} must be a whole number from {least} to {most}.")
    return int(text)


def role_groups(environ: Mapping[str, str], name: str) -> dict[Role, str]:
    """Which group gives which role, such as upload=senders,audit_reader=auditors; those that are not named
    keep the groups of ROLE_GROUPS.
    """
    found = dict(ROLE_GROUPS)
    for each in filter(None, (part.strip() for part in environ.get(name, "").split(","))):
        role, _, group = (text.strip() for text in each.partition("="))
        if role not in found or not re.fullmatch(r"\S{1,128}", group):
            raise ConfigurationError(
                f"{name} must list roles and their groups such as upload=senders,audit_reader=auditors; "
                f"the roles are {', '.join(found)}."
            )
        found[Role(role)] = group
    if len(set(found.values())) < len(found):
        raise ConfigurationError(f"{name} must name another group for each role.")
    return found


def prices(environ: Mapping[str, str], name: str) -> dict[PriceName, Decimal]:
    """Prices that replace listed ones, in USD, such as storage=0.0245,delivery=0.09."""
    found: dict[PriceName, Decimal] = {}
    for each in filter(None, (part.strip() for part in environ.get(name, "").split(","))):
        price, _, text = (part.strip() for part in each.partition("="))
        if price not in set(PriceName) or not re.fullmatch(r"[0-9]{1,6}([.][0-9]{1,9})?", text):
            raise ConfigurationError(
                f"{name} must list prices in USD such as storage=0.0245,delivery=0.09; "
                f"there are {', '.join(PriceName)}."
            )
        found[PriceName(price)] = Decimal(text)
    return found
