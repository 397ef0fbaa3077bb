"""The acts of administrators on what the malware scan keeps closed."""

from __future__ import annotations

from dataclasses import replace

from portal.domain.files.file import File
from portal.domain.files.scans import ScanResult
from portal.engine.workflow import Workflow, run
from portal.workflows.files import quarantine
from portal.workflows.files.quarantine import OnCase
from portal.workflows.files.scan_results import take_result
from tests.actions import make_person, make_request, sign_in_before, upload_file
from tests.aws.acts import ACTS, ANA, IDA, Act, act
from tests.builders import Running

ADA = make_person("Ada Minh", admin=True)


class WillingScanner:
    """GuardDuty has no stand-in here: it takes every request for another scan."""

    def scan(self, *_: object) -> bool:
        return True


def close(running: Running) -> File:
    for person in (ANA, IDA, ADA):
        sign_in_before(running, person)
    file = upload_file(running, ANA)
    take_result(file.key, ScanResult("THREATS_FOUND", file.version_id, ("EICAR",)), running.portal.services)
    return file


def decide(running: Running, workflow: Workflow[OnCase], file: File, who: object = IDA) -> None:
    case = running.portal.services.scans.get_case(file.id)
    asked = case.release if case else None
    context = OnCase(
        make_request(ADA if who is ADA else IDA, running), file_id=file.id, reason="A false alarm.",
        seen=asked.at.isoformat() if asked else "",
    )  # fmt: skip
    run(workflow, context, running.portal.services)


def on_closed(workflow: Workflow[OnCase], *, asked: bool = False) -> None:
    def scenario(running: Running) -> Act:
        file = close(running)
        if asked:
            decide(running, quarantine.ASK_RELEASE, file, ADA)
        yield
        decide(running, workflow, file)

    ACTS[workflow.name] = scenario


on_closed(quarantine.ASK_RELEASE)
on_closed(quarantine.CONFIRM_RELEASE, asked=True)
on_closed(quarantine.DECLINE_RELEASE, asked=True)
on_closed(quarantine.DELETE_QUARANTINED)


@act
def rescan(running: Running) -> Act:
    file = close(running)
    services = replace(running.portal.services, scanner=WillingScanner())
    willing = replace(running, portal=replace(running.portal, services=services))
    yield
    decide(willing, quarantine.RESCAN, file)


@act
def note_scan_result(running: Running) -> Act:
    """What an event of the scanner does."""
    sign_in_before(running, ANA)
    file = upload_file(running, ANA)
    yield
    take_result(file.key, ScanResult("THREATS_FOUND", file.version_id, ("EICAR",)), running.portal.services)
