"""What the portal's use of AWS costs: list prices with their dates and sources, which a deployer replaces by
their own (`PORTAL_PRICES`). Estimates: without taxes, free amounts and the steps that prices fall by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

GIB = 1024**3
TERABYTE = 1000**4
LEAST_SCANNED = 10 * 1000**2  # of one query, as it is billed


class PriceName(StrEnum):
    STORAGE = "storage"
    DELIVERY = "delivery"
    MAIL = "mail"
    QUERY = "query"


@dataclass(frozen=True)
class Price:
    """usd: for `per` units. source: where it is from; empty where the deployer set it."""

    usd: Decimal
    per: int
    source: str = ""


# Of us-east-1, on demand and without free amounts.
AS_OF = date(2026, 1, 1)
LIST_PRICES: Mapping[PriceName, Price] = {
    # A GiB for a month in S3 Standard, of the first 50 TB.
    PriceName.STORAGE: Price(Decimal("0.023"), GIB, "https://aws.amazon.com/s3/pricing/"),
    # A GiB out of S3 to the internet, of the first 10 TB a month.
    PriceName.DELIVERY: Price(Decimal("0.09"), GIB, "https://aws.amazon.com/s3/pricing/"),
    PriceName.MAIL: Price(Decimal("0.10"), 1000, "https://aws.amazon.com/ses/pricing/"),
    # A terabyte that a query reads.
    PriceName.QUERY: Price(Decimal("5.00"), TERABYTE, "https://aws.amazon.com/athena/pricing/"),
}


@dataclass(frozen=True)
class PriceTable:
    """own: what replaces list prices, in USD for the same number of units."""

    own: Mapping[PriceName, Decimal] = field(default_factory=dict)

    def get(self, name: PriceName) -> Price:
        listed = LIST_PRICES[name]
        return Price(self.own[name], listed.per) if name in self.own else listed

    def cost(self, name: PriceName, units: int | Decimal) -> Decimal:
        price = self.get(name)
        return price.usd * Decimal(units) / price.per

    def cost_of_query(self, scanned_bytes: int) -> Decimal:
        """One that read nothing cost nothing."""
        return self.cost(PriceName.QUERY, max(scanned_bytes, LEAST_SCANNED) if scanned_bytes else 0)
