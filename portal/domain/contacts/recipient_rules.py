"""Whom a share may go to: the addresses typed, how many, and which ones (R51, R57, R69)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from portal.domain.contacts import address_lists, mailboxes
from portal.domain.errors import N_, Invalid
from portal.domain.policy.limits import Limits
from portal.domain.policy.policy_fields import PolicyField, Value, is_listed
from portal.domain.policy.policy_input import collect_entries, split_entries

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


def check_recipients(asked: Iterable[str], limits: Limits) -> None:
    """Raises Invalid where one of these addresses is one that no email may go to (R57)."""
    by_key = {mailboxes.address_key(each): each for each in asked}
    blocked = [each for key, each in by_key.items() if is_listed(key, limits.blocked_recipients)]
    if blocked:
        raise Invalid(
            N_("Nothing may be shared with %(addresses)s: your organisation has blocked this domain or"
                " address."),
            field="recipients", reason="domain_blocked", params={"addresses": ", ".join(blocked[:5])},
        )  # fmt: skip
    allowed = limits.allowed_recipients
    others = [each for key, each in by_key.items() if allowed is not None and not is_listed(key, allowed)]
    if others:
        raise refuse_others(others, allowed or ())


def refuse_others(others: Sequence[str], allowed: Sequence[str]) -> Invalid:
    if not allowed:
        return Invalid(
            N_("Nothing may be shared with %(addresses)s: the policies of your groups have no domain in"
                " common. Ask your administrator."),
            field="recipients", reason="domain_not_allowed", params={"addresses": ", ".join(others[:5])},
        )  # fmt: skip
    return Invalid(
        N_("Nothing may be shared with %(addresses)s: your organisation shares with"
              " %(domains)s only."),
        field="recipients", reason="domain_not_allowed",
        params={"addresses": ", ".join(others[:5]), "domains": ", ".join(allowed[:10])},
    )  # fmt: skip


def may_email(address: str, limits: Limits) -> bool:
    """Whether an address is one that email may go to."""
    try:
        check_recipients([address], limits)
    except Invalid:
        return False
    return True


def parse_rule(field: PolicyField, text: str) -> Value:
    """The domains and single addresses of a policy's list, in the form that is compared."""
    found, bad = list[str](), list[str]()
    for each in split_entries(text):
        entry = read_entry(each)
        (found if entry else bad).append(entry or each)
    if bad:
        raise Invalid(
            N_("Neither a domain nor an address: %(bad)s. Name domains such as example.org, or addresses such"
                " as ana@example.org."),
            field=field.name, reason="policy_recipient",
            params={"bad": "; ".join(bad[:5])[:SHOWN_CHARACTERS]},
        )  # fmt: skip
    return collect_entries(field, found)


def read_entry(text: str) -> str | None:
    """An address or a domain; `@example.org` and `*.example.org` mean the domain."""
    if "@" in text[1:]:
        address = mailboxes.normalize(text)
        return mailboxes.address_key(address) if address else None
    return mailboxes.ascii_domain(text.removeprefix("@").removeprefix("*."))
