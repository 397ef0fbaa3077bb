"""Each part of the conditions on files refuses, by itself, what was overtaken since."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.aws.client.keys import file_key
from portal.aws.client.writes import update
from portal.aws.tables.file_shares import extend_with_new_share, extend_with_share
from portal.domain.files.file import File
from portal.domain.files.scans import Marks
from portal.domain.shares.share import Recipient, Share
from portal.engine.workflow import run
from portal.workflows.files import owned_files
from tests.actions import complete_upload, make_request, put_object, reserve_file, share_files, upload_file
from tests.builders import Running
from tests.overtaken import ANA, Cases, Write, read, record, services

CASES = Cases()


def ready(portal: Running) -> File:
    return upload_file(portal, ANA)


def move(portal: Running, file: File, how: str) -> None:
    workflow = {"trash": owned_files.TRASH, "restore": owned_files.RESTORE}[how]
    run(workflow, owned_files.ChangeFile(make_request(ANA, portal), file_id=file.id), services(portal))


def one_share_of(portal: Running, file: File) -> tuple[Share, Recipient]:
    made = share_files(portal, ANA, [file])
    return read(portal, made.about, made.recipients[0].id)


def extend(portal: Running, share: Share, file: File, days: int) -> Write:
    """Keep the file as long as the share would be open with so many days more."""
    later = replace(share, expires_at=portal.clock() + timedelta(days=days))
    return lambda: services(portal).files.table.try_transact([extend_with_share(later, file)])


def as_it_is(portal: Running, file: File) -> File:
    found = services(portal).files.get(ANA.id, file.id)
    assert found is not None
    return found


@CASES.expect(False)
def trashed_while_a_share_is_made_of_it(portal: Running) -> Write:
    """The share may have prolonged it, or been told that it stays."""
    file = ready(portal)
    share_files(portal, ANA, [file])
    now, day = portal.clock(), timedelta(days=1)
    return lambda: services(portal).files.trash(file, now, now + day, record(portal, file.id))


@CASES.expect(False)
def restored_since(portal: Running) -> Write:
    file = ready(portal)
    move(portal, file, "trash")
    seen = as_it_is(portal, file)
    move(portal, file, "restore")
    return lambda: services(portal).files.restore(seen, portal.clock(), record(portal, file.id))


@CASES.expect(False)
def restored_while_a_share_of_it_is_prolonged(portal: Running) -> Write:
    """It would be kept for less time than the share."""
    file = ready(portal)
    share, _ = one_share_of(portal, file)
    move(portal, file, "trash")
    seen = as_it_is(portal, file)
    assert extend(portal, share, seen, 40)()
    return lambda: services(portal).files.restore(seen, portal.clock(), record(portal, file.id))


@CASES.expect(False)
def prolonged_after_it_was_restored(portal: Running) -> Write:
    """What is not in the trash any more is due when it ends, not when its grace does."""
    file = ready(portal)
    share, _ = one_share_of(portal, file)
    move(portal, file, "trash")
    seen = as_it_is(portal, file)
    move(portal, file, "restore")
    return extend(portal, share, seen, 40)


@CASES.expect(False)
def prolonged_where_another_share_prolonged_it_since(portal: Running) -> Write:
    file = ready(portal)
    share, _ = one_share_of(portal, file)
    seen = as_it_is(portal, file)
    assert extend(portal, share, seen, 60)()
    return extend(portal, share, seen, 40)


@CASES.expect(False)
def kept_long_enough_for_a_share_until_just_now(portal: Running) -> Write:
    file = ready(portal)
    share, _ = one_share_of(portal, file)
    assert extend(portal, share, as_it_is(portal, file), 60)()
    seen = as_it_is(portal, file)
    until = portal.clock() + timedelta(days=50)
    assert services(portal).file_shares.keep(seen, until, until, record(portal, file.id))
    return extend(portal, share, seen, 55)


@CASES.expect(False)
def doomed_after_it_was_restored(portal: Running) -> Write:
    file = ready(portal)
    move(portal, file, "trash")
    seen = as_it_is(portal, file)
    move(portal, file, "restore")
    return lambda: services(portal).files.mark_purged(seen, record(portal, file.id))


@CASES.expect(False)
def purged_before_it_was_doomed(portal: Running) -> Write:
    file = ready(portal)
    move(portal, file, "trash")
    return lambda: services(portal).files.purge(as_it_is(portal, file), record(portal, file.id))


@CASES.expect(False)
def renamed_in_the_trash(portal: Running) -> Write:
    file = ready(portal)
    move(portal, file, "trash")
    return lambda: services(portal).files.rename(file, "other.pdf", record(portal, file.id))


@CASES.expect(False)
def renamed_by_somebody_else_since(portal: Running) -> Write:
    file = ready(portal)
    context = owned_files.ChangeFile(make_request(ANA, portal), file_id=file.id, name="first.pdf")
    run(owned_files.RENAME, context, services(portal))
    return lambda: services(portal).files.rename(file, "other.pdf", record(portal, file.id))


def complete_meanwhile(portal: Running) -> File:
    """A file as it was when it was announced, which has arrived since."""
    file = reserve_file(portal, ANA)
    put_object(portal, file, b"twelve bytes")
    assert complete_upload(portal, ANA, file).file
    return file


@CASES.expect(False)
def given_up_after_it_arrived(portal: Running) -> Write:
    file = complete_meanwhile(portal)
    return lambda: services(portal).files.cancel(file, record(portal, file.id))


@CASES.expect(False)
def rejected_after_it_arrived(portal: Running) -> Write:
    file = complete_meanwhile(portal)
    return lambda: services(portal).files.reject(file, "late", record(portal, file.id))


@CASES.expect(False)
def held_after_it_arrived(portal: Running) -> Write:
    file = complete_meanwhile(portal)
    return lambda: services(portal).files.put_off(file, portal.clock())


@CASES.expect(False)
def begun_after_it_was_given_up(portal: Running) -> Write:
    file = reserve_file(portal, ANA)
    assert services(portal).files.cancel(file, record(portal, file.id))
    return lambda: services(portal).files.begin(file, "upload", record(portal, file.id))


@CASES.expect(False)
def begun_by_somebody_else_since(portal: Running) -> Write:
    file = reserve_file(portal, ANA)
    assert services(portal).files.begin(file, "first", record(portal, file.id))
    return lambda: services(portal).files.begin(file, "second", record(portal, file.id))


@CASES.expect(False)
def forgotten_after_what_it_held_was_given_back(portal: Running) -> Write:
    file = reserve_file(portal, ANA)
    assert services(portal).files.reject(file, "wrong", record(portal, file.id))
    return lambda: services(portal).files.delete_pending(file)


@CASES.expect(False)
def forgotten_after_it_arrived(portal: Running) -> Write:
    """Whatever it held then, it is a file now."""
    file = complete_meanwhile(portal)
    return lambda: services(portal).files.delete_pending(replace(file, reserved_bytes=0))


def find_threat(portal: Running, file: File) -> Write:
    found = [Marks.THREATS], None, record(portal, file.id)
    return lambda: services(portal).scans.note(file, file.version_id, *found)


@CASES.expect(False)
def threat_found_after_it_was_purged(portal: Running) -> Write:
    """What is found late brings nothing back."""
    file = ready(portal)
    move(portal, file, "trash")
    assert services(portal).files.mark_purged(file, record(portal, file.id))
    assert services(portal).files.purge(file, record(portal, file.id))
    return find_threat(portal, file)


@CASES.expect(False)
def threat_found_where_another_result_came_since(portal: Running) -> Write:
    file = ready(portal)
    assert find_threat(portal, file)()
    return find_threat(portal, file)


def keep(portal: Running, file: File, days: int) -> Write:
    until = portal.clock() + timedelta(days=days)
    return lambda: services(portal).file_shares.keep(file, until, None, record(portal, file.id))


@CASES.expect(False)
def kept_after_it_went_to_the_trash(portal: Running) -> Write:
    file = ready(portal)
    move(portal, file, "trash")
    return keep(portal, file, 7)


@CASES.expect(False)
def kept_by_somebody_else_since(portal: Running) -> Write:
    file = ready(portal)
    assert keep(portal, file, 30)()
    return keep(portal, file, 7)


@CASES.expect(False)
def told_its_hash_after_it_arrived(portal: Running) -> Write:
    """What came was compared with what was announced by then."""
    file = complete_meanwhile(portal)
    return lambda: services(portal).files.keep_hash(file, "0" * 64, None)


@CASES.expect(False)
def forgotten_as_if_it_held_nothing(portal: Running) -> Write:
    """What it holds would never be given back."""
    file = reserve_file(portal, ANA)
    return lambda: services(portal).files.delete_pending(replace(file, reserved_bytes=0))


@CASES.expect(False)
def shared_after_it_was_handed_over(portal: Running) -> Write:
    file = ready(portal)
    share, _ = one_share_of(portal, ready(portal))
    table = services(portal).files.table
    table.write(update(file_key(file.id), "SET #owner_id = :ben", "attribute_exists(#pk)", ben="ben"))
    return lambda: table.try_transact([extend_with_new_share(share, file)])


@pytest.mark.parametrize("name", CASES)
def test_what_was_overtaken_is_not_written(portal: Running, name: str) -> None:
    CASES.check(name, portal)


def test_two_shares_that_end_at_once_do_not_meet(portal: Running) -> None:
    file = ready(portal)
    share, _ = one_share_of(portal, file)
    assert extend(portal, share, as_it_is(portal, file), 60)()
    assert extend(portal, share, as_it_is(portal, file), 60)()


def test_an_upload_of_before_there_were_quotas_is_forgotten_as_well(portal: Running) -> None:
    """Its row has no word of what it holds."""
    file = reserve_file(portal, ANA)
    gone = update(file_key(file.id), "REMOVE #reserved_bytes", "attribute_exists(#pk)")
    services(portal).files.table.write(gone)
    assert services(portal).files.delete_pending(replace(file, reserved_bytes=0))
