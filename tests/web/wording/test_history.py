"""What happened, in words: a sentence for every audit tag, done and refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from portal.domain.audit.record import PORTAL, Action, Actor, AuditRecord, Outcome
from portal.web.wording.history import describe_record
from tests.builders import Running

pytestmark = pytest.mark.requirement("I4")

AT = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
ANA = Actor("person", "0" * 26, "Ana Lopes")
DETAILS = {
    "name": "50% off {x}.pdf",
    "new_name": "b.pdf",
    "days": "30",
    "files": "a.pdf",
    "to": "p@example.com",
}


def test_every_record_reads_as_a_sentence(portal: Running) -> None:
    for action in Action:
        refusal = AuditRecord(AT, action, ANA, "x", Outcome.REFUSED, reason="conflict", details=DETAILS)
        with portal.app.test_request_context():
            done = describe_record(AuditRecord(AT, action, ANA, "x", details=DETAILS))
            bare = describe_record(AuditRecord(AT, action, PORTAL, "x"))
            refused = describe_record(refusal)
        assert refused.endswith(". It had changed in the meantime."), refused
        for sentence in (done, bare, refused):
            assert sentence == sentence.strip()
            assert "%(" not in sentence


def test_a_reason_without_words_of_its_own_still_ends_the_sentence(portal: Running) -> None:
    record = AuditRecord(
        AT, Action.FILE_TRASHED, ANA, "x", Outcome.REFUSED, reason="acme_rule", details=DETAILS
    )
    with portal.app.test_request_context():
        expected = "Ana Lopes tried to move 50% off {x}.pdf to the trash. It was not possible at that time."
        assert describe_record(record) == expected
