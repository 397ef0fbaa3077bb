"""Whom a share may go to: the addresses typed, how many, and in which domains (R51, R57, R69)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from portal.domain.contacts import address_lists, mailboxes
from portal.domain.contacts.mailboxes import domain_of, is_covered
from portal.domain.errors import N_, Invalid
from portal.domain.policy.limits import Limits

SHOWN_CHARACTERS = 320  # of what is no address; longer than any address is


def parse_recipients(
    text: str, limits: Limits, groups: Mapping[str, tuple[str, ...]] | None = None
) -> tuple[str, ...]:
    """The addresses in a pasted text and in groups, by name, each once; raises Invalid where one of them is
    none, or there are too many.
    """
    found = {mailboxes.address_key(each): each for each in parse_addresses(text)}
    for members in (groups or {}).values():
        found = {mailboxes.address_key(each): each for each in members} | found
    if not found:
        raise Invalid(N_("Add at least one recipient."), field="recipients", reason="no_recipients")
    check_recipient_count(len(found), limits, groups or {})
    return tuple(found.values())


def parse_addresses(text: str) -> tuple[str, ...]:
    """The addresses in a pasted text, each once; raises Invalid where one of them is none."""
    reading = address_lists.parse_recipients(text)
    if reading.bad:
        shown = "; ".join(each[:SHOWN_CHARACTERS] for each in reading.bad[:5])
        raise Invalid(
            N_("Not an email address: %(bad)s. Put one address on each line, such as ana@example.org."),
            field="recipients", reason="bad_address", params={"bad": shown},
        )  # fmt: skip
    return reading.addresses


def check_recipient_count(count: int, limits: Limits, groups: Iterable[str] = ()) -> None:
    """Raises Invalid where a share would have more recipients than one may have; names its groups."""
    if count <= limits.max_recipients:
        return
    values: dict[str, object] = {"most": limits.max_recipients, "count": count}
    sentence = N_("A share can have at most %(most)s recipients; these are %(count)s.")
    if names := ", ".join(groups):
        values |= {"groups": names}
        sentence = N_(
            "A share can have at most %(most)s recipients; together with %(groups)s these are %(count)s."
        )
    raise Invalid(sentence, field="recipients", reason="too_many_recipients", params=values)


def check_domains(asked: Iterable[str], limits: Limits) -> None:
    """Raises Invalid where one of these addresses is in a domain that no email may go to (R57)."""
    blocked = [each for each in asked if is_covered(domain_of(each), limits.blocked_domains)]
    if blocked:
        raise Invalid(
            N_("Nothing may be shared with %(addresses)s: your organisation has blocked this domain."),
            field="recipients", reason="domain_blocked", params={"addresses": ", ".join(blocked[:5])},
        )  # fmt: skip
    allowed = limits.allowed_domains
    others = [each for each in asked if allowed and not is_covered(domain_of(each), allowed)]
    if others:
        raise Invalid(
            N_("Nothing may be shared with %(addresses)s: your organisation shares with"
                  " %(domains)s only."),
            field="recipients", reason="domain_not_allowed",
            params={"addresses": ", ".join(others[:5]), "domains": ", ".join(allowed[:10])},
        )  # fmt: skip
