"""What an administrator types for a field of a policy, read: numbers, sizes with a unit, lists."""

from __future__ import annotations

import re

from portal.domain.characters import ascii_digits, strip_invisible
from portal.domain.errors import N_, Invalid
from portal.domain.policy.policy_fields import MAX_ENTRIES, PolicyField, Value, tidy

KILO, KIBI = 1000, 1024
UNITS = {
    "": 1, "b": 1, "bytes": 1,
    "kb": KILO, "mb": KILO**2, "gb": KILO**3, "tb": KILO**4, "pb": KILO**5,
    "kib": KIBI, "mib": KIBI**2, "gib": KIBI**3, "tib": KIBI**4,
}  # fmt: skip
SHOWN_UNITS = ("TiB", "TB", "GiB", "GB", "MiB", "MB", "KiB", "kB")
SIZE = re.compile(r"([0-9]{1,18})(?:[.,]([0-9]{1,3}))?\s*([a-z]*)")
KIND = re.compile(r"[^\W_][\w+-]{0,15}")  # the ending of a name, without its dot


def parse_number(field: PolicyField, text: str) -> Value:
    """A whole number in the field's range; None for no text where that means no limit."""
    typed = ascii_digits(strip_invisible(text)).strip()
    if not typed and field.has_none:
        return None
    if not re.fullmatch(r"[0-9]{1,18}", typed) or not field.least <= int(typed) <= field.most:
        raise Invalid(
            N_("Enter a whole number from %(least)s to %(most)s."),
            field=field.name, reason="policy_number", params={"least": field.least, "most": field.most},
        )  # fmt: skip
    return int(typed)


def parse_size(field: PolicyField, text: str) -> Value:
    """Bytes out of a size such as 2 GB, 1.5 TB or 500 MiB."""
    typed = ascii_digits(strip_invisible(text)).strip().lower()
    if not typed and field.has_none:
        return None
    found = SIZE.fullmatch(typed)
    unit = UNITS.get(found[3]) if found else None
    if found is None or unit is None:
        raise Invalid(
            N_("Enter a size with its unit, such as 500 MB or 2 GB."),
            field=field.name, reason="policy_size",
        )  # fmt: skip
    size = int(found[1]) * unit + int((found[2] or "0").ljust(3, "0")) * unit // KILO
    if not field.least <= size <= field.most:
        raise Invalid(
            N_("Enter a size from %(least_bytes)s to %(most_bytes)s."),
            field=field.name, reason="policy_size",
            params={"least_bytes": field.least, "most_bytes": field.most},
        )  # fmt: skip
    return size


def write_size(size: int) -> str:
    """A size as `parse_size` reads it back, in the largest unit that it is whole in."""
    unit = next((each for each in SHOWN_UNITS if size and size % UNITS[each.lower()] == 0), "")
    return f"{size // UNITS[unit.lower()]} {unit or 'bytes'}"


def parse_kinds(field: PolicyField, text: str) -> Value:
    """Endings of file names, with or without their dot: pdf, .docx."""
    typed = [each.strip().removeprefix(".").casefold() for each in split_entries(text)]
    bad = [each for each in typed if not KIND.fullmatch(each)]
    if bad:
        raise Invalid(
            N_("Not an ending of file names: %(bad)s. Name each kind by its ending, such as pdf or docx."),
            field=field.name, reason="policy_kind", params={"bad": "; ".join(bad[:5])[:200]},
        )  # fmt: skip
    return collect_entries(field, typed)


def collect_entries(field: PolicyField, entries: list[str]) -> Value:
    """A list as it is kept; an empty list of what is allowed allows anything."""
    if len(entries) > MAX_ENTRIES:
        raise Invalid(
            N_("A list can have at most %(most)s entries."),
            field=field.name, reason="policy_entries", params={"most": MAX_ENTRIES},
        )  # fmt: skip
    return (tidy(entries) or None) if field.has_none else (tidy(entries) or ())


def split_entries(text: str) -> list[str]:
    """Separated by line breaks, blanks, commas or semicolons."""
    return [each for each in map(strip_invisible, re.split(r"[\s,;]+", text)) if each]
