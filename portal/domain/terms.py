"""The terms of a share, as its sender may set them: when it is made, and again whenever it is changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from portal.domain import addresses, passwords
from portal.domain.addresses import covered, domain_of
from portal.domain.errors import Invalid, words
from portal.domain.limits import Limits


def recipients(
    text: str, limits: Limits, groups: Mapping[str, tuple[str, ...]] | None = None
) -> tuple[str, ...]:
    """The addresses in a pasted text and in groups, by name, each once; raises Invalid where one of them is
    none, or there are too many.
    """
    found = {addresses.identity(each): each for each in readable(text)}
    for members in (groups or {}).values():
        found = {addresses.identity(each): each for each in members} | found
    if not found:
        raise Invalid(words("Add at least one recipient."), field="recipients", reason="no_recipients")
    at_most(len(found), limits, groups or {})
    return tuple(found.values())


def readable(text: str) -> tuple[str, ...]:
    """The addresses in a pasted text, each once; raises Invalid where one of them is none."""
    reading = addresses.read(text)
    if reading.bad:
        raise Invalid(
            words("Not a mail address: %(bad)s. Put one address on each line, such as ana@example.org."),
            field="recipients", reason="bad_address", values={"bad": "; ".join(reading.bad[:5])},
        )  # fmt: skip
    return reading.addresses


def at_most(count: int, limits: Limits, groups: Iterable[str] = ()) -> None:
    """Raises Invalid where a share would have more recipients than one may have; names its groups."""
    if count <= limits.max_recipients:
        return
    values: dict[str, object] = {"most": limits.max_recipients, "count": count}
    sentence = words("A share can have at most %(most)s recipients; these are %(count)s.")
    if names := ", ".join(groups):
        values |= {"groups": names}
        sentence = words(
            "A share can have at most %(most)s recipients; together with %(groups)s these are %(count)s."
        )
    raise Invalid(sentence, field="recipients", reason="too_many_recipients", values=values)


def domains_allowed(asked: Iterable[str], limits: Limits) -> None:
    """Raises Invalid where one of these addresses is in a domain that no mail may go to (R57)."""
    blocked = [each for each in asked if covered(domain_of(each), limits.blocked_domains)]
    if blocked:
        raise Invalid(
            words("Nothing may be shared with %(addresses)s: your organisation has blocked this domain."),
            field="recipients", reason="domain_blocked", values={"addresses": ", ".join(blocked[:5])},
        )  # fmt: skip
    allowed = limits.allowed_domains
    others = [each for each in asked if allowed and not covered(domain_of(each), allowed)]
    if others:
        raise Invalid(
            words("Nothing may be shared with %(addresses)s: your organisation shares with"
                  " %(domains)s only."),
            field="recipients", reason="domain_not_allowed",
            values={"addresses": ", ".join(others[:5]), "domains": ", ".join(allowed[:10])},
        )  # fmt: skip


def message(text: str, limits: Limits) -> str:
    """The message as it is kept: line breaks and what can be printed."""
    kept = "".join(each for each in text.replace("\r\n", "\n") if each == "\n" or each.isprintable())
    if len(kept) > limits.max_message_characters:
        raise Invalid(
            words("The message can have at most %(most)s characters."),
            field="message", reason="message_long", values={"most": limits.max_message_characters},
        )  # fmt: skip
    return kept.strip()


def download_limit(limit: int | None, limits: Limits) -> int | None:
    if limit is not None and not 1 <= limit <= limits.max_download_limit:
        raise Invalid(
            words("The download limit is a whole number from 1 to %(most)s, or none."),
            field="download_limit", reason="limit_range", values={"most": limits.max_download_limit},
        )  # fmt: skip
    return limit


def password(text: str) -> str:
    """The password as it is told and typed; empty for none."""
    tidied = passwords.tidied(text)
    if tidied and not passwords.SHORTEST <= len(tidied) <= passwords.LONGEST:
        raise Invalid(
            words("A password has from %(least)s to %(most)s characters."),
            field="password", reason="password_length",
            values={"least": passwords.SHORTEST, "most": passwords.LONGEST},
        )  # fmt: skip
    return tidied
