"""Quotas: held from announcing to removing for good, given back whatever ends an upload."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from portal.aws.client.calls import clients
from portal.aws.client.keys import EXACT_TOTALS_KEY
from portal.config.settings import Config
from portal.domain.errors import Refusal
from portal.domain.files.file import File, FileState
from portal.domain.policy.quotas import OverQuota
from portal.engine.workflow import run
from portal.workflows.files import owned_files
from portal.workflows.upkeep.sweep import sweep
from portal.workflows.uploads import cancelling
from tests.actions import (
    complete_upload,
    make_id,
    make_person,
    make_request,
    put_object,
    read_state,
    reserve_file,
    upload_file,
)
from tests.builders import Clock, Running, make_environment, make_resources, make_running

pytestmark = pytest.mark.requirement("R37")

ANA, BEN = make_person("Ana Lopes"), make_person("Ben Okoro")
Portal = Callable[..., Running]


@pytest.fixture
def portal(aws: None, clock: Clock) -> Portal:
    """A portal with these limits, over the same table whatever they are."""

    def made(**limits: int) -> Running:
        return make_running(
            clock, **{f"PORTAL_MAX_{name.upper()}": str(most) for name, most in limits.items()}
        )

    return made


def read_usage(here: Running) -> tuple[int, int]:
    usage = here.portal.services.people.get_usage(ANA.id)
    return usage.files, usage.bytes


def change(here: Running, workflow: Any, file: File) -> File:
    context = owned_files.ChangeFile(
        make_request(ANA, here),
        file_id=file.id,
        **({"submission_id": make_id(here)} if workflow is owned_files.COPY else {}),
    )
    return run(workflow, context, here.portal.services).required_file


def cancel(here: Running, file: File) -> None:
    context = cancelling.Cancel(make_request(ANA, here), owner_id=ANA.id, file_id=file.id)
    run(cancelling.CANCEL, context, here.portal.services)


def test_what_is_announced_is_held_and_what_is_beyond_is_refused(portal: Portal) -> None:
    """Before anything is signed; the sentence says what is left and what this needs."""
    here = portal(person_bytes=100)
    reserve_file(here, ANA, size=60)
    before = read_state(here)
    with pytest.raises(OverQuota) as refused:
        reserve_file(here, ANA, size=41)
    assert refused.value.params == {"left_bytes": 40, "needed_bytes": 41}
    assert read_state(here) == before
    reserve_file(here, ANA, size=40)
    reserve_file(here, BEN, size=100)
    with pytest.raises(OverQuota):
        reserve_file(here, BEN, size=1)


def test_a_first_file_beyond_the_whole_quota_is_refused(portal: Portal) -> None:
    """Nobody has a counter yet that could say no."""
    with pytest.raises(OverQuota):
        reserve_file(portal(person_bytes=100), ANA, size=101)
    with pytest.raises(OverQuota):
        reserve_file(portal(total_bytes=100), ANA, size=101)


def test_files_are_counted_as_well(portal: Portal) -> None:
    here = portal(person_files=2)
    upload_file(here, ANA)
    reserve_file(here, ANA)
    with pytest.raises(OverQuota) as refused:
        reserve_file(here, ANA)
    assert refused.value.params == {"left": 0, "needed": 1}


def test_cancelled_rejected_and_never_come_give_back(portal: Portal) -> None:
    """Each whole, and once."""
    here = portal(person_bytes=36)
    first, second, third = (reserve_file(here, ANA) for _ in range(3))
    cancel(here, first)
    put_object(here, second, b"something else")
    assert complete_upload(here, ANA, second).required_file.state is FileState.REJECTED
    assert read_usage(here) == (1, 12)
    here.clock.turn(hours=25)
    for _ in range(2):
        sweep(here.portal.services, lambda: 60.0)
    assert read_usage(here) == (0, 0)
    assert here.portal.services.files.get(ANA.id, third.id) is None
    assert here.portal.services.people.get_totals().bytes == 0


def test_the_trash_counts_until_it_is_emptied(portal: Portal) -> None:
    here = portal(person_bytes=12)
    file = upload_file(here, ANA)
    change(here, owned_files.TRASH, file)
    with pytest.raises(OverQuota):
        reserve_file(here, ANA, size=1)
    change(here, owned_files.PURGE, file)
    assert read_usage(here) == (0, 0)
    upload_file(here, ANA)


def test_a_copy_needs_room_as_well(portal: Portal) -> None:
    here = portal(person_bytes=24)
    file = upload_file(here, ANA)
    assert change(here, owned_files.COPY, file).state is FileState.READY
    assert read_usage(here) == (2, 24)
    with pytest.raises(OverQuota):
        change(here, owned_files.COPY, file)


def test_without_scripts_what_is_left_is_held_and_the_rest_given_back(portal: Portal) -> None:
    """Nobody can tell the size before; the form takes no more than what is left."""
    here = portal(person_bytes=100)
    reserve_file(here, ANA, size=30)
    file = reserve_file(here, ANA, "plain.txt", None)
    assert (file.most_bytes, read_usage(here)) == (70, (2, 100))
    with pytest.raises(OverQuota):
        reserve_file(here, ANA, "more.txt", None)
    put_object(here, file, b"of some size")
    assert complete_upload(here, ANA, file).required_file.size == 12
    assert read_usage(here) == (2, 42)


def test_everybody_together(portal: Portal) -> None:
    """Across people, beginning with what there was before the limit was set."""
    upload_file(portal(), ANA)
    reserve_file(portal(), ANA)
    here = portal(total_bytes=40, total_files=9)
    room = here.portal.services.quotas.get_allowance(BEN.id, here.portal.services.limits)
    assert (room.bytes, room.max_bytes, room.bytes_left, room.files_left) == (0, None, 16, 7)
    reserve_file(here, BEN, size=10)
    with pytest.raises(OverQuota) as refused:
        reserve_file(here, BEN, size=7)
    assert refused.value.params == {"left_bytes": 6, "needed_bytes": 7}
    reserve_file(here, ANA, size=6)


def test_the_limit_of_all_is_right_again_after_a_time_without(portal: Portal) -> None:
    """What came and went in the meantime is made up for by the sweep."""
    file = upload_file(portal(total_bytes=40), ANA)
    change(portal(), owned_files.TRASH, file)
    change(portal(), owned_files.PURGE, file)
    upload_file(portal(), BEN, body=b"x" * 30)
    here = portal(total_bytes=40)
    sweep(here.portal.services, lambda: 60.0)
    assert here.portal.services.quotas.get_allowance(ANA.id, here.portal.services.limits).bytes_left == 10


def test_a_counter_of_all_that_was_never_levelled_lets_nothing_through(portal: Portal) -> None:
    """One that began with what somebody removed knows less than there is."""
    first, _ = (upload_file(portal(), ANA) for _ in range(2))
    here = portal(total_bytes=30)
    change(here, owned_files.TRASH, first)
    change(here, owned_files.PURGE, first)
    quotas = here.portal.services.quotas
    assert not quotas.table.try_transact(quotas.take(BEN.id, 1, 18, quotas.limits))
    quotas.level()
    assert not quotas.table.try_transact(quotas.take(BEN.id, 1, 19, quotas.limits))
    assert quotas.table.try_transact(quotas.take(BEN.id, 1, 18, quotas.limits))


@pytest.mark.parametrize("moved", [(1, 0), (0, 5), (1, 5)])
@pytest.mark.parametrize("is_new", [True, False])
def test_levelling_overwrites_nothing_that_moved_while_it_read(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, moved: tuple[int, int], is_new: bool
) -> None:
    """The next levelling makes up for it."""
    here = portal(total_bytes=100)
    quotas = here.portal.services.quotas
    if not is_new:
        quotas.table.transact(quotas.move(BEN.id, 3, 30))
    read = quotas.table.get_together

    def read_and_move(keys: Any) -> Any:
        found = read(keys)
        quotas.table.transact(quotas.move(BEN.id, *moved))
        return found

    monkeypatch.setattr(quotas.table, "get_together", read_and_move)
    before = (0, 0) if is_new else (3, 30)
    quotas.level()
    found = quotas.table.get(EXACT_TOTALS_KEY)
    assert (found["files"], found["bytes"]) == (before[0] + moved[0], before[1] + moved[1])


def test_uploads_of_before_the_quotas_are_counted_when_they_arrive(portal: Portal) -> None:
    """Their rows hold nothing, so nothing is given back for them either."""
    here = portal(person_bytes=100)
    arrives, cancelled, wrong = (reserve_file(here, ANA) for _ in range(3))
    table = clients(here.config.region).get("dynamodb")
    for each in (arrives, cancelled, wrong):
        table.update_item(
            TableName=here.config.table, UpdateExpression="REMOVE reserved_bytes",
            Key={"pk": {"S": f"FILE#{each.id}"}, "sk": {"S": "FILE"}},
        )  # fmt: skip
    table.delete_item(
        TableName=here.config.table, Key={"pk": {"S": f"PERSON#{ANA.id}"}, "sk": {"S": "USAGE"}}
    )
    cancel(here, cancelled)
    put_object(here, wrong, b"something else")
    complete_upload(here, ANA, wrong)
    put_object(here, arrives, b"twelve bytes")
    complete_upload(here, ANA, arrives)
    assert read_usage(here) == (1, 12)


STEPS = ["reserve", "plain", "arrive", "wrong", "cancel", "trash", "restore", "purge", "copy", "sweep"]


@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 5)), max_size=14))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_in_use_is_always_the_sum_of_what_there_is(steps: list[tuple[str, int]]) -> None:
    """Whatever people do, in whatever order; refused or not, the counters and the rows agree."""
    with mock_aws():
        make_resources(Config.from_env(make_environment()))
        limits = {"PORTAL_MAX_PERSON_BYTES": "60", "PORTAL_MAX_TOTAL_BYTES": "55"}
        here = make_running(Clock(), **limits)
        known: list[File] = []
        for step, number in steps:
            with suppress(Refusal):  # too much, or too late: the counters must agree all the same
                known += take(here, step, known[number % len(known)] if known else None)
            rows = [here.portal.services.files.get(ANA.id, each.id) for each in known]
            counted = [each for each in rows if each and each.state is not FileState.REJECTED]
            held = sum(each.reserved_bytes or each.size for each in counted)
            assert read_usage(here) == (len(counted), held), step
            assert held <= 55
            assert (
                here.portal.services.quotas.get_allowance(ANA.id, here.portal.services.limits).bytes_left
                == 55 - held
            ), step


def take(here: Running, step: str, file: File | None) -> list[File]:
    """Do one thing; the files that are new by it."""
    if step == "sweep":
        here.clock.turn(hours=25)
        sweep(here.portal.services, lambda: 60.0)
    elif step in {"reserve", "plain"}:
        return [reserve_file(here, ANA, size=12 if step == "reserve" else None)]
    elif file and step in {"arrive", "wrong"}:
        put_object(here, file, b"twelve bytes" if step == "arrive" else b"")
        complete_upload(here, ANA, file)
    elif file and step == "cancel":
        cancel(here, file)
    elif file:
        workflow = {
            "trash": owned_files.TRASH,
            "restore": owned_files.RESTORE,
            "purge": owned_files.PURGE,
            "copy": owned_files.COPY,
        }[step]
        made = change(here, workflow, file)
        return [made] if made.id != file.id else []
    return []


def test_what_is_in_use_is_nothing_at_first(portal: Portal) -> None:
    room = portal().portal.services.quotas.get_allowance(ANA.id, portal().portal.services.limits)
    assert (room.files, room.bytes, room.bytes_left, room.files_left) == (0, 0, None, None)
