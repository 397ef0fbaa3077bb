"""Counters that drifted are found and put right, in either direction; what is sealed alone is counted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.aws.client.calls import clients
from portal.aws.client.table import Table
from portal.aws.client.usage_keys import day_usage_key, subject_usage_key
from portal.aws.client.writes import Write, delete, update
from portal.aws.tables.usage_table import changes_as_writes
from portal.domain.usage.figures import Figure, Kind, UsageChanges, place_of
from portal.repair import parse_arguments, repair
from portal.workflows.upkeep import recount as recounting
from portal.workflows.upkeep.recount import mend_day, recount_day
from tests.actions import (
    download_file,
    link_token,
    make_person,
    record_delivery,
    share_files,
    upload_file,
)
from tests.builders import Clock, Running
from tests.workflows.upkeep.sealing import BEGAN, run_minutes

ANA = make_person("Ana Lopes")
DAY = BEGAN.date()


@pytest.fixture
def clock() -> Clock:
    return Clock(BEGAN)


@pytest.fixture
def sealed(portal: Running) -> str:
    """A day with a delivery, sealed and so counted; the id of its file."""
    run_minutes(portal, 1)
    file = upload_file(portal, ANA)
    made = share_files(portal, ANA, [file])
    download_file(portal, link_token(portal, made), file)
    record_delivery(portal, made, file)
    run_minutes(portal, 6)
    return file.id


def change(portal: Running, write: Write) -> None:
    Table(clients(portal.config.region), portal.config.table, portal.clock).write(write)


def test_what_sealing_counted_is_what_the_log_says(
    portal: Running, sealed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    usage = portal.portal.services.usage.read([DAY]).days[DAY]
    assert (usage.count(Figure.UPLOADS), usage.count(Figure.BYTES_DELIVERED)) == (1, 12)
    assert usage.active == {place_of(ANA.id)}
    upload_file(portal, ANA, "not sealed yet.pdf")
    assert repair(DAY - timedelta(days=1), DAY, portal.portal.services, write=True) == 0
    assert capsys.readouterr().out == "Nothing differs.\n"


def test_too_much_and_too_little_are_named_and_put_right(
    portal: Running, sealed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of everybody, of one file, of one that is gone, and of one that never was."""
    services, before = portal.portal.services, recount_day(DAY, portal.portal.services).recorded
    change(portal, update(day_usage_key(DAY), "ADD #uploads :more, #shares :less, #active :place",
                          more=5, less=-1, place={1, 2}))  # fmt: skip
    change(portal, update(subject_usage_key(DAY, Kind.FILE, sealed), "ADD #list_size :less", less=-7))
    change(portal, delete(subject_usage_key(DAY, Kind.PERSON, ANA.id)))
    (stray,) = changes_as_writes(UsageChanges({}, {
        subject._replace(id="stray"): usage for subject, usage in before.subjects.items()
        if subject.kind is Kind.DOMAIN
    }))  # fmt: skip
    change(portal, stray)
    assert repair(DAY, DAY, services, write=False) == 1
    said = capsys.readouterr().out
    for line in (
        "uploads: counted 6, recorded 1", "shares: counted 0, recorded 1",
        "active_people: counted 3, recorded 1", f"file {sealed} bytes_delivered: counted 5, recorded 12",
        f"person {ANA.id} bytes_delivered: counted 0, recorded 12",
        "domain stray downloads: counted 1, recorded 0",
    ):  # fmt: skip
        assert f"{DAY} {line}\n" in said
    assert repair(DAY, DAY, services, write=True) == 0
    assert repair(DAY, DAY, services, write=False) == 0
    after = recount_day(DAY, services)
    assert after.counted.days == before.days
    assert {subject: each.counts for subject, each in after.counted.subjects.items() if each.counts} == {
        subject: each.counts for subject, each in before.subjects.items()
    }


def test_a_day_without_counters_gets_them(portal: Running, sealed: str) -> None:
    change(portal, delete(day_usage_key(DAY)))
    assert repair(DAY, DAY, portal.portal.services, write=True) == 0
    assert portal.portal.services.usage.read([DAY]).days[DAY].count(Figure.DOWNLOADS) == 1


def test_a_counter_that_moved_meanwhile_is_left(portal: Running, sealed: str) -> None:
    services = portal.portal.services
    change(portal, update(day_usage_key(DAY), "ADD #uploads :more", more=1))
    seen = recount_day(DAY, services)
    change(portal, update(day_usage_key(DAY), "ADD #uploads :more", more=1))
    assert not mend_day(seen, services)
    assert services.usage.read([DAY]).days[DAY].count(Figure.UPLOADS) == 3


def test_what_is_sealed_meanwhile_is_counted_anew(
    portal: Running, sealed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records are sealed between the reading of the log and that of the counters."""
    upload_file(portal, ANA, "late.pdf")
    fold, moments = recounting.fold, iter([lambda: run_minutes(portal, 6), lambda: None])

    def fold_then_seal(records: object) -> UsageChanges:
        made = fold(records)  # type: ignore[arg-type]
        next(moments)()
        return made

    monkeypatch.setattr(recounting, "fold", fold_then_seal)
    assert recount_day(DAY, portal.portal.services).drift == []


def test_the_command_names_its_days() -> None:
    asked = parse_arguments(["2026-02-01", "2026-02-03", "--write"])
    assert (str(asked.first), str(asked.last), asked.write) == ("2026-02-01", "2026-02-03", True)
    with pytest.raises(SystemExit):
        parse_arguments(["yesterday"])
