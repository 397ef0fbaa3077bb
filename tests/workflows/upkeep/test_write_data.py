"""Archives of what is kept about somebody: all of theirs, nothing that opens anything, nobody else's."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from portal.aws.client.calls import clients
from portal.aws.s3.export_store import ExportStore
from portal.aws.tables import personal_data
from portal.domain.errors import NotFound, TooMany
from portal.domain.people.data_exports import DataExport, Section
from portal.domain.written_files import KEPT_DAYS, ExportState
from portal.engine.workflow import run
from portal.workflows.contacts.recipient_groups import MAKE_GROUP, SaveGroup
from portal.workflows.people.account import CLOSE_ACCOUNT, CloseAccount
from portal.workflows.people.data_export import EXPORT_DATA, FETCH_DATA, ExportData, FetchData
from portal.workflows.upkeep import writing
from portal.workflows.upkeep.sweep import sweep
from portal.workflows.upkeep.write_data import write_data_exports
from tests.actions import list_rows, make_person, make_request, share_files, upload_file
from tests.builders import Running
from tests.web.signing import session_of
from tests.workflows.uploads.test_upload_kills import kill_at

ANA, BEN = make_person("Ana Lopes"), make_person("Ben Okoro")
SECRETS = {"refresh_token", "csrf_token", "id_token", "password_hash", "generation", "key_id", "secret_hash"}


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several pages of each list, and several parts."""
    monkeypatch.setattr(personal_data, "ROWS", 2)
    monkeypatch.setattr(personal_data, "SHARES", 1)
    monkeypatch.setattr(writing, "PART_BYTES", 3000)
    monkeypatch.setattr("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 1)


@pytest.fixture
def lived(portal: Running) -> Running:
    """Ana has done something of each kind, and so has Ben."""
    for person in (ANA, BEN):
        session_of(portal, person)
        files = [upload_file(portal, person, name=f"{person.name} {number}.pdf") for number in range(3)]
        share_files(portal, person, files[:2], password="correct horse")
        share_files(portal, person, files[2:])
        group = SaveGroup(
            make_request(person, portal), name=f"{person.name}'s board", recipients_text="x@a.org"
        )
        run(MAKE_GROUP, group, portal.portal.services)
    share_files(portal, BEN, [upload_file(portal, BEN)], recipients_text=ANA.address)
    return portal


def ask(portal: Running, person: Any = ANA) -> DataExport:
    export = run(EXPORT_DATA, ExportData(make_request(person, portal)), portal.portal.services).export
    assert export is not None
    return export


def read(portal: Running, export: DataExport) -> DataExport:
    found = portal.portal.services.data_exports.get(export.owner_id, export.id)
    assert found is not None
    return found


def write(portal: Running, looks: int = 1_000) -> None:
    """One minute's work; looks: how often there is time left."""
    times = iter([60.0] * looks)
    write_data_exports(portal.portal.services, lambda: next(times, 0.0))


def unpack(portal: Running, export: DataExport) -> dict[str, list[dict[str, Any]]]:
    done = read(portal, export)
    assert done.state is ExportState.READY
    s3 = clients(portal.config.region).get("s3")
    body = s3.get_object(Bucket=portal.config.logs_bucket, Key=export.key)["Body"].read()
    assert len(body) == done.size == done.written
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        assert "activity.jsonl" in archive.read("README.txt").decode()
        lines = {name: archive.read(name).decode().splitlines() for name in archive.namelist()}
    del lines["README.txt"]
    return {name: [json.loads(each) for each in found] for name, found in lines.items()}


def test_everything_of_theirs_is_in_it(lived: Running) -> None:
    export = ask(lived)
    write(lived)
    found = unpack(lived, export)
    assert set(found) == {f"{each}.jsonl" for each in Section}
    kinds = {row["kind"] for row in found["account.jsonl"]}
    assert {"profile", "usage", "session", "group", "known"} <= kinds
    assert len(found["files.jsonl"]) == 3
    assert sorted(len(each["files"]) for each in found["shares.jsonl"]) == [1, 2]
    assert all(each["recipients"] for each in found["shares.jsonl"])
    (received,) = found["received.jsonl"]
    assert received["share"]["owner_name"] == BEN.name
    actions = {row["action"] for row in found["activity.jsonl"]}
    assert {"share.created", "group.made", "person.data_exported"} <= actions
    assert {row["actor"]["id"] for row in found["activity.jsonl"]} == {ANA.id}


def test_nothing_in_it_opens_anything(lived: Running) -> None:
    """Neither sessions nor links, nor what others keep to themselves."""
    export = ask(lived)
    write(lived)
    text = json.dumps(unpack(lived, export))
    assert not [name for name in SECRETS if f'"{name}":' in text]
    assert "Ben Okoro's board" not in text
    assert "Ben Okoro 1.pdf" not in text


@pytest.mark.parametrize("looks", [2, 3, 5, 8])
def test_it_is_gone_on_with_minute_after_minute(lived: Running, looks: int) -> None:
    export = ask(lived)
    for _ in range(60):
        if read(lived, export).state is ExportState.READY:
            break
        lived.clock.turn(minutes=3)
        write(lived, looks)
    assert len(unpack(lived, export)["files.jsonl"]) == 3


@pytest.mark.requirement("R61")
@pytest.mark.parametrize("place", [0, 1, 2, 5, 9, 14, 20])
def test_killed_at_any_call_it_is_whole_in_the_end(lived: Running, place: int) -> None:
    """Another goes on once its time is over; there is one archive, and one email about it."""
    export = ask(lived)
    write(lived, 3)
    with kill_at(lived, place):
        write(lived)
    for _ in range(2):
        lived.clock.turn(minutes=3)
        write(lived)
    assert len(unpack(lived, export)["shares.jsonl"]) == 2
    mails = [row for row in list_rows(lived) if row.get("kind", {}).get("S") == "data_ready"]
    assert len(mails) == 1


def test_one_is_collected_at_a_time_and_gone_after_a_week(lived: Running) -> None:
    export = ask(lived)
    with pytest.raises(TooMany):
        ask(lived)
    write(lived)
    services = lived.portal.services
    fetched = run(FETCH_DATA, FetchData(make_request(ANA, lived), export_id=export.id), services)
    assert export.key in fetched.address
    with pytest.raises(NotFound):
        run(FETCH_DATA, FetchData(make_request(BEN, lived), export_id=export.id), services)
    lived.clock.turn(days=KEPT_DAYS)
    with pytest.raises(NotFound):
        run(FETCH_DATA, FetchData(make_request(ANA, lived), export_id=export.id), services)


@pytest.mark.requirement("R61")
def test_it_goes_with_the_account(lived: Running) -> None:
    """Ready or under way."""
    done = ask(lived)
    write(lived)
    lived.clock.turn(seconds=1)
    under_way = ask(lived)
    write(lived, 3)
    close = CloseAccount(make_request(ANA, lived), confirmation=ANA.address)
    run(CLOSE_ACCOUNT, close, lived.portal.services)
    lived.clock.turn(minutes=5)
    sweep(lived.portal.services, lambda: 60.0)
    assert lived.portal.services.data_exports.list_newest(ANA.id) == []
    s3 = clients(lived.config.region).get("s3")
    left = s3.list_objects_v2(Bucket=lived.config.logs_bucket, Prefix="personal-data/").get("Contents", [])
    assert left == [], f"{done.id} {under_way.id}"


def test_half_an_archive_is_never_offered(lived: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where S3 has lost the parts it begins again."""
    export = ask(lived)
    with monkeypatch.context() as gone:
        gone.setattr(ExportStore, "put_part", lambda *_: None)
        write(lived)
    assert read(lived, export).state is ExportState.WAITING
    lived.clock.turn(minutes=3)
    write(lived)
    assert len(unpack(lived, export)["files.jsonl"]) == 3
