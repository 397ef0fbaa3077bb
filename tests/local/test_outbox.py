"""The outbox shows emails as recipients would see them, and is no danger to the portal beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from portal.local.ministack import MiniStack
from portal.local.outbox import add_outbox

SENDER = "portal@example.com"
HTML = "<h1>For you</h1><script>parent.document.body.remove()</script>"


@pytest.fixture
def outbox(aws: MiniStack, tmp_path: Path) -> Client:
    aws.session().client("sesv2").create_email_identity(EmailIdentity=SENDER)
    return Client(add_outbox(Response("the portal"), aws.endpoint, tmp_path / "earlier.json"))


@pytest.fixture(autouse=True)
def _empty(aws: MiniStack) -> None:
    aws.reset()


def send(aws: MiniStack, to: str, subject: str) -> None:
    content = {"Subject": {"Data": subject}, "Body": {"Text": {"Data": "plain"}, "Html": {"Data": HTML}}}
    aws.session().client("sesv2").send_email(
        FromEmailAddress=SENDER, Destination={"ToAddresses": [to]}, Content={"Simple": content}
    )


def test_programs_get_every_mail_newest_last(aws: MiniStack, outbox: Client) -> None:
    """design.md section 5 promises exactly these fields."""
    send(aws, "first@example.net", "Grüße")
    send(aws, "second@example.net", "Later")
    mails = outbox.get("/local/outbox.json").get_json()
    assert [mail["to"] for mail in mails] == ["first@example.net", "second@example.net"]
    assert set(mails[0]) == {"to", "from", "subject", "text", "html", "sent_at"}
    assert (mails[0]["from"], mails[0]["subject"], mails[0]["html"]) == (SENDER, "Grüße", HTML)


@pytest.mark.requirement("R15")
def test_people_see_the_newest_and_a_mail_is_text(aws: MiniStack, outbox: Client) -> None:
    """What an email says is never markup of the outbox page."""
    send(aws, "one@example.net", "<b>bold</b>")
    page = outbox.get("/local/outbox")
    assert "&lt;b&gt;bold&lt;/b&gt;" in page.text
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_a_mails_html_runs_in_an_origin_of_its_own_without_scripts(aws: MiniStack, outbox: Client) -> None:
    """An email that holds a script must not act as whoever is signed in to the portal on this origin."""
    send(aws, "one@example.net", "A mail")
    page = outbox.get("/local/outbox").text
    source = page.partition('src="')[2].partition('"')[0]
    mail = outbox.get(source)
    policy = mail.headers["Content-Security-Policy"]
    assert mail.text.endswith(HTML)
    assert policy.startswith("sandbox ")
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy


def test_everything_else_is_the_portals(outbox: Client) -> None:
    """The outbox takes nothing but /local."""
    assert [outbox.get(path).text for path in ("/", "/localx", "/files")] == ["the portal"] * 3
    assert [outbox.get(path).status_code for path in ("/local/x", "/local/outbox/x", "/local")] == [404] * 3


def test_links_to_files_open_under_the_recipients_name(aws: MiniStack, outbox: Client) -> None:
    """Where nobody is signed in; other links, and what programs read, stay as they were sent."""
    own = "http://127.0.0.1:8123"
    html = f'<a href="{own}/d/abc">{own}/d/abc</a> <a href="{own}/shares/x">x</a>'
    content = {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "plain"}, "Html": {"Data": html}}}
    aws.session().client("sesv2").send_email(
        FromEmailAddress=SENDER, Destination={"ToAddresses": ["a@b.example"]}, Content={"Simple": content}
    )
    source = outbox.get("/local/outbox").text.partition('src="')[2].partition('"')[0]
    shown = outbox.get(source, base_url=own).text
    assert shown.endswith(html.replace(f'href="{own}/d/', 'href="http://localhost:8123/d/'))
    assert outbox.get("/local/outbox.json", base_url=own).get_json()[0]["html"] == html
