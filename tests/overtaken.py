"""Writes that someone else has overtaken since they read what they are about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal.domain.audit.record import PORTAL, Action, AuditRecord
from portal.domain.shares.share import Recipient, Share
from tests.actions import make_person, read_state, share_files, upload_file
from tests.builders import Running

ANA = make_person("Ana Lopes")
Write = Callable[[], Any]
Case = Callable[[Running], Write]


class Cases(dict[str, tuple[Case, Any]]):
    """By name: what reads, lets something else happen, and returns the write of what it read; and the answer
    that refuses this write.
    """

    def expect(self, answer: Any) -> Callable[[Case], Case]:
        def register(case: Case) -> Case:
            self[case.__name__] = case, answer
            return case

        return register

    def check(self, name: str, portal: Running) -> None:
        case, answer = self[name]
        write = case(portal)
        before = read_state(portal)
        assert write() == answer
        assert read_state(portal) == before


def record(portal: Running, about: str) -> AuditRecord:
    return AuditRecord(portal.clock(), Action.SHARE_CHANGED, PORTAL, about)


def services(portal: Running) -> Any:
    """As adapters, with what their interfaces leave out."""
    return portal.portal.services


def make_share(portal: Running, **asked: Any) -> tuple[Share, Recipient]:
    made = share_files(portal, ANA, [upload_file(portal, ANA)], **asked)
    return read(portal, made.about, made.recipients[0].id)


def read(portal: Running, share_id: str, recipient_id: str) -> tuple[Share, Recipient]:
    found = services(portal).shares.get_with_recipient(share_id, recipient_id)
    assert found is not None
    return found
