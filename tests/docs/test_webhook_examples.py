"""The receivers that docs/webhooks.md prints, run as it prints them, by what the portal posts."""

from __future__ import annotations

import base64
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portal.domain.webhooks.deliveries import Delivery, Event, draft_delivery
from portal.domain.webhooks.event_types import CHOSEN, EventType
from portal.domain.webhooks.signatures import SecretSeed
from portal.domain.webhooks.webhook import Webhook
from portal.outbound.poster import WebhookPoster
from tests.rules.tracked import ROOT

PAGE = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
KEY = b"k" * 32
NOW = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
RUNNERS = {"python": sys.executable, "js": str(ROOT / ".venv" / "bin" / "node")}


def draft() -> Delivery:
    webhook = Webhook("w", "o", "n", "u", frozenset(CHOSEN), SecretSeed("s", "k"), NOW, "p", "a")
    return draft_delivery(Event("evt_1", EventType.FILE_UPLOADED, NOW, "o", {"file_id": "f"}), webhook, NOW)


def find_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def receive(language: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """A running receiver: its address, and what it prints."""
    (code,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    program = folder / re.split(r"[# /]+", code.splitlines()[0])[1]
    program.write_text(code, encoding="utf-8")
    port, printed = find_free_port(), folder / "printed"
    environ = {"WEBHOOK_SECRET": "whsec_" + base64.b64encode(KEY).decode(), "PORT": str(port)}
    with printed.open("w") as output:
        process = subprocess.Popen(
            [RUNNERS[language], str(program)], env=environ, stdout=output, start_new_session=True
        )
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}/", printed
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # `node` of the package is a script that runs another
        process.wait()


def wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 0.5).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the receiver did not start")


@pytest.mark.parametrize("language", RUNNERS)
def test_the_receivers_take_what_is_genuine_once(language: str, tmp_path: Path) -> None:
    """Receivers judge times by the true one."""
    poster, now, delivery = WebhookPoster(loopback_allowed=True), datetime.now(UTC), draft()
    with receive(language, tmp_path) as (url, printed):
        assert poster.post(url, delivery, [b"n" * 32, KEY], now).status == 204
        assert poster.post(url, delivery, [KEY], now).status == 204
        assert poster.post(url, delivery, [b"x" * 32], now).status == 401
        assert poster.post(url, delivery, [KEY], now - timedelta(hours=1)).status == 401
        forged = WebhookPoster(loopback_allowed=True)
        assert forged.post(url, replace(delivery, event_id="evt_2"), [b"y"], now).status == 401
        assert printed.read_text().count("file.uploaded") == 1


def test_the_page_lists_all_events_and_no_others() -> None:
    listed = re.findall(r"^\| `([a-z]+\.[a-z]+)` \|", PAGE, re.MULTILINE)
    assert sorted(listed) == sorted(map(str, EventType))
