"""From a sealed log to the auditor: the days' roots outside the table, exports that are checked by them, and
the proof of a single record.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from portal.domain.audit.canonical import describe_record
from portal.domain.audit.chain import read_chain
from portal.domain.errors import Unavailable
from portal.queries.admin.seals import find_proof, list_seal_lines
from portal.verify_audit import main
from portal.workflows.upkeep.seal_log import seal_log
from tests.builders import Clock, Running
from tests.workflows.upkeep.sealing import (
    BEGAN,
    FIRST,
    read_log,
    read_roots,
    run_minutes,
    seal,
    write_records,
)

pytestmark = pytest.mark.requirement("R65")


@pytest.fixture
def clock() -> Clock:
    return Clock(BEGAN)


def test_a_day_that_is_over_has_its_root_outside_the_table(portal: Running) -> None:
    """Once every shard was read a third time, and one for each day that nobody sealed."""
    write_records(portal, BEGAN, 20)
    run_minutes(portal, 5)
    portal.clock.turn(hours=14)  # 23:05
    seal(portal)
    assert [each["day"] for each in read_roots(portal)] == ["2026-02-05"]
    portal.clock.turn(hours=50)
    seal(portal)
    roots = read_roots(portal)
    assert [each["day"] for each in roots] == ["2026-02-05", "2026-02-06", "2026-02-07", "2026-02-08"]
    chain = read_chain(list_seal_lines(FIRST, portal.clock.now.date(), portal.portal.services), roots)
    assert chain.findings == []
    assert sum(each["number"] for each in roots[1]["shards"]) == chain.count == 4
    run_minutes(portal, 2)
    assert read_roots(portal) == roots


def test_a_root_is_stored_once(portal: Running) -> None:
    """What is there stays, whoever stores another for the day: where the bucket has no lock as well."""
    seal(portal)
    portal.clock.turn(days=1)
    seal(portal)
    stored = read_roots(portal)
    found = portal.portal.services.seals.get_last_root()
    assert found
    portal.portal.services.root_store.store(replace(found[0], root="another"))
    assert read_roots(portal) == stored


def test_a_root_that_could_not_be_stored_is_stored_later(portal: Running) -> None:
    """As it was fixed the first time, though seals were made since."""
    seal(portal)
    portal.clock.turn(days=1)

    class NoAnswer:
        def store(self, root: object) -> None:
            raise Unavailable()

    with pytest.raises(Unavailable):
        seal_log(replace(portal.portal.services, root_store=NoAnswer()), lambda: 29.0)
    assert len(read_roots(portal)) == 1  # of the day before
    fixed = portal.portal.services.seals.get_last_root()
    write_records(portal, portal.clock.now, 5)
    run_minutes(portal, 4)
    assert fixed
    assert read_roots(portal)[1] == fixed[0].describe()


def test_an_exported_log_is_verified_by_the_command(portal: Running, tmp_path: Path) -> None:
    """From the sealing to the auditor: the files that an export makes, and the days' roots."""
    write_records(portal, BEGAN, 12)
    run_minutes(portal, 4)
    portal.clock.turn(days=1)
    seal(portal)
    lines = [describe_record(each) for each in read_log(portal)]
    lines += list(list_seal_lines(FIRST, portal.clock.now.date(), portal.portal.services))
    export, root = tmp_path / "export.jsonl", tmp_path / "root.json"
    export.write_text("".join(f"{json.dumps(each)}\n" for each in lines))
    root.write_text(json.dumps(read_roots(portal)[-1]))
    assert main([str(export), "--roots", str(root)]) == 0
    export.write_text("".join(f"{json.dumps(each)}\n" for each in lines[1:]))
    assert main([str(export), "--roots", str(root)]) == 1


def test_a_record_of_the_log_is_proved_to_be_sealed(
    portal: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By itself, with what its page offers; and not where one letter of it is another."""
    write_records(portal, BEGAN, 30)
    records = read_log(portal)
    assert find_proof(records[0], portal.portal.services) is None
    run_minutes(portal, 4)
    for each in records:
        proof = find_proof(each, portal.portal.services)
        assert proof
        assert proof.holds
    told, file = proof.describe(), tmp_path / "proof.json"
    file.write_text(json.dumps(told))
    assert main(["--proof", str(file)]) == 0
    assert f"The record is in seal 1 of shard {proof.seal.shard}" in capsys.readouterr().out
    file.write_text(json.dumps(told | {"record": {**told["record"], "about": "other"}}))
    assert main(["--proof", str(file)]) == 1
    assert "is not the one in seal" in capsys.readouterr().out
    for text in ("{}", json.dumps(told | {"record": 5}), json.dumps(told | {"path": ["x"]})):
        file.write_text(text)
        assert main(["--proof", str(file)]) == 2
