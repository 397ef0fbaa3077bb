"""All that is kept about one person, as a ZIP archive for them: what is in it, and how far it is written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from enum import StrEnum
from typing import Any

from portal.domain.people.zip_writing import ZipEntry
from portal.domain.written_files import WrittenFile

PREFIX = "personal-data/"


class Section(StrEnum):
    """What the archive has a file of its own for, in their order."""

    ACCOUNT = "account"  # profile, sessions, drafts, groups, suggested addresses, counters
    FILES = "files"
    SHARES = "shares"  # and their recipients
    RECEIVED = "received"
    ACTIVITY = "activity"  # what the person did
    ABOUT = "about-me"  # what others, and the portal, did to the account


@dataclass(frozen=True)
class DataExport(WrittenFile):
    """section: the place of the one that is being written; cursor: how far in it, empty at its beginning;
    entries: the archive's files so far, of which the last is not ended; written: bytes so far.
    """

    prefix = PREFIX

    section: int = 0
    cursor: str = ""
    entries: tuple[ZipEntry, ...] = ()
    written: int = 0

    @property
    def ending(self) -> str:
        return "zip"

    @property
    def content_type(self) -> str:
        return "application/zip"

    @property
    def file_name(self) -> str:
        return f"my-data-{self.made_at.astimezone(UTC):%Y-%m-%d}.zip"

    def begin_again(self) -> DataExport:
        return replace(
            self, section=0, cursor="", entries=(), written=0, size=0, upload_id="", etags=(),
            rest=self.rest + 1,
        )  # fmt: skip


def write_lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """JSON Lines: one thing a line."""
    return "".join(f"{json.dumps(row, ensure_ascii=False, sort_keys=True)}\n" for row in rows).encode()


README = """What the file portal keeps about you / Was das Dateiportal über Sie speichert

Each file has one entry a line, in the format JSON Lines, as the portal keeps it.
account.jsonl   your profile, sessions, drafts, recipient groups, suggested addresses, settings, counters
files.jsonl     your files: names, sizes, times, results of the malware scan
shares.jsonl    what you shared, with the recipients and what they did
received.jsonl  what was shared with your address
activity.jsonl  what you did, as the audit log has it
about-me.jsonl  what others and the portal did to your account, without the others' IP addresses
Not in here: the contents of your files, which you download on the page Files; what opens sessions and
links; legal holds. Kept elsewhere: emails on their way and for 60 days after, found by their number alone;
bytes counted a day; forms of a session that ended, for an hour; S3's access logs of downloads, for 400 days.

Jede Datei hat einen Eintrag je Zeile, im Format JSON Lines, so wie ihn das Portal speichert.
account.jsonl   Ihr Profil, Anmeldungen, Entwürfe, Empfängergruppen, Adressvorschläge, Einstellungen, Zähler
files.jsonl     Ihre Dateien: Namen, Größen, Zeiten, Ergebnisse der Malware-Prüfung
shares.jsonl    was Sie geteilt haben, mit den Empfängern und dem, was sie getan haben
received.jsonl  was mit Ihrer Adresse geteilt wurde
activity.jsonl  was Sie getan haben, wie es im Protokoll steht
about-me.jsonl  was andere und das Portal an Ihrem Konto getan haben, ohne die IP-Adressen der anderen
Nicht enthalten: der Inhalt Ihrer Dateien, den Sie auf der Seite Dateien herunterladen; womit sich
Anmeldungen und Links öffnen lassen; Löschverbote. Anderswo gespeichert: E-Mails auf dem Weg und 60 Tage
danach, nur nach ihrer Nummer zu finden; gezählte Bytes je Tag; Formulare einer beendeten Anmeldung, eine
Stunde lang; Zugriffsprotokolle der Downloads in S3, 400 Tage lang.
"""
