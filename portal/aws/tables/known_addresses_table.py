"""Addresses that someone shared with, in the table: one item for each, listed by when it was last used.

A year without use and it is gone: suggestions are a convenience, and an address is someone's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from portal.aws.client.codec import moment, pack, unpack
from portal.aws.client.keys import (
    known_address_key,
    known_addresses_list,
    known_domains_key,
    person_partition,
)
from portal.aws.client.table import Table
from portal.aws.client.writes import MAX_WRITES, Item, Write, delete, put, update
from portal.domain.contacts.mailboxes import domain_of
from portal.domain.contacts.suggestions import KnownAddress
from portal.domain.shares.share import Recipient, Share

KEPT_DAYS = 365
MAX_DOMAINS = 5000  # in one item, far below the 400 KB it may have


class KnownAddresses:
    def __init__(self, table: Table) -> None:
        self.table = table

    def remember(self, owner_id: str, share_id: str, addresses: Sequence[str], at: datetime) -> None:
        """Each address as last used now; what was known of an earlier time is over."""
        left = iter(addresses)
        while some := list(islice(left, MAX_WRITES)):
            items = [build_item(owner_id, KnownAddress(each, share_id, at)) for each in some]
            self.table.transact([put(item) for item in items])
        self.remember_domains(owner_id, {domain_of(each) for each in addresses})

    def remember_with(self, share: Share, recipients: Sequence[Recipient]) -> list[Write]:
        """The same in the transaction of a new share."""
        return [*self.list_items(share, recipients), *self.remember_domains_with(share, recipients)]

    def remember_domains_with(self, share: Share, recipients: Sequence[Recipient]) -> list[Write]:
        """Most domains are known, and cost no write then."""
        known = self.get_domains(share.owner_id)
        new = {domain_of(each.address) for each in recipients} - known
        return [add_domains(share.owner_id, new)] if new and len(known) < MAX_DOMAINS else []

    def list_items(self, share: Share, recipients: Sequence[Recipient]) -> list[Write]:
        """The addresses without their domains, to be written with others."""
        known = (KnownAddress(each.address, share.id, share.created_at) for each in recipients)
        return [put(build_item(share.owner_id, each)) for each in known]

    def remember_domains(self, owner_id: str, domains: set[str]) -> None:
        """One set a person; past a number the warning that it serves would help nobody."""
        is_small = "attribute_not_exists(#domains) OR size(#domains) < :most"
        write = add_domains(owner_id, domains)
        self.table.try_write(replace(write, condition=is_small, values={**write.values, "most": MAX_DOMAINS}))

    def get_domains(self, owner_id: str) -> frozenset[str]:
        found = self.table.get(known_domains_key(owner_id))
        return frozenset(found["domains"]) if found else frozenset()

    def mark_bounced(self, owner_id: str, share_id: str, address: str) -> None:
        write = update(
            known_address_key(owner_id, address), "SET #came_back = :yes", "#share_id = :share",
            yes=True, share=share_id,
        )  # fmt: skip
        self.table.try_write(write)

    def list_newest(self, owner_id: str, limit: int) -> list[KnownAddress]:
        items, _ = self.table.query(
            "#list_pk = :list",
            index="by_time",
            descending=True,
            limit=limit,
            list=known_addresses_list(owner_id),
        )
        return [unpack(KnownAddress, item) for item in items]

    def forget(self, owner_id: str, address: str | None = None) -> None:
        if address is not None:
            return self.table.write(delete(known_address_key(owner_id, address)))
        while True:
            items, more = self.table.query(
                "#pk = :owner AND begins_with(#sk, :known)", limit=MAX_WRITES,
                owner=person_partition(owner_id), known="KNOWN#",
            )  # fmt: skip
            if items:
                self.table.transact([delete((item["pk"], item["sk"])) for item in items])
            if not more:
                return self.table.write(delete(known_domains_key(owner_id)))


def add_domains(owner_id: str, domains: set[str]) -> Write:
    return update(known_domains_key(owner_id), "ADD #domains :domains", domains=domains)


def build_item(owner_id: str, known: KnownAddress) -> Item:
    pk, sk = known_address_key(owner_id, known.address)
    lists = {"list_pk": known_addresses_list(owner_id), "list_time": moment(known.used_at)}
    ttl = int((known.used_at + timedelta(days=KEPT_DAYS)).timestamp())
    return {**pack(known), "pk": pk, "sk": sk, **lists, "ttl": ttl}
