"""What webhooks are told: what the log has of those whom it concerns, and nothing that opens anything."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from portal.domain.errors import Refusal
from portal.domain.files.scans import ScanResult
from portal.workflows.files.scan_results import take_result
from portal.workflows.mail.mail_jobs import record_feedback
from portal.workflows.mail.reminders import remind_due
from portal.workflows.webhooks.announcing import announce_recent
from tests.actions import (
    download_file,
    link_token,
    list_records,
    make_person,
    preview_file,
    record_delivery,
    share_files,
    upload_file,
    visit_link,
)
from tests.builders import Clock
from tests.web.signed_in import Calls
from tests.web.signing import session_of
from tests.workflows.webhooks.scene import Scene, make_scene, plenty


@pytest.fixture
def scene(table_in_memory: None, clock: Clock) -> Scene:
    return make_scene(clock)


def test_what_happened_is_told_within_a_minute_and_once(scene: Scene) -> None:
    """Though the log is read again until it has settled, and once more when it is sealed."""
    scene.make()
    file = upload_file(scene.portal, scene.ana, "plan.pdf")
    made = share_files(scene.portal, scene.ana, [file])
    token = link_token(scene.portal, made)
    visit_link(scene.portal, token)
    download_file(scene.portal, token, made.files[0])
    scene.minute()
    assert scene.receiver.kinds == ["download.started", "file.uploaded", "link.opened", "share.created"]
    for _ in range(20):
        scene.minute()
    assert len(scene.receiver.came) == 4
    by_kind = {each["type"]: each for each in scene.receiver.events}
    assert by_kind["file.uploaded"]["data"] == {
        "file_id": file.id, "file_name": "plan.pdf", "folder": "", "size": 12, "owner_id": scene.ana.id,
    }  # fmt: skip
    shared = by_kind["share.created"]["data"]
    assert (shared["share_id"], shared["recipients"]) == (made.about, ["partner@example.com"])
    assert by_kind["link.opened"]["data"]["recipient"]["address"] == "partner@example.com"
    assert by_kind["download.started"]["data"]["file"]["file_name"] == "plan.pdf"
    assert len({each["id"] for each in scene.receiver.events}) == 4


def test_nothing_that_opens_anything_is_told(scene: Scene) -> None:
    scene.make()
    file = upload_file(scene.portal, scene.ana)
    locked = share_files(scene.portal, scene.ana, [file], password="secret word")
    made = share_files(scene.portal, scene.ana, [file])
    token = link_token(scene.portal, made)
    visit_link(scene.portal, token)
    scene.minute()
    told = json.dumps(scene.receiver.events)
    assert len(scene.receiver.events) == 4
    for secret in (
        token,
        link_token(scene.portal, locked),
        token.rpartition(".")[2],
        "secret word",
        "password",
        "key",
        "192.0.2",
        "198.51",
    ):
        assert secret not in told


def test_only_what_was_chosen_is_told_and_only_of_ones_own(scene: Scene) -> None:
    """The organisation's hears of everybody."""
    ben = make_person("Ben Okoro")
    session_of(scene.portal, ben)
    own = scene.make(events=["file.uploaded"])
    everyone = scene.make(scene.ida, events=["file.uploaded"], owner_id="organisation")
    for person in (scene.ana, ben):
        share_files(scene.portal, person, [upload_file(scene.portal, person)])
    scene.minute()
    assert set(scene.receiver.kinds) == {"file.uploaded"}
    assert [len(scene.list(each)) for each in (own, everyone)] == [1, 2]


def test_what_concerns_nobody_who_listens_is_not_looked_up(scene: Scene) -> None:
    ben = make_person("Ben Okoro")
    session_of(scene.portal, ben)
    scene.make(ben)
    made = share_files(scene.portal, scene.ana, [upload_file(scene.portal, scene.ana)])
    download_file(scene.portal, link_token(scene.portal, made), made.files[0])
    scene.portal.clock.turn(minutes=1)
    with Calls(scene.portal) as calls:
        announce_recent(scene.services, plenty)
    assert set(calls.names) == {"Query"}


def test_what_was_before_a_webhook_is_not_told(scene: Scene) -> None:
    upload_file(scene.portal, scene.ana)
    scene.portal.clock.turn(seconds=1)
    scene.make()
    scene.minute()
    assert scene.receiver.came == []


def test_what_is_written_late_is_told_when_it_is_sealed(scene: Scene) -> None:
    """As all that the access log says is: hours later, of then."""
    scene.make(events=["download.completed"])
    made = share_files(scene.portal, scene.ana, [upload_file(scene.portal, scene.ana)])
    download_file(scene.portal, link_token(scene.portal, made), made.files[0])
    at = scene.portal.clock().replace(microsecond=0)
    for _ in range(10):
        scene.minute()
    record_delivery(scene.portal, made, made.files[0], at=at + timedelta(seconds=1))
    for _ in range(5):
        scene.minute()
    (event,) = scene.receiver.events
    assert event["timestamp"].startswith((at + timedelta(seconds=1)).isoformat()[:19])
    assert event["data"]["file"]["file_id"] == made.files[0].id


def test_the_end_of_a_share_is_told_once(scene: Scene) -> None:
    scene.make(events=["share.expired"])
    made = share_files(scene.portal, scene.ana, [upload_file(scene.portal, scene.ana)])
    assert made.share is not None
    remind_due(scene.services, plenty)
    scene.portal.clock.turn(days=8)
    for _ in range(4):
        remind_due(scene.services, plenty)
        scene.minute()
    (event,) = scene.receiver.events
    assert event["data"]["share_id"] == made.about
    (record,) = list_records(scene.portal, "share.expired")
    assert record["about"]["S"] == made.about


def test_an_email_that_came_back_is_told(scene: Scene) -> None:
    scene.make(events=["mail.bounced"])
    made = share_files(scene.portal, scene.ana, [upload_file(scene.portal, scene.ana)])
    found = scene.services.shares.get_with_recipients(made.about)
    assert found is not None
    (recipient,) = found[1]
    record_feedback(
        scene.services, "bounce", recipient.mail.message_id, scene.portal.clock(), "550 no such user"
    )
    for _ in range(4):
        scene.minute()
    (event,) = scene.receiver.events
    assert event["data"] == {
        "share_id": made.about, "owner_id": scene.ana.id, "outcome": "bounced", "reason": "550 no such user",
        "recipient": {"recipient_id": recipient.id, "address": "partner@example.com"},
    }  # fmt: skip


def test_malware_is_told_of_with_its_names(scene: Scene) -> None:
    scene.make(events=["scan.threat"])
    file = upload_file(scene.portal, scene.ana)
    take_result(
        file.key, ScanResult("THREATS_FOUND", file.version_id, ("EICAR", "Other.Thing")), scene.services
    )
    for _ in range(4):
        scene.minute()
    (event,) = scene.receiver.events
    assert (event["data"]["file_id"], event["data"]["threats"]) == (file.id, ["EICAR", "Other.Thing"])


def test_a_look_at_a_file_and_a_refusal_are_not_told(scene: Scene) -> None:
    scene.make(events=["download.started"])
    made = share_files(scene.portal, scene.ana, [upload_file(scene.portal, scene.ana)], download_limit=1)
    token = link_token(scene.portal, made)
    preview_file(scene.portal, token, made.files[0])
    with pytest.raises(Refusal):
        download_file(scene.portal, token, made.files[0])
    for _ in range(4):
        scene.minute()
    assert scene.receiver.came == []
