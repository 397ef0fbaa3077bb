"""The one email of a share that has one: claimed in the share's transaction, and handed over right after it.

Whoever dies in between leaves it as any claimed email is left: due again when its lease is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from portal.domain.files.file import File
from portal.domain.mail.mail_job import MailJob, MailState
from portal.domain.shares.share import Recipient, Share
from portal.engine.services import Services
from portal.workflows.mail.delivery import deliver
from portal.workflows.mail.mail_jobs import write_invitation


def find_only_mail(recipients: Sequence[Recipient], files: Sequence[File]) -> Recipient | None:
    """Who alone gets an email, where no file waits for its scan. Of several emails some may be left to the
    schedule.
    """
    queued = [each for each in recipients if each.mail.state is MailState.QUEUED]
    return queued[0] if len(queued) == 1 and not any(each.scan_closed for each in files) else None


def claim_only_mail(
    recipients: Sequence[Recipient], files: Sequence[File], share: Share
) -> tuple[Recipient, ...]:
    """The recipients as they are written."""
    only = find_only_mail(recipients, files)
    return tuple(
        replace(each, mail=each.mail.claim(share.created_at)) if each is only else each for each in recipients
    )


def send_claimed(share: Share, recipient: Recipient, services: Services) -> MailJob:
    """recipient: as before it was claimed. The share's transaction has just found its files in order."""
    write = partial(write_invitation, share, recipient, services)
    return deliver(recipient, write, services, share, is_claimed=True)
