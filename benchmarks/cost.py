"""What a file costs from its upload to its download, in calls and in USD by the list prices of us-east-1.

    python -m benchmarks.cost [--trace]

One file of 5 MB goes through the portal as in `benchmarks/cycle.py`; what that asked AWS for is counted, and
a thousand of such files in a month are priced. Estimates: without taxes, free amounts and traffic out of AWS;
how long a call of the function takes is assumed, since no stand-in shows it. `--trace` prints every call.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from benchmarks.cycle import FILE_BYTES, Act, run_cycle, start_cycle
from benchmarks.units import READS
from portal.domain.usage.prices import AS_OF, LIST_PRICES, PriceName

FILES = 1000
GIB = 1024**3
# Of one call, with 1,024 MB: twice what AWS's answers to a handful of calls take, to be on the safe side.
CALL_SECONDS = Decimal("0.06")
MEMORY_GIB = Decimal(1)
LOG_BYTES = 700  # of one request's line, with what Lambda adds to each
MINUTES = 30 * 24 * 60


class Price(NamedTuple):
    """USD for so many; source: where it is from, as of `AS_OF`."""

    usd: str
    per: int
    source: str


PRICES = {
    "write unit": Price("0.625", 10**6, "https://aws.amazon.com/dynamodb/pricing/on-demand/"),
    "read unit": Price("0.125", 10**6, "https://aws.amazon.com/dynamodb/pricing/on-demand/"),
    "gateway call": Price("3.50", 10**6, "https://aws.amazon.com/api-gateway/pricing/"),
    "function call": Price("0.20", 10**6, "https://aws.amazon.com/lambda/pricing/"),
    "function GiB-second": Price("0.0000133334", 1, "https://aws.amazon.com/lambda/pricing/"),
    "queue call": Price("0.40", 10**6, "https://aws.amazon.com/sqs/pricing/"),
    "log byte": Price("0.50", GIB, "https://aws.amazon.com/cloudwatch/pricing/"),
    "S3 put": Price("0.005", 1000, "https://aws.amazon.com/s3/pricing/"),
    "S3 get": Price("0.0004", 1000, "https://aws.amazon.com/s3/pricing/"),
}
QUEUE_CALLS = 3  # of a message: sent, received, deleted
PUTS = {"s3.PutObject", "s3.CopyObject", "s3.ListObjectVersions", "s3.ListParts"}


@dataclass(frozen=True)
class Counted:
    """What one file takes. gateway: those calls of the function that are requests; puts, gets: of S3, the
    browsers' own among them.
    """

    functions: int
    gateway: int
    reads: int
    writes: int
    read_units: float
    write_units: int
    puts: int
    gets: int
    mails: int

    @classmethod
    def of(cls, acts: list[Act]) -> Counted:
        calls = [call.operation for act in acts for call in act.trace]
        table = [call.partition(".")[2] for call in calls if call.startswith("dynamodb.")]
        puts = sum(call in PUTS for call in calls)
        return cls(
            len(acts),
            sum(not act.is_event for act in acts),
            sum(call in READS for call in table),
            sum(call not in READS for call in table),
            sum(act.units[0] for act in acts),
            sum(act.units[1] for act in acts),
            puts + 2,  # the upload, and the object of the access log
            sum(call.startswith("s3.") for call in calls) - puts + 1,  # the download
            calls.count("sesv2.SendEmail"),
        )


def price(name: str, units: float) -> Decimal:
    each = PRICES[name]
    return Decimal(each.usd) * Decimal(units) / each.per


def list_price(name: PriceName, units: Decimal) -> Decimal:
    each = LIST_PRICES[name]
    return each.usd * units / each.per


def list_costs(counted: Counted) -> Iterator[tuple[str, Decimal]]:
    """USD a month for so many files, each kept for one."""
    seconds = counted.functions * CALL_SECONDS * MEMORY_GIB
    events = counted.functions - counted.gateway
    yield "storage, a month", FILES * list_price(PriceName.STORAGE, Decimal(FILE_BYTES))
    yield "emails", FILES * list_price(PriceName.MAIL, Decimal(counted.mails))
    units = price("write unit", counted.write_units) + price("read unit", counted.read_units)
    yield "tables", FILES * units
    yield "gateway", FILES * price("gateway call", counted.gateway)
    function = price("function call", counted.functions) + price("function GiB-second", float(seconds))
    yield "function", FILES * function
    yield "queue", FILES * price("queue call", events * QUEUE_CALLS)
    yield "logs", FILES * price("log byte", counted.functions * LOG_BYTES)
    yield "requests of S3", FILES * (price("S3 put", counted.puts) + price("S3 get", counted.gets))


def list_lines(acts: list[Act], what: str) -> Iterator[str]:
    counted = Counted.of(acts)
    costs = dict(list_costs(counted))
    rest = sum(costs.values(), Decimal(0)) - costs["storage, a month"] - costs["emails"]
    yield f"{what}: {counted.functions} calls of the function, {counted.gateway} of them requests"
    yield f"  table: {counted.writes} writes and {counted.reads} reads,"
    yield f"  {counted.write_units} write units and {counted.read_units:g} read units; {counted.mails} emails"
    yield from (f"  {name:<20}{usd:>8.3f} USD" for name, usd in costs.items())
    yield f"  {'all':<20}{sum(costs.values(), Decimal(0)):>8.3f} USD for {FILES} files of 5 MB"
    yield f"  {'all but the first two':<20}{rest:>7.3f} USD"


def describe(acts: list[Act], without_code: list[Act]) -> str:
    """What the README says; `tests/benchmarks/test_cost.py` holds it to this."""
    counted, costs = Counted.of(acts), dict(list_costs(Counted.of(acts)))
    most = sum(costs.values(), Decimal(0))
    least = sum((usd for _, usd in list_costs(Counted.of(without_code))), Decimal(0))
    return (
        f"By the list prices of us-east-1, {FILES:,} files of 5 MB a month, each sent once and downloaded "
        f"once, come to about {most:.2f} USD, and to about {least:.2f} USD where no "
        "code is asked for. That is an estimate from what one such file was counted to need with the form's "
        f"defaults: {counted.functions} calls of the function, {counted.writes} writes and {counted.reads} "
        f"reads of the table, and {counted.mails} emails, the link's and the code's. The emails are "
        f"{costs['emails']:.2f} USD of it and the storage {costs['storage, a month']:.2f} USD."
    )


def run_once(*, with_code: bool) -> list[Act]:
    with start_cycle() as cycle:
        return run_cycle(cycle, with_code=with_code)


def list_acts(acts: Iterable[Act], *, with_calls: bool) -> Iterator[str]:
    for act in acts:
        yield f"{act.what:<34}{len(act.trace):>4} calls{act.units[1]:>4} WCU{act.units[0]:>6g} RCU"
        if with_calls:
            yield str(act.trace)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trace", action="store_true", help="print every call")
    with_calls = parser.parse_args().trace
    print(f"List prices of us-east-1, {AS_OF:%d %B %Y}")
    for name, each in PRICES.items():
        print(f"  {name:<20}{each.usd:>13} USD for {each.per:>13,}  {each.source}")
    acts, without_code = run_once(with_code=True), run_once(with_code=False)
    for counted, what in ((acts, "With a code by email"), (without_code, "Without a code")):
        print("", *list_acts(counted, with_calls=with_calls), *list_lines(counted, what), sep="\n")
    usd = price("function call", MINUTES) + price("function GiB-second", float(MINUTES * CALL_SECONDS))
    print(f"\nThe schedule's call each minute: {usd:.3f} USD a month, however many files there are")
    print(f"\n{describe(acts, without_code)}")


if __name__ == "__main__":
    main()
