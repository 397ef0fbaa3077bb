"""Quotas: held from announcing to removing for good, given back whatever ends an upload (R37)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from portal.aws.calls import clients
from portal.config import Config
from portal.domain.errors import Refusal
from portal.domain.files import File, FileState
from portal.domain.quotas import OverQuota
from portal.workflows import cancelling, files
from portal.workflows.engine import run
from portal.workflows.sweep import sweep
from tests.builders import Clock, Running, environment, make_resources, running
from tests.doing import asked_by, completed, new_id, put_object, reserved, somebody, state, uploaded

ANA, BEN = somebody("Ana Lopes"), somebody("Ben Okoro")
Portal = Callable[..., Running]


@pytest.fixture
def portal(aws: None, clock: Clock) -> Portal:
    """A portal with these limits, over the same table whatever they are."""

    def made(**limits: int) -> Running:
        return running(clock, **{f"PORTAL_MAX_{name.upper()}": str(most) for name, most in limits.items()})

    return made


def used(here: Running) -> tuple[int, int]:
    usage = here.portal.services.people.usage(ANA.id)
    return usage.files, usage.bytes


def change(here: Running, workflow: Any, file: File) -> File:
    context = files.ChangeFile(
        **asked_by(ANA, here),
        file_id=file.id,
        **({"submission_id": new_id(here)} if workflow is files.COPY else {}),
    )
    return run(workflow, context, here.portal.services).mine


def cancel(here: Running, file: File) -> None:
    context = cancelling.Cancel(**asked_by(ANA, here), owner_id=ANA.id, file_id=file.id)
    run(cancelling.CANCEL, context, here.portal.services)


def test_what_is_announced_is_held_and_what_is_beyond_is_refused(portal: Portal) -> None:
    """R37: before anything is signed; the sentence says what is left and what this needs."""
    here = portal(person_bytes=100)
    reserved(here, ANA, size=60)
    before = state(here)
    with pytest.raises(OverQuota) as refused:
        reserved(here, ANA, size=41)
    assert refused.value.values == {"left_bytes": 40, "needed_bytes": 41}
    assert state(here) == before
    reserved(here, ANA, size=40)
    reserved(here, BEN, size=100)
    with pytest.raises(OverQuota):
        reserved(here, BEN, size=1)


def test_a_first_file_beyond_the_whole_quota_is_refused(portal: Portal) -> None:
    """R37: nobody has a counter yet that could say no."""
    with pytest.raises(OverQuota):
        reserved(portal(person_bytes=100), ANA, size=101)
    with pytest.raises(OverQuota):
        reserved(portal(total_bytes=100), ANA, size=101)


def test_files_are_counted_as_well(portal: Portal) -> None:
    """R37."""
    here = portal(person_files=2)
    uploaded(here, ANA)
    reserved(here, ANA)
    with pytest.raises(OverQuota) as refused:
        reserved(here, ANA)
    assert refused.value.values == {"left": 0, "needed": 1}


def test_cancelled_rejected_and_never_come_give_back(portal: Portal) -> None:
    """R37: each whole, and once."""
    here = portal(person_bytes=36)
    first, second, third = (reserved(here, ANA) for _ in range(3))
    cancel(here, first)
    put_object(here, second, b"something else")
    assert completed(here, ANA, second).mine.state is FileState.REJECTED
    assert used(here) == (1, 12)
    here.clock.turn(hours=25)
    for _ in range(2):
        sweep(here.portal.services, lambda: 60.0)
    assert used(here) == (0, 0)
    assert here.portal.services.files.get(ANA.id, third.id) is None
    assert here.portal.services.people.totals().bytes == 0


def test_the_trash_counts_until_it_is_emptied(portal: Portal) -> None:
    """R37."""
    here = portal(person_bytes=12)
    file = uploaded(here, ANA)
    change(here, files.TRASH, file)
    with pytest.raises(OverQuota):
        reserved(here, ANA, size=1)
    change(here, files.PURGE, file)
    assert used(here) == (0, 0)
    uploaded(here, ANA)


def test_a_copy_needs_room_as_well(portal: Portal) -> None:
    """R37."""
    here = portal(person_bytes=24)
    file = uploaded(here, ANA)
    assert change(here, files.COPY, file).state is FileState.READY
    assert used(here) == (2, 24)
    with pytest.raises(OverQuota):
        change(here, files.COPY, file)


def test_without_scripts_what_is_left_is_held_and_the_rest_given_back(portal: Portal) -> None:
    """R37: nobody can tell the size before; the form takes no more than what is left."""
    here = portal(person_bytes=100)
    reserved(here, ANA, size=30)
    file = reserved(here, ANA, "plain.txt", None)
    assert (file.most_bytes, used(here)) == (70, (2, 100))
    with pytest.raises(OverQuota):
        reserved(here, ANA, "more.txt", None)
    put_object(here, file, b"of some size")
    assert completed(here, ANA, file).mine.size == 12
    assert used(here) == (2, 42)


def test_everybody_together(portal: Portal) -> None:
    """R37: across people, beginning with what there was before the limit was set."""
    uploaded(portal(), ANA)
    reserved(portal(), ANA)
    here = portal(total_bytes=40, total_files=9)
    room = here.portal.services.quotas.allowance(BEN.id)
    assert (room.bytes, room.max_bytes, room.bytes_left, room.files_left) == (0, None, 16, 7)
    reserved(here, BEN, size=10)
    with pytest.raises(OverQuota) as refused:
        reserved(here, BEN, size=7)
    assert refused.value.values == {"left_bytes": 6, "needed_bytes": 7}
    reserved(here, ANA, size=6)


def test_the_limit_of_all_is_right_again_after_a_time_without(portal: Portal) -> None:
    """R37: what came and went meanwhile is made up for by the sweep."""
    file = uploaded(portal(total_bytes=40), ANA)
    change(portal(), files.TRASH, file)
    change(portal(), files.PURGE, file)
    uploaded(portal(), BEN, body=b"x" * 30)
    here = portal(total_bytes=40)
    sweep(here.portal.services, lambda: 60.0)
    assert here.portal.services.quotas.allowance(ANA.id).bytes_left == 10


def test_uploads_of_before_the_quotas_are_counted_when_they_arrive(portal: Portal) -> None:
    """R37: their rows hold nothing, so nothing is given back for them either."""
    here = portal(person_bytes=100)
    arrives, cancelled, wrong = (reserved(here, ANA) for _ in range(3))
    table = clients(here.config.region).get("dynamodb")
    for each in (arrives, cancelled, wrong):
        table.update_item(
            TableName=here.config.table, UpdateExpression="REMOVE reserved_bytes",
            Key={"pk": {"S": f"PERSON#{ANA.id}"}, "sk": {"S": f"FILE#{each.id}"}},
        )  # fmt: skip
    table.delete_item(
        TableName=here.config.table, Key={"pk": {"S": f"PERSON#{ANA.id}"}, "sk": {"S": "USAGE"}}
    )
    cancel(here, cancelled)
    put_object(here, wrong, b"something else")
    completed(here, ANA, wrong)
    put_object(here, arrives, b"twelve bytes")
    completed(here, ANA, arrives)
    assert used(here) == (1, 12)


STEPS = ["reserve", "plain", "arrive", "wrong", "cancel", "trash", "restore", "purge", "copy", "sweep"]


@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 5)), max_size=14))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_in_use_is_always_the_sum_of_what_there_is(steps: list[tuple[str, int]]) -> None:
    """R37: whatever people do, in whatever order; refused or not, the counters and the rows agree."""
    with mock_aws():
        make_resources(Config.from_env(environment()))
        limits = {"PORTAL_MAX_PERSON_BYTES": "60", "PORTAL_MAX_TOTAL_BYTES": "55"}
        here = running(Clock(), **limits)
        known: list[File] = []
        for step, number in steps:
            with suppress(Refusal):  # too much, or too late: the counters must agree all the same
                known += take(here, step, known[number % len(known)] if known else None)
            rows = [here.portal.services.files.get(ANA.id, each.id) for each in known]
            counted = [each for each in rows if each and each.state is not FileState.REJECTED]
            held = sum(each.reserved_bytes or each.size for each in counted)
            assert used(here) == (len(counted), held), step
            assert held <= 55
            assert here.portal.services.quotas.allowance(ANA.id).bytes_left == 55 - held, step


def take(here: Running, step: str, file: File | None) -> list[File]:
    """Do one thing; the files that are new by it."""
    if step == "sweep":
        here.clock.turn(hours=25)
        sweep(here.portal.services, lambda: 60.0)
    elif step in {"reserve", "plain"}:
        return [reserved(here, ANA, size=12 if step == "reserve" else None)]
    elif file and step in {"arrive", "wrong"}:
        put_object(here, file, b"twelve bytes" if step == "arrive" else b"")
        completed(here, ANA, file)
    elif file and step == "cancel":
        cancel(here, file)
    elif file:
        workflow = {"trash": files.TRASH, "restore": files.RESTORE, "purge": files.PURGE, "copy": files.COPY}[
            step
        ]
        made = change(here, workflow, file)
        return [made] if made.id != file.id else []
    return []


def test_what_is_in_use_is_nothing_at_first(portal: Portal) -> None:
    room = portal().portal.services.quotas.allowance(ANA.id)
    assert (room.files, room.bytes, room.bytes_left, room.files_left) == (0, 0, None, None)
