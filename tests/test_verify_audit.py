"""The command that checks an exported log, as an auditor runs it: with files alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from portal.verify_audit import main
from tests.domain.audit.sealed_logs import Export, make_usual_export


def write(folder: Path, export: Export) -> list[str]:
    """The files of an export; the arguments that name them."""
    paths = {name: folder / f"{name}.json" for name in ("records", "seals", "root")}
    for name, lines in (("records", export.records), ("seals", export.seals), ("root", [export.root])):
        paths[name].write_text("\n".join(map(json.dumps, lines)) + "\n")
    return [str(paths["records"]), "--seals", str(paths["seals"]), "--roots", str(paths["root"])]


def test_a_sound_log_is_summed_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = write(tmp_path, make_usual_export())
    assert main(arguments) == 0
    assert capsys.readouterr().out == (
        "9 records: 9 as they were sealed, 0 too new to be sealed; 5 seals in 2 shards, compared with the "
        "roots of 1 days; days 2026-02-06 to 2026-02-06.\n"
    )


def test_seals_may_stand_in_the_export_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export = make_usual_export()
    export.records += export.seals
    assert main(write(tmp_path, export)[:1]) == 0
    assert "compared with no day's root" in capsys.readouterr().out


def edit(records: list[dict[str, Any]]) -> None:
    records[3]["about"] = "another"


def remove(records: list[dict[str, Any]]) -> None:
    del records[3]


def add(records: list[dict[str, Any]]) -> None:
    records.append({**records[3], "mark": records[3]["mark"] + "1"})


def move(records: list[dict[str, Any]]) -> None:
    records[3] |= {"mark": "2026-02-06T10:00:00.000000+00:00#1", "at": "2026-02-06T10:00:00.000000+00:00"}


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (
            edit,
            "09:00:03.000000 UTC (recipient.link_opened) was changed after it was sealed. It belongs to seal",
        ),
        (remove, "A record of 2026-02-06 09:00:03.000000 UTC was removed after it was sealed."),
        (add, "09:00:03.000000 UTC (recipient.link_opened) was added"),
        (
            move,
            "A record was moved between 2026-02-06 09:00:03.000000 UTC and 2026-02-06 10:00:00.000000 UTC",
        ),
    ],
)
def test_the_first_record_is_named_in_words(
    tamper: Any, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export = make_usual_export()
    tamper(export.records)
    assert main(write(tmp_path, export)) == 1
    shown = capsys.readouterr().out
    assert said in shown
    assert "Mark: 2026-02-06T09:00:03.000000+00:00#" in shown


def test_a_chain_that_does_not_hold_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export = make_usual_export()
    export.seals = [each for each in export.seals if (each["kind"], each.get("number")) != ("seal", 2)]
    assert main(write(tmp_path, export)) == 1
    assert "Seal 2 of shard 0 is missing." in capsys.readouterr().out


@pytest.mark.parametrize("text", ["no JSON", "[]", '{"about": "a record without a mark"}', ""])
def test_what_cannot_be_compared_is_no_success(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = write(tmp_path, make_usual_export())
    (tmp_path / "records.json").write_text(text)
    assert main(arguments if text else arguments[:1]) == 2
    assert main([str(tmp_path / "none.json")]) == 2
    shown = capsys.readouterr()
    assert "Nothing was compared" in shown.err
    assert not shown.out
