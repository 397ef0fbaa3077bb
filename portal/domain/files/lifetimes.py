"""How long files live, and when their owners are warned that one ends. Times are aware and UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from portal.domain.files.file import File, FileState

FOR_EVER_DAYS = 36_500  # the longest life there is, which no policy shortened; people read it as for ever
FOR_EVER_BEYOND = timedelta(days=FOR_EVER_DAYS // 2)
SOON, VERY_SOON = timedelta(days=7), timedelta(days=1)
# How long before its end a file's owner is warned, by how long it lives: nobody is warned of what they chose
# just before.
LEADS = ((timedelta(days=14), SOON), (timedelta(days=2), VERY_SOON))
LONGEST_LEAD = SOON + timedelta(days=1)  # with the hours to the one at which warnings go out
WARNING_HOUR = 6  # of a day (UTC): what ends on one day is told of at one time


@dataclass(frozen=True)
class UpcomingFile:
    """A file that the schedule looks at then."""

    file: File
    at: datetime


class SweepStep(StrEnum):
    """What the schedule does when it looks at a file."""

    WARN = "warn"  # tell its owner that its life ends
    TRASH = "trash"  # its life is over
    PURGE = "purge"  # its time in the trash is over
    GIVE_UP = "give_up"  # it was announced and never came, or was not what had been announced
    LEAVE = "leave"  # it is on legal hold


def find_sweep_step(file: File, at: datetime, *, held: bool) -> SweepStep:
    """What is done with a file that is looked at then, as things are now. at: in full seconds."""
    if held:
        return SweepStep.LEAVE
    if file.state in {FileState.PENDING, FileState.REJECTED}:
        return SweepStep.GIVE_UP
    if file.state is not FileState.READY:
        return SweepStep.PURGE
    is_end = file.keep_until is None or at >= file.keep_until.replace(microsecond=0)
    return SweepStep.TRASH if is_end else SweepStep.WARN


class Ending(StrEnum):
    """How near a file's end is, where it is near."""

    SOON = "soon"
    VERY_SOON = "very_soon"


def find_ending(ends_at: datetime | None, now: datetime) -> Ending | None:
    if ends_at is None or ends_at - now >= SOON:
        return None
    return Ending.VERY_SOON if ends_at - now < VERY_SOON else Ending.SOON


def is_for_ever(ends_at: datetime | None, now: datetime) -> bool:
    return ends_at is not None and ends_at - now > FOR_EVER_BEYOND


def find_warning_time(ends_at: datetime, since: datetime) -> datetime | None:
    """When to warn of the end of a life that counts since then; None where it is too short for a warning."""
    lead = next((lead for life, lead in LEADS if ends_at - since >= life), None)
    if lead is None:
        return None
    at = ends_at - lead
    hour = at.replace(hour=WARNING_HOUR, minute=0, second=0, microsecond=0)
    return max(hour if hour <= at else hour - timedelta(days=1), since)


def find_look_at_ready(file: File) -> datetime | None:
    """Of a file as it was taken in, or brought back."""
    ends = file.keep_until
    return find_next_look(ends, file.ready_at or file.created_at) if ends else None


def find_next_look(ends_at: datetime, since: datetime) -> datetime:
    """When the schedule has to look at a file that is ready: to warn of its end, or else to end it."""
    return find_warning_time(ends_at, since) or ends_at
