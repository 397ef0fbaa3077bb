"""What people have in use, moved in the transactions of what they have, and held to the limits.

A person's counter is one item. Everyone's totals are spread over many (counters.py), which no condition can
sum up, so a limit for all together needs one exact item beside them; it is written only where such a limit is
set, since every upload then meets on it. It begins as the sum of the totals, and is levelled with them by the
sweep, in case files came or went while no such limit was set.

Files of before the counters counted uploads under way have no reservation: they are counted when they arrive,
as they were then (`File.reserved_bytes` is 0).
"""

from __future__ import annotations

from typing import Any

from portal.aws.client.codec import unpack
from portal.aws.client.keys import EXACT_TOTALS_KEY, TOTALS_KEYS, usage_key
from portal.aws.client.table import Table
from portal.aws.client.writes import Item, Key, Write, put, update
from portal.aws.tables.counters import add_counts
from portal.domain.people.person import Usage
from portal.domain.policy.limits import Limits
from portal.domain.policy.quotas import Allowance


class Quotas:
    """limits: the environment's, which everyone's totals are held to; a person's own come with each call."""

    def __init__(self, table: Table, limits: Limits) -> None:
        self.table = table
        self.limits = limits

    @property
    def has_total(self) -> bool:
        return self.limits.max_total_bytes is not None or self.limits.max_total_files is not None

    def get_allowance(self, person_id: str, limits: Limits) -> Allowance:
        mine = usage_key(person_id)
        found = self.table.get_many([mine, EXACT_TOTALS_KEY] if self.has_total else [mine])
        if self.has_total and "levelled" not in found.get(EXACT_TOTALS_KEY, {}):
            self.level()
            found[EXACT_TOTALS_KEY] = self.table.get(EXACT_TOTALS_KEY) or {}
        return Allowance.from_usage(
            limits, read_usage(found.get(mine)), read_usage(found.get(EXACT_TOTALS_KEY))
        )

    def get_own_limits(self, person_id: str) -> Usage:
        """A person's counter with the limits that are their own."""
        return read_usage(self.table.get(usage_key(person_id)))

    def take(
        self, person_id: str, files: int, size: int, limits: Limits, own: Usage | None = None
    ) -> list[Write]:
        """Writes that take this much, on condition that it is within the person's limits and everyone's. own:
        the limits that an administrator gave them in place of `limits`, as they were read, since most have
        none; it fails where they are others by now.
        """
        counts = {"files": files, "bytes": size}
        writes = [self.take_own(person_id, counts, limits, own or Usage())]
        if self.has_total:
            most = {"files": limits.max_total_files, "bytes": limits.max_total_bytes}
            writes.append(add_within_limits(EXACT_TOTALS_KEY, counts, most, "#levelled = :yes", yes=True))
        return writes

    def take_own(self, person_id: str, counts: dict[str, int], limits: Limits, own: Usage) -> Write:
        most = {
            "files": limits.max_person_files if own.max_files is None else own.max_files,
            "bytes": limits.max_person_bytes if own.max_bytes is None else own.max_bytes,
        }
        condition, values = match_own_limits(own)
        return add_within_limits(usage_key(person_id), counts, most, condition, **values)

    def move(self, person_id: str, files: int, size: int) -> list[Write]:
        """Writes that move the counters by this much, which may be less than nothing."""
        if not (files or size):
            return []
        keys = [usage_key(person_id), *([EXACT_TOTALS_KEY] if self.has_total else [])]
        return [add_counts(key, {"files": files, "bytes": size}) for key in keys]

    def hand_over(
        self, giver_id: str, receiver_id: str, files: int, size: int, limits: Limits
    ) -> tuple[Write, Write]:
        """What takes this much for one, within these limits of theirs, and gives it back for another; what
        everyone has together stays the same.
        """
        own = self.get_own_limits(receiver_id)
        given = add_counts(usage_key(giver_id), {"files": -files, "bytes": -size})
        return self.take_own(receiver_id, {"files": files, "bytes": size}, limits, own), given

    def level(self) -> None:
        """Make the exact counter the sum of the totals, as both are in one moment; what moves in the meantime
        is left to the next time.
        """
        if not self.has_total:
            return
        found = self.table.get_together([*TOTALS_KEYS, EXACT_TOTALS_KEY])
        exact = found.pop(EXACT_TOTALS_KEY, None)
        sums: dict[str, Any] = {
            name: sum(each.get(name, 0) + each.get(f"held_{name}", 0) for each in found.values())
            for name in ("files", "bytes")
        }
        right = {"pk": EXACT_TOTALS_KEY[0], "sk": EXACT_TOTALS_KEY[1], **sums, "levelled": True}
        if exact == right:
            return
        seen = {"seen_files": exact["files"], "seen_bytes": exact["bytes"]} if exact else {}
        condition = "#files = :seen_files AND #bytes = :seen_bytes" if exact else "attribute_not_exists(#pk)"
        self.table.try_write(put(right, condition, **seen))


def match_own_limits(own: Usage) -> tuple[str, dict[str, Any]]:
    """The condition that a person's own limits are these."""
    limits = {"max_files": own.max_files, "max_bytes": own.max_bytes}
    parts = [
        f"attribute_not_exists(#{name})" if limit is None else f"#{name} = :{name}"
        for name, limit in limits.items()
    ]
    return " AND ".join(parts), {name: limit for name, limit in limits.items() if limit is not None}


def add_within_limits(
    key: Key, counts: dict[str, int], most: dict[str, int | None], more: str = "", **values: Any
) -> Write:
    """Add to a counter unless that is more than the most there may be; None is no limit."""
    conditions = [more] if more else []
    for name, limit in most.items():
        if limit is not None:
            values[f"room_{name}"] = limit - counts[name]
            fits = f"#{name} <= :room_{name}"
            # Nobody has a counter before their first file; what is beyond the whole limit is no first one.
            new = f"attribute_not_exists(#{name}) OR " if counts[name] <= limit else ""
            conditions.append(f"({new}{fits})")
    change = "ADD " + ", ".join(f"#{name} :{name}" for name in counts)
    return update(key, change, " AND ".join(conditions), None, **counts, **values)


def read_usage(item: Item | None) -> Usage:
    return unpack(Usage, item) if item else Usage()
