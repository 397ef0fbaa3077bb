"""How many files a second every partition, index, queue and quota takes, the lowest first.

    python -m benchmarks.scale

The units are counted (`benchmarks/partitions.py`): of a file that is uploaded, shared with one recipient who
asks for a code, and downloaded once. A partition takes 1,000 write units a second ("Best practices for
designing and using partition keys effectively"), and what is spread over shards is taken to be spread evenly.
Quotas are those of `benchmarks/sizing.py`. Nothing of it was seen on AWS. Prints the tables of docs/scale.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from benchmarks.cost import FILES, Counted, list_costs, run_once
from benchmarks.partitions import Operation, Owner, Place, Written, name_place, run_three
from benchmarks.sizing import BUSIEST_HOUR, BUSIEST_SECOND, QUOTAS, SHARES_A_DAY, Load
from portal.aws.client import admin_keys, keys
from portal.domain.audit.marks import SHARDS as AUDIT_SHARDS

A_PARTITION = 1000  # write units a second
AIM = 5000  # uploads a second
PEOPLE = (10_000, 1_000_000, 100_000_000)
WORKING_DAYS = 22
# What is spread, and over how many partitions.
SHARDS = {
    "table: TOTALS#<shard>": keys.SHARDS,
    "audit: AUDIT#<day>#<shard>": AUDIT_SHARDS,
    "by_name: EVERYONE#FILES#ready#<shard>": admin_keys.SHARDS,
    "by_time: EVERYONE#FILES#ready#<shard>": admin_keys.SHARDS,
    "by_name: EVERYONE#SHARES#open#<shard>": admin_keys.SHARDS,
    "by_time: EVERYONE#SHARES#open#<shard>": admin_keys.SHARDS,
}
EVENTS_AT_ONCE, EVENTS_A_FILE, EVENT_SECONDS = 20, 4, 0.06  # infrastructure/mappings.yaml; benchmarks/cost.py
ONE_A_SECOND = Load(round(3600 / (SHARES_A_DAY * BUSIEST_HOUR * BUSIEST_SECOND)))  # whose busiest second is 1


@dataclass(frozen=True)
class Ceiling:
    """units: write units of each operation, none where it is no partition; files: a second, each with all
    three operations; who: can raise it.
    """

    name: str
    owner: Owner
    units: tuple[float, ...]
    files: float
    who: str

    def of(self, operation: Operation) -> float | None:
        """So many of this operation alone a second; None where it has no part in it."""
        place = list(Operation).index(operation)
        if not self.units or not self.units[place]:
            return None
        return self.files * sum(self.units) / self.units[place]


def list_partitions(cycles: tuple[Written, Written, Written]) -> Iterator[Ceiling]:
    owners = dict(list_owners(cycles))
    for name, owner in sorted(owners.items()):
        units = tuple(sum(sum_of(cycle, each, name) for cycle in cycles) / 3 for each in Operation)
        yield Ceiling(name, owner, units, A_PARTITION * SHARDS.get(name, 1) / sum(units), "ours")


def list_owners(cycles: tuple[Written, Written, Written]) -> Iterator[tuple[str, Owner]]:
    """Of each kind of partition, the widest owner last."""
    first, second, third = (cycle.places() for cycle in cycles)
    yield from ((name, Owner.THING) for name in names_of(first | second | third))
    yield from ((name, Owner.SENDER) for name in names_of((first & second) - third))
    shared = names_of(first & second & third) | SHARDS.keys()
    yield from ((name, Owner.EVERYBODY) for name in shared if "<id>" not in name and "<source>" not in name)


def names_of(places: Iterable[Place]) -> set[str]:
    return {name_place(each) for each in places}


def sum_of(cycle: Written, operation: Operation, name: str) -> int:
    return sum(units for place, units in cycle.units[operation].items() if name_place(place) == name)


def list_quotas() -> Iterator[Ceiling]:
    """Of the account, by what a file of the sizing's needs; not those that are of the code."""
    for quota in QUOTAS:
        if not quota.is_ours:
            files = quota.default / quota.need(ONE_A_SECOND)
            yield Ceiling(quota.name, Owner.EVERYBODY, (), files, "AWS, on request")
    events = EVENTS_AT_ONCE / (EVENTS_A_FILE * EVENT_SECONDS)
    yield Ceiling("events queue: calls at once", Owner.EVERYBODY, (), events, "`events_concurrency`")


def list_ceilings() -> list[Ceiling]:
    return sorted([*list_partitions(run_three()), *list_quotas()], key=lambda each: each.files)


def make_table(ceilings: Iterable[Ceiling], owner: Owner) -> str:
    """As Markdown, the lowest first."""
    heads = ["", "files a second", *(f"{each}s" for each in Operation), "units a file", "who can raise it"]
    rows = [heads, ["---", *["---:"] * 5, "---"]]
    for each in ceilings:
        if each.owner is owner:
            alone = [each.of(operation) for operation in Operation]
            units = f"{sum(each.units):.3g}" if each.units else ""
            shown = [f"{number:,.0f}" if number else "" for number in alone]
            rows.append(
                [f"`{each.name}`" if each.units else each.name, f"{each.files:,.0f}", *shown, units, each.who]
            )
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def make_people_table(ceilings: list[Ceiling], usd_a_file: Decimal) -> str:
    """For so many people: what they ask for in their busiest second, what is below it, and a month's cost."""
    heads = [
        "people",
        "files a second",
        "quotas below it",
        "ours below it",
        "first of ours",
        "USD a month",
    ]
    rows = [heads, ["---:"] * 4 + ["---", "---:"]]
    everybodys = [each for each in ceilings if each.owner is Owner.EVERYBODY]
    for people in PEOPLE:
        files = Load(people).shares_a_second
        low = [each for each in everybodys if each.files < files]
        ours = [each.name for each in low if each.who == "ours"]
        usd = people * SHARES_A_DAY * WORKING_DAYS * usd_a_file
        counts = [f"{files:,.0f}", str(len(low) - len(ours)), str(len(ours))]
        rows.append([f"{people:,}", *counts, f"`{ours[0]}`" if ours else "none", f"{usd:,.0f}"])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def count_usd_a_file() -> Decimal:
    """With a code by email, and kept for a month."""
    return sum(dict(list_costs(Counted.of(run_once(with_code=True)))).values(), Decimal(0)) / FILES


def main() -> None:
    ceilings = list_ceilings()
    for owner in (Owner.EVERYBODY, Owner.SENDER):
        print(f"\nWhat is {owner}:\n\n{make_table(ceilings, owner)}")
    print(f"\n{make_people_table(ceilings, count_usd_a_file())}")
    ours = [each for each in ceilings if each.owner is Owner.EVERYBODY and each.who == "ours"]
    below = [each.name for each in ours if each.files < AIM]
    print(f"\nOurs, and below {AIM:,} files a second: {len(below)} of {len(ours)}")


if __name__ == "__main__":
    main()
