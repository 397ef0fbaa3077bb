"""What README promises is there: settings, commands, links, pictures, and the steps it shows."""

from __future__ import annotations

import base64
import hmac
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from docs.list_tests import CHECKOUT
from portal.config import Config
from portal.domain.errors import Invalid
from tests import doing
from tests.builders import Clock, environment, running

README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
PAGES = [
    CHECKOUT / "README.md",
    CHECKOUT / "infrastructure" / "README.md",
    *sorted(CHECKOUT.glob("docs/*.md")),
]
LARGEST_PICTURE_BYTES = 150_000  # the README shows all of them at once


def settings() -> dict[str, str]:
    """README's table of settings: variable and default."""
    rows = re.findall(r"^\| (`[A-Z_0-9`, ]+`) \| ([^|]+) \|", README, re.MULTILINE)
    return {name: default.strip() for names, default in rows for name in re.findall(r"[A-Z_0-9]+", names)}


def test_the_table_of_settings_is_what_the_configuration_reads() -> None:
    """R64: no variable that README does not explain, and none that means nothing."""
    source = (CHECKOUT / "portal" / "config.py").read_text(encoding="utf-8")
    read = set(re.findall(r'"((?:PORTAL|AWS)_[A-Z_0-9]+)"', source))
    assert set(settings()) == read


def test_the_defaults_it_gives_are_the_defaults() -> None:
    """R64: giving every default says the same as giving none; what is required stops the start."""
    table = settings()
    required = {name for name, default in table.items() if default == "required"}
    least = {name: value for name, value in environment().items() if name in required | {"AWS_REGION"}}
    given = {name: value.strip("`") for name, value in table.items() if value.startswith("`")}
    del given["AWS_ENDPOINT_URL_S3"]  # its default is another variable
    assert len(given) > 10
    assert Config.from_env(least | given) == Config.from_env(least)
    assert set(least) == required | {"AWS_REGION"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name + "/" + page.name)
def test_the_commands_it_names_are_there(page: Path) -> None:
    """Issue 2: every `make` target and every module that a page tells people to run."""
    text, makefile = page.read_text(encoding="utf-8"), (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE))
    assert [name for name in targets if not re.search(rf"^{name}:", makefile, re.MULTILINE)] == []
    modules = set(re.findall(r"python -m ((?:docs|benchmarks|infrastructure|portal)[\w.]*)", text))
    places = {name: CHECKOUT / name.replace(".", "/") for name in modules}
    missing = [name for name, place in places.items()
               if not place.with_suffix(".py").exists() and not (place / "__main__.py").exists()]  # fmt: skip
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name + "/" + page.name)
def test_its_links_lead_somewhere(page: Path) -> None:
    """Files that exist, headings that are there."""
    text = page.read_text(encoding="utf-8")
    headings = {re.sub(r"[^\w\- ]", "", line.casefold()).strip().replace(" ", "-")
                for line in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}  # fmt: skip
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    broken = [link for link in links if not link.startswith("#") and not (page.parent / link).exists()]
    assert broken == []
    assert [link for link in links if link.startswith("#") and link[1:] not in headings] == []


def test_its_pictures_are_small_and_all_shown() -> None:
    """`make screenshots` makes them; none is left over from a page that is gone."""
    pictures = sorted((CHECKOUT / "docs" / "pictures").glob("*.png"))
    assert [path.name for path in pictures if f"docs/pictures/{path.name}" not in README] == []
    assert [path.name for path in pictures if path.stat().st_size > LARGEST_PICTURE_BYTES] == []


@pytest.fixture
def acme(aws: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A deployer's package with the steps that the page shows; what the page says for PORTAL_STEPS."""
    (tmp_path / "acme").mkdir()
    for code in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        (tmp_path / code.splitlines()[0].removeprefix("# ")).write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return re.findall(r"^PORTAL_STEPS='(.*)'$", README, re.MULTILINE)


def test_the_step_it_shows_works(acme: list[str], clock: Clock) -> None:
    """A deployer's step, copied from the page: it refuses at the field, and lets partners through."""
    portal = running(clock, PORTAL_STEPS=acme[0])
    file = doing.uploaded(portal, ana := doing.somebody())
    assert doing.shared(portal, ana, [file], recipients_text="partner@example.org").share
    with pytest.raises(Invalid) as refused:
        doing.shared(portal, ana, [file], recipients_text="someone@elsewhere.example")
    assert refused.value.field == "recipients"


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[dict[str, str], bytes]]]:
    """Acme's system: what was posted to it, headers and body."""
    got: list[tuple[dict[str, str], bytes]] = []

    class Posted(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            got.append((headers, self.rfile.read(int(headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Posted) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("ACME_WEBHOOK_URL", f"http://127.0.0.1:{server.server_port}/shares")
        monkeypatch.setenv("ACME_WEBHOOK_SECRET", "whsec_" + base64.b64encode(b"k" * 32).decode())
        yield got
        server.shutdown()


def test_the_webhook_it_shows_is_signed_and_posted_once(
    acme: list[str], clock: Clock, listener: list[tuple[dict[str, str], bytes]]
) -> None:
    """Signed as Standard Webhooks has it; the same form sent again (R51) is not told again."""
    portal = running(clock, PORTAL_STEPS=acme[1])
    file = doing.uploaded(portal, ana := doing.somebody())
    made = doing.shared(portal, ana, [file], submission_id=(form := doing.new_id(portal)))
    doing.shared(portal, ana, [file], submission_id=form)
    ((headers, body),) = listener
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    proof = base64.b64encode(hmac.digest(b"k" * 32, signed, "sha256")).decode()
    assert headers["webhook-signature"] == f"v1,{proof}"
    assert json.loads(body)["data"]["share"] == made.about


def test_a_webhook_that_nobody_takes_undoes_nothing(
    acme: list[str], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The share stands, its mail goes out, and the failed step is in the audit log by name."""
    monkeypatch.setenv("ACME_WEBHOOK_URL", "http://127.0.0.1:9/nobody")
    monkeypatch.setenv("ACME_WEBHOOK_SECRET", "whsec_" + base64.b64encode(b"k" * 32).decode())
    portal = running(clock, PORTAL_STEPS=acme[1])
    ana = doing.somebody()
    assert doing.shared(portal, ana, [doing.uploaded(portal, ana)]).share
    assert len(doing.mails(portal)) == 1
    done, failed = doing.recorded(portal, "share.created")
    assert (done["outcome"]["S"], failed["outcome"]["S"]) == ("done", "failed")
    assert (failed["stage"]["S"], failed["step"]["S"]) == ("notify", "post_share")
