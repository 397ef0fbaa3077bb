"""One email address and its domain: what is one, the form it is kept in, which two are the same (R51, R68).

The syntax is the dot-atom form of RFC 5321. Domains are read by UTS #46 without its transitional mappings,
which is IDNA 2008: faß.example and fass.example belong to two owners.
"""

from __future__ import annotations

import re

LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
LOCAL_CHARACTERS = 64
DOMAIN_CHARACTERS = 253  # RFC 1035, 2.3.4; IDNA takes seconds over what is much longer


def normalize(address: str) -> str | None:
    """The address as it is written to: domain in lower-case ASCII, local part as given. None where it is not
    one bare address.
    """
    local, at, domain = address.strip().rpartition("@")
    if not at or len(local) > LOCAL_CHARACTERS or not LOCAL.fullmatch(local):
        return None
    ascii_form = ascii_domain(domain)
    if ascii_form is None or len(local) + len(ascii_form) > DOMAIN_CHARACTERS:
        return None
    return f"{local}@{ascii_form}"


def ascii_domain(domain: str) -> str | None:
    """The domain's ASCII form (IDNA 2008), without a last dot; None where it is no host name with a dot."""
    if not 0 < len(domain) <= DOMAIN_CHARACTERS:
        return None
    text = domain.lower() if domain.isascii() else domain
    if not text.isascii() or "xn--" in text:
        encoded = encode(text)
        if encoded is None:
            return None
        text = encoded
    text = text.removesuffix(".")
    labels = text.split(".")
    if len(labels) < 2 or labels[-1].isdigit() or not all(LABEL.fullmatch(label) for label in labels):
        return None
    return text


def encode(domain: str) -> str | None:
    import idna  # here, since its tables cost 70 ms, and hardly any domain needs them

    try:
        return idna.encode(domain, uts46=True, std3_rules=True, transitional=False).decode()
    except idna.IDNAError:
        return None


def to_unicode(address: str) -> str:
    """The address as people write it, with the letters of an international domain."""
    local, at, domain = address.rpartition("@")
    if "xn--" not in domain:
        return address
    import idna

    try:
        return local + at + idna.decode(domain)
    except idna.IDNAError:
        return address


def domain_of(address: str) -> str:
    return address.rpartition("@")[2]


def address_key(address: str) -> str:
    """What two spellings of one address share. Mail hosts ignore the case of ASCII letters in practice, so we
    do too; `+tag` counts. No other letters: full case folding would take ß for ss and a Kelvin sign for k.
    """
    text = normalize(address) or address
    return text.lower() if text.isascii() else text
