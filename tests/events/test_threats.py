"""Malware found in a file closes it for everyone, at once and for good, and its owner hears of it."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable
from typing import Any

import pytest

from portal.domain.errors import Invalid
from portal.domain.files.file import File, FileState
from portal.engine.workflow import run
from portal.workflows.files import own_download, owned_files
from portal.workflows.links import link_access
from portal.workflows.links.download import Infected
from portal.workflows.mail.mail_jobs import send_due
from tests import actions
from tests.actions import (
    download_file,
    link_token,
    make_person,
    make_request,
    preview_file,
    share_files,
    upload_file,
    visit_link,
)
from tests.builders import Running
from tests.recorded_events import Event, batch, load_event

ANA = make_person("Ana Lopes")
Arrivals = Callable[..., dict[str, Any]]
pytestmark = pytest.mark.requirement("R36")


def result(file: File, status: str = "THREATS_FOUND", **scanned: Any) -> Event:
    """What GuardDuty tells of a file; `scanned` replaces facts about the object, None takes one away."""
    event = load_event("guardduty_scan")
    threats = event["detail"]["scanResultDetails"]["threats"] if status == "THREATS_FOUND" else None
    event["detail"]["scanResultDetails"] = {"scanResultStatus": status, "threats": threats}
    facts = event["detail"]["s3ObjectDetails"]
    facts |= {"objectKey": file.key, "versionId": file.version_id} | scanned
    event["detail"]["s3ObjectDetails"] = {name: each for name, each in facts.items() if each is not None}
    return event


@pytest.fixture
def ana(portal: Running) -> None:
    """Ana has signed in before, so that her address is known."""
    actions.sign_in_before(portal, ANA)


def as_it_is(portal: Running, file: File) -> File:
    found = portal.portal.services.files.get(ANA.id, file.id)
    assert found is not None
    return found


def own(portal: Running, file: File, workflow: Any = own_download.OWN_DOWNLOAD) -> str:
    context = own_download.OwnDownload(make_request(ANA, portal), file_id=file.id)
    return run(workflow, context, portal.portal.services).address


def test_a_threat_closes_a_file_for_everybody_at_once(arrive: Arrivals, portal: Running) -> None:
    """Also for who began before, for its owner, for a copy and for a new share; the other files stay."""
    film, other = upload_file(portal, ANA, "film.mp4"), upload_file(portal, ANA, "other.pdf")
    both, alone = share_files(portal, ANA, [film, other]), share_files(portal, ANA, [film])
    token, press = link_token(portal, both), actions.make_id(portal)
    download_file(portal, token, film, press)
    assert arrive(batch(result(film))) == {"batchItemFailures": []}
    for how in (download_file, preview_file):
        for attempt in (press, actions.make_id(portal)):
            with pytest.raises(Infected):
                how(portal, token, film, attempt)
    for workflow in (own_download.OWN_DOWNLOAD, own_download.OWN_PREVIEW):
        with pytest.raises(Infected):
            own(portal, film, workflow)
    copying = owned_files.ChangeFile(
        make_request(ANA, portal), file_id=film.id, submission_id=actions.make_id(portal)
    )
    with pytest.raises(Infected):
        run(owned_files.COPY, copying, portal.portal.services)
    with pytest.raises(Invalid) as refused:
        share_files(portal, ANA, [film, other])
    assert refused.value.reason == "file_infected"
    with pytest.raises(link_access.FilesInfected):
        visit_link(portal, link_token(portal, alone))
    assert visit_link(portal, token).required_offer.open_files == [other.pinned]
    assert download_file(portal, token, other)


def test_its_owner_is_told_once_and_it_is_on_record(arrive: Arrivals, portal: Running, ana: None) -> None:
    film = upload_file(portal, ANA, "film.mp4")
    for _ in range(3):
        arrive(batch(result(film)))
        send_due(portal.portal.services, lambda: 100.0)
    (mail,) = actions.list_mails(portal)
    assert mail.destinations["ToAddresses"] == [ANA.address]
    assert f"/files/{film.id}" in mail.body
    assert "EICAR-Test-File" in mail.body
    (record,) = actions.list_records(portal, "file.threat_found")
    assert record["details"]["M"]["threats"]["S"] == "EICAR-Test-File (not a virus)"
    assert record["about"]["S"] == film.id


OTHERS = ["NO_THREATS_FOUND", "UNSUPPORTED", "ACCESS_DENIED", "FAILED"]


@pytest.mark.parametrize("order", list(itertools.permutations(["threat", "again", "clean", "old"])))
def test_nothing_that_comes_again_late_or_of_old_versions_opens_it(
    arrive: Arrivals, portal: Running, order: tuple[str, ...]
) -> None:
    film = upload_file(portal, ANA, "film.mp4")
    events = {
        "threat": result(film), "again": result(film), "clean": result(film, "NO_THREATS_FOUND"),
        "old": result(film, "NO_THREATS_FOUND", versionId="an-older-version"),
    }  # fmt: skip
    for name in order:
        arrive(batch(events[name]))
    with pytest.raises(Infected):
        own(portal, film)


@pytest.mark.parametrize("status", OTHERS)
def test_other_results_close_nothing_where_no_scan_is_asked_for(
    arrive: Arrivals, portal: Running, ana: None, caplog: pytest.LogCaptureFixture, status: str
) -> None:
    """They are on record, and nobody is told."""
    film = upload_file(portal, ANA, "film.mp4")
    with caplog.at_level(logging.INFO, "portal.events"):
        arrive(batch(result(film, status)))
    assert own(portal, film)
    send_due(portal.portal.services, lambda: 100.0)
    assert not actions.list_mails(portal)
    assert portal.portal.services.scans.get_case(film.id) is None
    assert [each.__dict__["result"] for each in caplog.records if "scan result" in each.message] == [status]


def test_only_the_version_that_is_served_counts(arrive: Arrivals, portal: Running) -> None:
    """A threat in another version of the object closes nothing; one whose version nobody names closes it."""
    film = upload_file(portal, ANA, "film.mp4")
    arrive(batch(result(film, versionId="an-older-version")))
    assert own(portal, film)
    arrive(batch(result(film, versionId=None)))
    with pytest.raises(Infected):
        own(portal, film)


@pytest.mark.parametrize("named", [True, False])
def test_a_result_may_come_before_the_upload_was_taken_in(
    arrive: Arrivals, portal: Running, named: bool
) -> None:
    """GuardDuty may be quicker than the bucket's event: the file is closed from its first moment."""
    file = actions.reserve_file(portal, ANA)
    actions.put_object(portal, file, b"twelve bytes")
    (version,) = portal.portal.services.objects.versions(file.key)
    arrive(batch(result(file, versionId=version.version_id if named else None)))
    assert actions.complete_upload(portal, ANA, file).file
    assert as_it_is(portal, file).state is FileState.READY
    with pytest.raises(Infected):
        own(portal, file)


def test_deleting_and_restoring_does_not_open_it(arrive: Arrivals, portal: Running) -> None:
    """Nor renaming; found while it lies in the trash it counts as well."""
    film, other = upload_file(portal, ANA, "film.mp4"), upload_file(portal, ANA, "other.mp4")
    arrive(batch(result(film)))
    for file, workflow in [
        (film, owned_files.RENAME), (film, owned_files.TRASH), (film, owned_files.RESTORE),
        (other, owned_files.TRASH),
    ]:  # fmt: skip
        change = owned_files.ChangeFile(make_request(ANA, portal), file_id=file.id, name="x.mp4")
        run(workflow, change, portal.portal.services)
    arrive(batch(result(other)))
    run(
        owned_files.RESTORE,
        owned_files.ChangeFile(make_request(ANA, portal), file_id=other.id),
        portal.portal.services,
    )
    for file in (film, other):
        assert as_it_is(portal, file).is_infected
        with pytest.raises(Infected):
            own(portal, file)


@pytest.mark.requirement("R58")
def test_what_is_no_file_of_ours_changes_nothing(
    arrive: Arrivals, portal: Running, caplog: pytest.LogCaptureFixture
) -> None:
    """Another bucket, unknown and malformed keys, a file that is gone."""
    film = upload_file(portal, ANA, "film.mp4")
    before = actions.list_rows(portal)
    strange = [
        {"bucketName": "elsewhere"}, {"objectKey": film.key + "x"}, {"objectKey": "x"},
        {"objectKey": "files/a/b"},
        {"objectKey": f"files/{ANA.id}/{actions.make_id(portal)}"},
    ]  # fmt: skip
    for scanned in strange:
        assert arrive(batch(result(film, **scanned))) == {"batchItemFailures": []}, scanned
    assert actions.list_rows(portal) == before
    assert any("another bucket" in each.message for each in caplog.records)
