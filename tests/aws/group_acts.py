"""The acts of administrators on the organisation's groups."""

from __future__ import annotations

from tests.actions import sign_in_before
from tests.aws.acts import IDA, Act, act
from tests.builders import Running
from tests.workflows.contacts import groups


@act
def make_organisation_group(running: Running) -> Act:
    sign_in_before(running, IDA)
    yield
    groups.save_organisation_group(running)


@act
def change_organisation_group(running: Running) -> Act:
    sign_in_before(running, IDA)
    group = groups.save_organisation_group(running)
    yield
    groups.change_organisation_group(running, group, name="Board", recipients_text="z@example.com")


@act
def delete_organisation_group(running: Running) -> Act:
    sign_in_before(running, IDA)
    group = groups.save_organisation_group(running)
    yield
    groups.delete_organisation_group(running, group)


@act
def take_out_address(running: Running) -> Act:
    sign_in_before(running, IDA)
    groups.save_organisation_group(running)
    groups.save_organisation_group(running, "Board")
    yield
    groups.take_out(running, "X@example.com")
