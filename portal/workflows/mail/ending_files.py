"""Owners are warned before their files' lives end: once for each end, of all that end together in one email.

What is on legal hold does not end, and nobody is told that it does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from portal.domain.files.file import File, FileState
from portal.domain.files.lifetimes import LONGEST_LEAD
from portal.domain.ids import derive_id
from portal.domain.mail.mail_job import MailJob
from portal.domain.mail.notifications import Notification, NotificationKind
from portal.domain.shares.digests import EndingEntry
from portal.engine.budgets import MIN_REMAINING_SECONDS
from portal.engine.services import Services
from portal.engine.workflow import isolate_failures
from portal.workflows.mail.delivery import skip
from portal.workflows.mail.digests import tell_together
from portal.workflows.mail.notifications import COLLECTING

FILES_A_NOTICE = 50  # written in one transaction of a hundred, and read in one call
LOOK_AGAIN = timedelta(days=1)  # at what is on legal hold


class EndingFiles:
    """Files that were found to end, by owner. They are told of in pieces, so that none waits for many."""

    def __init__(self, services: Services, seconds_left: Callable[[], float]) -> None:
        self.services = services
        self.seconds_left = seconds_left
        self.by_owner: dict[str, list[str]] = {}

    def add(self, file: File) -> None:
        ids = self.by_owner.setdefault(file.owner_id, [])
        ids.append(file.id)
        if len(ids) == FILES_A_NOTICE:
            self.warn(file.owner_id)

    def warn(self, owner_id: str) -> None:
        ids = self.by_owner.pop(owner_id)
        if self.seconds_left() >= MIN_REMAINING_SECONDS:  # else they are still due
            with isolate_failures("files that end"):
                warn_owner(owner_id, ids, self.services)

    def warn_all(self) -> None:
        for owner_id in list(self.by_owner):
            self.warn(owner_id)


def is_to_warn_of(file: File, services: Services) -> bool:
    """Whether a file that is due has not come to its end yet."""
    now = services.clock()
    return file.state is FileState.READY and file.keep_until is not None and file.keep_until > now


def warn_owner(owner_id: str, file_ids: Sequence[str], services: Services) -> None:
    """Queue one email about all of these. Read again, since the list of what is due runs behind."""
    known = services.files.get_many(owner_id, file_ids)
    files = [each for each in known if is_to_warn_of(each, services)]
    held = services.file_endings.find_held([owner_id, *(each.id for each in files)])
    for each in files:
        if not held.isdisjoint({owner_id, each.id}):
            services.files.put_off(each, services.clock() + LOOK_AGAIN)
    ending = [each for each in files if held.isdisjoint({owner_id, each.id})]
    if ending and not services.file_endings.warn(ending, draft_notice(owner_id, ending, services)):
        for each in ending:  # so that one which was changed just now keeps no other back
            services.file_endings.warn([each], draft_notice(owner_id, [each], services))


def draft_notice(owner_id: str, files: Sequence[File], services: Services) -> Notification | None:
    """None where nobody can be told."""
    owner, now = services.people.get(owner_id), services.clock()
    if owner is None or not owner.address:
        return None
    ends = [f"{each.id} {each.keep_until}" for each in files]
    return Notification(
        id=derive_id(NotificationKind.ENDING, owner_id, *ends), kind=NotificationKind.ENDING,
        to=owner.address, share_id="", person_id=owner_id,
        values={"files": " ".join(each.id for each in files)}, created_at=now,
        mail=MailJob(due_at=now + COLLECTING, changed_at=now),
    )  # fmt: skip


def tell_of_endings(notice: Notification, services: Services) -> MailJob:
    """With all that waits to be told of in the same way."""
    write = services.mail_renderer.render_endings
    return tell_together(notice, (NotificationKind.ENDING,), select_endings, write, services)


def select_endings(notices: list[Notification], services: Services) -> list[EndingEntry]:
    """What still ends: not what is deleted, kept longer, handed over or on legal hold by now."""
    owner_id = notices[0].person_id
    off, found = services.people.get_mails_off(owner_id), list[EndingEntry]()
    for notice in notices:
        files = () if notice.kind in off else list_still_ending(notice, services)
        if files:
            found.append(EndingEntry(notice, files))
        else:
            skip(notice, services)
    return found


def list_still_ending(notice: Notification, services: Services) -> tuple[File, ...]:
    owner_id, ids = notice.person_id, notice.values["files"].split()
    held = services.file_endings.find_held([owner_id, *ids])
    if owner_id in held:
        return ()
    files = services.files.get_many(owner_id, [each for each in ids if each not in held])
    last = (notice.created_at or services.clock()) + LONGEST_LEAD
    return tuple(
        each
        for each in files
        if is_to_warn_of(each, services) and each.keep_until and each.keep_until <= last
    )
