"""The acts of administrators on policies, and the one that gives a download back against its limit."""

from __future__ import annotations

from portal.domain.policy.policies import FOR_ALL
from portal.workflows.policy.policies import (
    CHANGE_POLICY,
    RESTORE_POLICY,
    ChangePolicy,
    RestorePolicy,
    Typed,
)
from portal.workflows.shares import give_back as giving_back
from tests.actions import download_file, link_token, share_files, upload_file
from tests.aws.acts import ANA, IDA, Act, act, do
from tests.builders import Running
from tests.web.signing import session_of
from tests.workflows.shares.test_give_back import break_off


def set_trash_days(running: Running, days: int, version: int) -> None:
    typed = {"trash_days": Typed(str(days))}
    do(running, CHANGE_POLICY, ChangePolicy, IDA, scope=FOR_ALL, typed=typed, version=version)


@act
def change_policy(running: Running) -> Act:
    session_of(running, IDA)
    yield
    set_trash_days(running, 3, version=0)


@act
def restore_policy(running: Running) -> Act:
    session_of(running, IDA)
    set_trash_days(running, 3, version=0)
    set_trash_days(running, 5, version=1)
    yield
    do(running, RESTORE_POLICY, RestorePolicy, IDA, wanted=1, version=2)


@act
def give_back(running: Running) -> Act:
    session_of(running, ANA)
    file = upload_file(running, ANA)
    made = share_files(running, ANA, [file], download_limit=1)
    download_file(running, link_token(running, made), file)
    break_off(running, made, file)
    yield
    asked = {"share_id": made.about, "recipient_id": made.recipients[0].id, "file_id": file.id, "seen": 1}
    do(running, giving_back.GIVE_BACK, giving_back.GiveBack, ANA, **asked)
