"""What became of parts that nobody goes on with: swept, and never those of a live upload."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.workflows.upkeep.sweep import abort_stray_parts, sweep
from tests.actions import list_remains, make_id, make_person
from tests.builders import Clock, Running, make_running
from tests.parts import SMALL, announce_film, begin_upload, put_part, put_together, uploads
from tests.workflows.uploads.test_parts import now_of

pytestmark = pytest.mark.requirement("R38", "R61")

ANA = make_person("Ana Lopes")


@pytest.fixture
def portal(aws: None, clock: Clock) -> Running:
    return make_running(clock, **SMALL)


@pytest.mark.dates
def test_the_sweep_gives_up_what_got_no_part_for_a_day(portal: Running) -> None:
    """With the upload whose id never reached the row."""
    file, other = begin_upload(portal, ANA, 1), announce_film(portal, ANA, "b.mov")
    portal.portal.services.parts.begin(other, checked=True)  # killed before it was written down
    portal.clock.turn(hours=25)
    sweep(portal.portal.services, lambda: 60.0)
    assert (now_of(portal, file), now_of(portal, other)) == (None, None)
    assert (uploads(portal), list_remains(portal)) == ([], [])


@pytest.mark.dates
def test_the_sweep_lets_a_slow_upload_live(portal: Running, clock: Clock) -> None:
    """A part came within the day; it is looked at a day after the newest."""
    clock.turn(hours=-30)
    file = begin_upload(portal, ANA)
    clock.turn(hours=30)
    put_part(portal, file, 1)  # S3's own clock, which is now
    sweep(portal.portal.services, lambda: 60.0)
    assert now_of(portal, file) is not None
    assert portal.portal.services.files.list_due(clock(), 25) == []
    clock.turn(hours=25)
    sweep(portal.portal.services, lambda: 60.0)
    assert (uploads(portal), list_remains(portal)) == ([], [])


@pytest.mark.dates
def test_a_sweep_that_was_killed_is_gone_on_with(portal: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the parts and before the row."""
    begin_upload(portal, ANA, 1)
    portal.clock.turn(hours=25)
    forget = portal.portal.services.files.delete_pending
    monkeypatch.setattr(portal.portal.services.files, "delete_pending", lambda *_: exit_now())
    with pytest.raises(SystemExit):
        sweep(portal.portal.services, lambda: 60.0)
    monkeypatch.setattr(portal.portal.services.files, "delete_pending", forget)
    assert uploads(portal) == []
    sweep(portal.portal.services, lambda: 60.0)
    assert list_remains(portal) == []


def exit_now() -> bool:
    raise SystemExit


@pytest.mark.requirement("I3")
@pytest.mark.dates
def test_parts_of_no_upload_are_found_within_the_hour(portal: Running) -> None:
    """Of a file that is there already, of one that never was; those of a live upload stay."""
    done, live = begin_upload(portal, ANA, 1, 2, 3), begin_upload(portal, ANA, 1)
    put_together(portal, ANA, done)
    services = portal.portal.services
    services.parts.begin(done, checked=True)
    services.parts.begin(replace(done, id=make_id(portal)), checked=True)
    portal.clock.turn(days=2)
    portal.clock.now = portal.clock.now.replace(minute=1)
    abort_stray_parts(services, lambda: 60.0)
    assert len(uploads(portal)) == 3
    portal.clock.now = portal.clock.now.replace(minute=0)
    abort_stray_parts(services, lambda: 60.0)
    assert uploads(portal) == [live.upload_id]
