"""What people have in use, moved in the transactions of what they have, and held to the limits.

A person's counter is one item. Everybody's totals are spread over many (counters.py), which no condition can
sum up, so a limit for all together needs one exact item beside them; it is written only where such a limit is
set, since every upload then meets on it. It begins as the sum of the totals, and is levelled with them by the
sweep, in case files came or went while no such limit was set.

Files of before the counters counted uploads under way have no reservation: they are counted when they arrive,
as they were then (`File.reserved_bytes` is 0).
"""

from __future__ import annotations

from typing import Any

from portal.aws.codec import unpack
from portal.aws.counters import TOTALS_KEYS, added, usage_key
from portal.aws.table import ConditionFailed, Item, Key, Table, Write, put, update
from portal.domain.limits import Limits
from portal.domain.people import Usage
from portal.domain.quotas import Allowance

EXACT: Key = ("TOTALS#EXACT", "TOTALS")


class Quotas:
    def __init__(self, table: Table, limits: Limits) -> None:
        self.table = table
        self.limits = limits

    @property
    def has_total(self) -> bool:
        return self.limits.max_total_bytes is not None or self.limits.max_total_files is not None

    def allowance(self, person_id: str) -> Allowance:
        mine = usage_key(person_id)
        found = self.table.get_many([mine, EXACT] if self.has_total else [mine])
        if self.has_total and "levelled" not in found.get(EXACT, {}):
            self.level()
            found[EXACT] = self.table.get(EXACT) or {}
        return Allowance.of(self.limits, used(found.get(mine)), used(found.get(EXACT)))

    def taken(self, person_id: str, files: int, size: int) -> list[Write]:
        """Writes that take this much, on condition that it is within the limits."""
        limits, counts = self.limits, {"files": files, "bytes": size}
        most = {"files": limits.max_person_files, "bytes": limits.max_person_bytes}
        writes = [bounded(usage_key(person_id), counts, most)]
        if self.has_total:
            most = {"files": limits.max_total_files, "bytes": limits.max_total_bytes}
            writes.append(bounded(EXACT, counts, most, "#levelled = :yes", yes=True))
        return writes

    def moved(self, person_id: str, files: int, size: int) -> list[Write]:
        """Writes that move the counters by this much, which may be less than nothing."""
        if not (files or size):
            return []
        keys = [usage_key(person_id), *([EXACT] if self.has_total else [])]
        return [added(key, {"files": files, "bytes": size}) for key in keys]

    def level(self) -> None:
        """Make the exact counter the sum of the totals, as both are in one moment; what moves meanwhile is
        left to the next time.
        """
        if not self.has_total:
            return
        found = self.table.get_together([*TOTALS_KEYS, EXACT])
        exact = found.pop(EXACT, None)
        sums: dict[str, Any] = {
            name: sum(each.get(name, 0) + each.get(f"held_{name}", 0) for each in found.values())
            for name in ("files", "bytes")
        }
        right = {"pk": EXACT[0], "sk": EXACT[1], **sums, "levelled": True}
        if exact == right:
            return
        seen = {"seen_files": exact["files"], "seen_bytes": exact["bytes"]} if exact else {}
        condition = "#files = :seen_files AND #bytes = :seen_bytes" if exact else "attribute_not_exists(#pk)"
        try:
            self.table.write(put(right, condition, **seen))
        except ConditionFailed:
            return


def bounded(
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


def used(item: Item | None) -> Usage:
    return unpack(Usage, item) if item else Usage()
