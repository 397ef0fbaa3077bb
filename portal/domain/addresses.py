"""Recipients' addresses: read out of what people paste, one address each, tricks named (R51, R56).

Accepts what mail programs put on the clipboard: one a line, or separated by comma or semicolon, with or
without a name before `<address>`. The syntax is the dot-atom form of RFC 5321; international domains become
their ASCII form.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
NAMED = re.compile(r"[^<>]*<([^<>]*)>")
LISTED = re.compile(r"[^,;\n]+")
QUOTED = re.compile(r'"[^"\n]*"')
DOMAIN_CHARACTERS = 253  # RFC 1035, 2.3.4; IDNA takes seconds over what is much longer


@dataclass(frozen=True)
class Reading:
    """What was found in a pasted text: the addresses, each once; what came twice; what is no address."""

    addresses: tuple[str, ...]
    doubles: tuple[str, ...]
    bad: tuple[str, ...]


def read(text: str) -> Reading:
    """Take a pasted text apart. Never raises; what cannot be read is named in `bad`."""
    addresses: dict[str, str] = {}
    doubles: list[str] = []
    bad: list[str] = []
    unquoted = QUOTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    for piece in LISTED.findall(unquoted):
        piece = piece.strip()
        if not piece:
            continue
        address = normalized(piece)
        if address is None:
            bad.append(piece[:80])
        elif identity(address) in addresses:
            doubles.append(address)
        else:
            addresses[identity(address)] = address
    return Reading(tuple(addresses.values()), tuple(dict.fromkeys(doubles)), tuple(dict.fromkeys(bad)))


def normalized(text: str) -> str | None:
    """The address as it is written to: domain in lower-case ASCII, local part as given; None where it is
    none.
    """
    named = NAMED.fullmatch(text)
    bare = (named[1] if named else text).strip().removeprefix("mailto:")
    local, at, domain = bare.rpartition("@")
    domain = ascii_domain(domain)
    if not at or domain is None or len(local) > 64 or len(local) + len(domain) > 253:
        return None
    return f"{local}@{domain}" if LOCAL.fullmatch(local) else None


def ascii_domain(domain: str) -> str | None:
    """The domain's ASCII form (IDNA), or None where it is no host name with a dot."""
    if not 0 < len(domain) <= DOMAIN_CHARACTERS:
        return None
    try:
        text = unicodedata.normalize("NFKC", domain).encode("idna").decode().lower()
    except UnicodeError:
        return None
    labels = text.split(".")
    if len(labels) < 2 or labels[-1].isdigit() or not all(LABEL.fullmatch(label) for label in labels):
        return None
    return text


def domain_of(address: str) -> str:
    return address.rpartition("@")[2]


def covered(domain: str, by: Iterable[str]) -> bool:
    """Whether a domain is one of these, or below one of them; all in ASCII, as `normalized` leaves them."""
    return any(domain == each or domain.endswith(f".{each}") for each in by)


def identity(address: str) -> str:
    """What two spellings of one address share. Mail hosts ignore case in practice, so we do too; `+tag`
    counts.
    """
    return address.casefold()
