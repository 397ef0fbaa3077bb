"""Where a scan is asked for, nobody gets a file before it is clean: whatever order results come in, twice,
late, for another version, or not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.aws.client.calls import clients
from portal.domain.errors import Refusal
from portal.domain.files.file import File
from portal.domain.files.scans import NO_THREATS_FOUND, STATES, ScanResult, ScanState
from portal.workflows.files.scan_results import take_result
from portal.workflows.mail.mail_jobs import send_due
from portal.workflows.upkeep.sweep import sweep
from tests import actions
from tests.actions import download_file, link_token, list_mails, make_person, share_files, upload_file
from tests.builders import Clock, Running, make_running
from tests.events.test_threats import result
from tests.held import HeldAnswer
from tests.recorded_events import batch

ANA = make_person("Ana Lopes")
Arrivals = Callable[..., dict[str, Any]]
pytestmark = pytest.mark.requirement("R36")
OLD = "an-older-version"
RELEASE = ("released", "by two administrators")
HAPPENINGS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["served", OLD]), st.sampled_from(sorted(STATES))), st.just(RELEASE)
    ),
    min_size=1, max_size=7,
)  # fmt: skip


@pytest.fixture
def aws(table_in_memory: None) -> None:
    """The table is in memory: nothing here is about DynamoDB itself."""


@pytest.fixture
def portal(aws: None, clock: Clock) -> Running:
    return make_running(clock, PORTAL_SCAN_REQUIRED="on")


@pytest.fixture
def ana(portal: Running) -> None:
    actions.sign_in_before(portal, ANA)


def as_it_is(portal: Running, file: File) -> File:
    found = portal.portal.services.files.find(file.id)
    assert found is not None
    return found


class Model:
    """What all that was said and done comes to: malware outweighs what else is said, whatever came first, and
    a release lets pass what it was asked for, malware only where malware was known.
    """

    def __init__(self) -> None:
        self.said = set[ScanState]()
        self.released = set[ScanState]()

    @property
    def state(self) -> ScanState:
        if ScanState.THREAT in self.said - self.released:
            return ScanState.THREAT
        order = (ScanState.CLEAN, ScanState.UNSUPPORTED, ScanState.FAILED)
        found = next((each for each in order if each in self.said), ScanState.WAITING)
        return ScanState.RELEASED if self.released else found

    @property
    def is_closed(self) -> bool:
        return self.state not in {ScanState.CLEAN, ScanState.RELEASED}

    def release(self) -> None:
        self.released.add(self.state)


def tag(portal: Running, file: File, status: str) -> None:
    """What GuardDuty leaves on a version."""
    clients(portal.config.region).get("s3").put_object_tagging(
        Bucket=portal.config.files_bucket, Key=file.key, VersionId=file.version_id,
        Tagging={"TagSet": [{"Key": "GuardDutyMalwareScanStatus", "Value": status}]},
    )  # fmt: skip


def run_sweep(portal: Running) -> None:
    sweep(portal.portal.services, lambda: 100.0)


def test_any_order_of_results_comes_to_the_same(portal: Running) -> None:
    """Also twice, mixed with releases and with results of a version that is not served; its case says so."""
    scans = portal.portal.services.scans

    @settings(max_examples=30)
    @given(HAPPENINGS)
    def check(happenings: list[tuple[str, str]]) -> None:
        portal.clock.turn(seconds=1)
        file, model = upload_file(portal, ANA), Model()
        for what, status in [*happenings, happenings[0]]:
            if what == "released" and model.is_closed and model.said:
                actions.release_file(portal, file)
                model.release()
            elif what != "released":
                named = file.version_id if what == "served" else what
                take_result(file.key, ScanResult(status, named), portal.portal.services)
                model.said |= {STATES[status]} if what == "served" else set()
        now, case = as_it_is(portal, file), scans.get_case(file.id)
        assert now.scan_state is model.state
        assert now.is_served is not model.is_closed
        assert (case.state if case else None) is (model.state if model.is_closed else None)
        listed = {known.id for known, _ in scans.list_quarantine(None, 100).items}
        assert (file.id in listed) is (model.is_closed and model.state is not ScanState.WAITING)

    check()


def test_two_results_at_the_same_time_lose_none(portal: Running) -> None:
    """With the answer of each call held in turn while malware is noted beside: what is open says both."""
    services = portal.portal.services
    for place in range(3):
        file = upload_file(portal, ANA)
        threat = partial(take_result, file.key, ScanResult("THREATS_FOUND", file.version_id), services)
        with HeldAnswer(portal, place, threat) as held:
            take_result(file.key, ScanResult(NO_THREATS_FOUND, file.version_id), services)
        assert "changed" in held.happened
        case = services.scans.get_case(file.id)
        assert as_it_is(portal, file).is_infected
        assert case is not None
        assert case.state is ScanState.THREAT
        assert as_it_is(portal, file).clean


def test_an_invitation_waits_until_its_files_are_clean(arrive: Arrivals, portal: Running) -> None:
    """All of them; the result itself sends it, and once."""
    first, second = upload_file(portal, ANA, "a.pdf"), upload_file(portal, ANA, "b.pdf")
    made = share_files(portal, ANA, [first, second])
    for _ in range(3):
        run_sweep(portal)
        portal.clock.turn(minutes=6)
    arrive(batch(result(first, NO_THREATS_FOUND)))
    assert not list_mails(portal)
    for _ in range(2):
        arrive(batch(result(second, NO_THREATS_FOUND)))
        run_sweep(portal)
    (mail,) = list_mails(portal)
    assert mail.destinations["ToAddresses"] == ["partner@example.com"]
    assert download_file(portal, link_token(portal, made), first)


@pytest.mark.parametrize(
    ("status", "word"), [("UNSUPPORTED", "cannot look"), ("ACCESS_DENIED", "failed, or")]
)
def test_a_file_that_cannot_be_scanned_stays_closed_and_its_owner_hears_of_it(
    arrive: Arrivals, portal: Running, ana: None, status: str, word: str
) -> None:
    """Once; nobody is invited to it, until a later scan calls it clean after all."""
    file = upload_file(portal, ANA, "plans.zip")
    made = share_files(portal, ANA, [file])
    for _ in range(2):
        arrive(batch(result(file, status)))
        run_sweep(portal)
    (mail,) = list_mails(portal)
    assert mail.destinations["ToAddresses"] == [ANA.address]
    assert word in mail.body
    with pytest.raises(Refusal) as refused:
        download_file(portal, link_token(portal, made), file)
    assert refused.value.reason == "unscanned"
    arrive(batch(result(file, NO_THREATS_FOUND)))
    assert [each.destinations["ToAddresses"] for each in list_mails(portal)][1:] == [["partner@example.com"]]
    assert portal.portal.services.scans.get_case(file.id) is None


def test_a_threat_ends_what_waited_for_the_scan(arrive: Arrivals, portal: Running, ana: None) -> None:
    file = upload_file(portal, ANA)
    share_files(portal, ANA, [file])
    arrive(batch(result(file)))
    run_sweep(portal)
    assert [each.destinations["ToAddresses"] for each in list_mails(portal)] == [[ANA.address]]
    (failed,) = actions.list_records(portal, "mail.failed")
    assert failed["details"]["M"]["problem"]["S"] == "infected"


@pytest.mark.parametrize("status", [NO_THREATS_FOUND, "THREATS_FOUND", "UNSUPPORTED"])
def test_a_result_that_got_lost_is_found_at_the_tag(portal: Running, status: str) -> None:
    file = upload_file(portal, ANA)
    tag(portal, file, status)
    run_sweep(portal)
    assert as_it_is(portal, file).scan_state is ScanState.WAITING, "its event may still come"
    portal.clock.turn(minutes=6)
    run_sweep(portal)
    assert as_it_is(portal, file).scan_state is STATES[status]


def test_a_scan_that_says_nothing_for_a_day_has_failed(portal: Running, ana: None) -> None:
    file = upload_file(portal, ANA)
    for _ in range(3):
        portal.clock.turn(hours=7)
        run_sweep(portal)
    assert as_it_is(portal, file).scan_state is ScanState.WAITING
    portal.clock.turn(hours=4)
    run_sweep(portal)
    ((known, case),) = portal.portal.services.scans.list_quarantine(None, 10).items
    assert (known.id, case.state, case.reason) == (file.id, ScanState.FAILED, "NO_RESULT")


@pytest.mark.parametrize("status", ["UNSUPPORTED", "FAILED", "THREATS_FOUND"])
def test_the_policy_may_let_pass_what_cannot_be_scanned(aws: None, clock: Clock, status: str) -> None:
    """Never a threat. The version is tagged for the bucket's policy before anyone gets its address."""
    portal = make_running(clock, PORTAL_SCAN_REQUIRED="on", PORTAL_UNSCANNED="allow")
    file = upload_file(portal, ANA)
    tag(portal, file, status)
    share_files(portal, ANA, [file])
    assert take_result(file.key, ScanResult(status, file.version_id), portal.portal.services)
    is_closed = status == "THREATS_FOUND"
    assert as_it_is(portal, file).is_served is not is_closed
    tags = clients(portal.config.region).get("s3").get_object_tagging(
        Bucket=portal.config.files_bucket, Key=file.key, VersionId=file.version_id
    )["TagSet"]  # fmt: skip
    assert {"Key": "GuardDutyMalwareScanStatus", "Value": status} in tags
    assert ({"Key": "PortalRelease", "Value": "released"} in tags) is not is_closed
    send_due(portal.portal.services, lambda: 100.0)
    assert len(list_mails(portal)) == (0 if is_closed else 1)


def test_a_clean_result_before_the_upload_is_taken_in_counts(arrive: Arrivals, portal: Running) -> None:
    """Whatever the scanner says by then of it besides is asked for at its tag."""
    file = actions.reserve_file(portal, ANA)
    actions.put_object(portal, file, b"twelve bytes")
    (version,) = portal.portal.services.objects.versions(file.key)
    arrive(batch(result(file, NO_THREATS_FOUND, versionId=version.version_id)))
    assert actions.complete_upload(portal, ANA, file).file
    assert as_it_is(portal, file).is_served


def test_a_copy_is_scanned_for_itself(arrive: Arrivals, portal: Running) -> None:
    """What the source's tag says belongs to the source, and only what is clean can be copied."""
    file = upload_file(portal, ANA)
    with pytest.raises(Refusal) as refused:
        actions.copy_file(portal, ANA, file)
    assert refused.value.reason == "scan_waiting"
    tag(portal, file, NO_THREATS_FOUND)
    arrive(batch(result(file, NO_THREATS_FOUND)))
    copied = actions.copy_file(portal, ANA, file)
    assert as_it_is(portal, copied).scan_state is ScanState.WAITING
    assert portal.portal.services.scanner.read_status(copied.key, copied.version_id) == ""
