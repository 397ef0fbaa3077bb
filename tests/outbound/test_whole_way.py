"""From an upload to the socket of a receiver on this machine, as `make run` can be told to allow it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from portal.bootstrap import build
from portal.config.parsing import ConfigurationError
from portal.config.settings import Config
from portal.engine.workflow import run
from portal.workflows.upkeep.sweep import sweep
from portal.workflows.webhooks.managing import MAKE_WEBHOOK, SaveWebhook
from tests.actions import make_id, make_person, make_request, upload_file
from tests.builders import Clock, make_environment, make_running
from tests.outbound.targets import OK, listen
from tests.rules.tracked import ROOT
from tests.web.signing import session_of

LOCAL = {"PORTAL_PUBLIC_URL": "http://127.0.0.1:8000", "PORTAL_WEBHOOKS_ON_LOOPBACK": "on"}


def test_an_upload_is_told_to_a_receiver(aws: None, clock: Clock) -> None:
    portal, ana = make_running(clock, **LOCAL), make_person()
    session_of(portal, ana)
    with listen(OK) as target:
        context = SaveWebhook(
            make_request(ana, portal), webhook_id=make_id(portal), name="Orders", url=target.url,
            events=["file.uploaded"],
        )  # fmt: skip
        run(MAKE_WEBHOOK, context, portal.portal.services)
        file = upload_file(portal, ana)
        for _ in range(6):
            clock.turn(minutes=1)
            sweep(portal.portal.services, lambda: 29.0)
    ((_, body),) = target.requests
    assert json.loads(body)["data"]["file_id"] == file.id


@pytest.mark.requirement("R64")
def test_this_machine_may_be_called_by_a_portal_of_this_machine_alone() -> None:
    assert Config.from_env(make_environment(**LOCAL)).webhooks_on_loopback
    assert not build(Config.from_env(make_environment())).services.webhook_poster.loopback_allowed
    with pytest.raises(ConfigurationError, match="PORTAL_WEBHOOKS_ON_LOOPBACK"):
        Config.from_env(make_environment(PORTAL_WEBHOOKS_ON_LOOPBACK="on"))


def test_no_cold_start_imports_what_calls_others() -> None:
    """So that a partner's first page is as quick as it was."""
    code = (
        "import sys; from tests.builders import Clock, make_running; make_running(Clock()).app;"
        "print([each for each in sys.modules if 'standardwebhooks' in each or 'portal.outbound' in each])"
    )
    made = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert made.stdout.strip() == "[]"
