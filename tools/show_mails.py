"""Every email the portal sends, as its reader sees it: `docs/mails.md` and its pictures.

    python -m tools.show_mails                          the page, and a light and a dark picture of each email
    python -m tools.show_mails --language de --to DIR   the pictures alone, in another language, into DIR

The emails are written by the portal's own `letters.py`, out of one made-up share.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import sync_playwright

from portal.config.settings import Config
from portal.domain.files.file import File, FileState, SharedFile
from portal.domain.mail.email_message import OutgoingMail
from portal.domain.mail.notifications import COLLECTED, OF_NO_SHARE, Notification, NotificationKind
from portal.domain.shares.digests import DigestEntry, EndingEntry
from portal.domain.shares.share import Recipient, Share
from portal.local.chromium import ARGUMENTS, find_chromium
from portal.mail.rendering import MailRenderer
from tools.small_png import small_png

PAGE = Path(__file__).parents[1] / "docs" / "mails.md"
PICTURES = Path(__file__).parents[1] / "docs" / "pictures" / "mails"
WIDTH = 600  # pixels, as wide as email programs show an email
LINK = "https://files.example.org/d/the-recipients-own-secret"
BEN, EVA = "ben@partner.example", "eva@partner.example"
# What each is for, in the order in which the life of a share brings them.
KINDS = {
    "invitation": "To each recipient, when something is shared with them.",
    "code": "To a recipient who opens a link that checks the address. It never carries the link.",
    "reminder": "To a recipient who has not downloaded, some days before the share expires.",
    "asked": "To the sender: a recipient whose link is over asks for more.",
    "given": "To that recipient: here it is.",
    "declined": "To that recipient: the answer is no.",
    "downloaded": "To the sender: someone downloaded.",
    "bounced": "To the sender: an email did not arrive.",
    "unfetched": "To the sender: a share expires soon, and some people have not downloaded.",
    "digest": "To the sender: several of the last three at once, instead of a storm.",
    "ending": "To the owner of files that go to the trash soon, once, of all that end about then.",
    "handed_over": "To someone whose files and shares an administrator handed over.",
    "taken_over": "To whom they were handed over.",
    "threat": "To the owner of a file: malware was found in it.",
    "data_ready": "To whoever asked for all that is kept about them: the archive is ready.",
    "webhook_off": "To who made a webhook: nothing arrived there for days, so it was switched off.",
    "not_sent": "To whoever pressed Send before all files had arrived: it was refused then.",
    "unscanned": "To the owner of a file: the malware scan could not look into it.",
}
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
SHARE = Share(
    id="share", owner_id="owner", owner_name="Ana Lopes", owner_address="ana.lopes@example.org",
    first_files=(
        SharedFile("a", "Site plan.pdf", 2_400_000, "application/pdf", "v", "k", "Drawings"),
        SharedFile("b", "Cost estimate.xlsx", 184_000, "application/octet-stream", "v", "k"),
    ),
    message="Here are the drawings we talked about.\nPlease check the stairs before Thursday.",
    created_at=NOW, expires_at=NOW + timedelta(days=7, hours=9), download_limit=3, zone="Europe/Lisbon",
    confirm=True,
)  # fmt: skip
ENDING = tuple(
    File(
        each.id, SHARE.owner_id, each.name, each.size, each.content_type, FileState.READY, NOW,
        folder=each.folder, keep_until=NOW + timedelta(days=7 + place, hours=9),
    )
    for place, each in enumerate(SHARE.first_files)
)  # fmt: skip
RECIPIENT = Recipient("recipient", "share", BEN)
VALUES: dict[NotificationKind, dict[str, str]] = {
    NotificationKind.ASKED: {
        "note": "The plan came back from the structural engineer, and we need it once more."
    },
    NotificationKind.DOWNLOADED: {"to": BEN, "name": "Site plan.pdf", "first": "yes"},
    NotificationKind.BOUNCED: {
        "to": EVA,
        "state": "bounced",
        "problem": "550 5.1.1 There is no such mailbox",
    },
    NotificationKind.ENDING: {"files": "a b"},
    NotificationKind.HANDED_OVER: {"other": "Ben Okoro", "files": "12", "shares": "3"},
    NotificationKind.TAKEN_OVER: {"other": "Eva Sommer", "files": "12", "shares": "3"},
    NotificationKind.UNFETCHED: {"people": f"{BEN}, {EVA}"},
    NotificationKind.THREAT: {
        "file": "a",
        "name": "Site plan.pdf",
        "state": "threat",
        "threats": "EICAR-Test-File (not a virus)",
    },
    NotificationKind.NOT_SENT: {
        "draft": "draft",
        "language": "en",
        "words": "Nothing may be shared with %(addresses)s: your organisation has blocked this domain or"
        " address.",
        "of_addresses": EVA,
    },
    NotificationKind.UNSCANNED: {
        "file": "a",
        "name": "Site plans.zip",
        "state": "unsupported",
        "threats": "",
    },
    NotificationKind.WEBHOOK_OFF: {
        "name": "Orders to the archive",
        "host": "hooks.marlow.example",
        "why": "failed",
        "webhook": "webhook",
        "whose": "",
    },
}


Values = Mapping[NotificationKind, dict[str, str]]


def letters(
    language: str = "en", share: Share = SHARE, values: Values = VALUES, **settings: str
) -> dict[str, OutgoingMail]:
    """Each email by the name of its folder of templates; `settings` are further PORTAL_ variables."""
    writer = MailRenderer.from_config(Config.from_env(environment() | settings))
    share = replace(share, language=language)
    told = {kind: Notification(
        id="notice", kind=kind, to=share.owner_address if kind in values else BEN, share_id=share.id,
        person_id=share.owner_id if kind in values else "", values=values.get(kind, {}), created_at=NOW,
    ) for kind in NotificationKind}  # fmt: skip
    news = [DigestEntry(told[kind], share, RECIPIENT) for kind in values if kind in COLLECTED]
    about_shares = {kind: notice for kind, notice in told.items() if kind not in OF_NO_SHARE}
    return {
        "invitation": writer.render_invitation(share, RECIPIENT, LINK),
        "code": writer.render_code(share, RECIPIENT, "204816", language),
        "digest": writer.render_digest(news),
        "ending": writer.render_endings([EndingEntry(told[NotificationKind.ENDING], ENDING)]),
        **{
            kind: writer.render_notification(notice, share, RECIPIENT, LINK)
            for kind, notice in about_shares.items()
        },
        "handed_over": writer.render_handover(told[NotificationKind.HANDED_OVER]),
        "taken_over": writer.render_handover(told[NotificationKind.TAKEN_OVER]),
        "threat": writer.render_scan_news(told[NotificationKind.THREAT]),
        "data_ready": writer.render_data_news(told[NotificationKind.DATA_READY]),
        "webhook_off": writer.render_webhook_news(told[NotificationKind.WEBHOOK_OFF]),
        "not_sent": writer.render_not_sent(told[NotificationKind.NOT_SENT]),
        "unscanned": writer.render_scan_news(told[NotificationKind.UNSCANNED]),
        **{each.notice.kind: writer.render_digest([each]) for each in news},
    }


def environment() -> dict[str, str]:
    """A portal that sends nothing: the emails are only written."""
    return {
        "PORTAL_PUBLIC_URL": "https://files.example.org", "PORTAL_ORGANISATION_NAME": "Marlow Instruments",
        "PORTAL_TABLE": "portal", "PORTAL_FILES_BUCKET": "files", "PORTAL_LOGS_BUCKET": "logs",
        "PORTAL_MAIL_FROM": "files@example.org", "PORTAL_OIDC_METADATA_URL": "https://id.example.org",
        "PORTAL_OIDC_CLIENT_ID": "portal", "PORTAL_OIDC_CLIENT_SECRET": "nobody-signs-in-here",
        "PORTAL_SECRET_KEY": "a secret that makes no link anybody has", "AWS_REGION": "eu-central-1",
    }  # fmt: skip


def page() -> str:
    """`docs/mails.md`."""
    written = letters()
    parts = [INTRODUCTION, *(section(kind, written[kind]) for kind in KINDS)]
    return "\n\n".join(parts) + "\n"


INTRODUCTION = """# The emails

Every email the portal sends, with its picture in a light and a dark email program and its text for programs
that show text only. `python -m tools.show_mails` writes this page out of the templates under
`templates/email/`; the words come in every language of the portal, in the sender's by default."""


def section(kind: str, letter: OutgoingMail) -> str:
    looks = " | ".join(
        f"![The email “{kind}”, {scheme}](pictures/mails/{kind}-{scheme}.png)" for scheme in ("light", "dark")
    )
    return (
        f"## {kind}\n\n{KINDS[kind]}\n\n| light | dark |\n|---|---|\n| {looks} |\n\n"
        f"```text\nFrom: {letter.from_name}\nTo: {letter.to}\nSubject: {letter.subject}\n\n{letter.text}```"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.show_mails", description="Show every mail.")
    parser.add_argument("--language", default="en")
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="pictures alone, into FOLDER")
    options = parser.parse_args()
    folder: Path = options.to or PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
        for scheme in ("light", "dark"):
            context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
            shown = context.new_page()
            shown.set_viewport_size({"width": WIDTH, "height": 300})
            for kind, letter in letters(options.language).items():
                shown.set_content(letter.html)
                path = folder / f"{kind}-{scheme}.png"
                path.write_bytes(small_png(shown.screenshot(full_page=True)))
        browser.close()
    if not options.to:
        PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
