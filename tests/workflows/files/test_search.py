"""Finding files: any word of a name or a folder, any part of it, in any script."""

from __future__ import annotations

import pytest

from portal.queries.files import list_files
from tests.actions import make_person, upload_file
from tests.builders import Running

ANA, BEN = make_person("Ana Lopes"), make_person("Ben Okoro")
LONG = " ".join(f"part{number}" for number in range(30)) + ".pdf"
FILES = {
    "words": (LONG, ""),
    "inside": ("Quarterly_report-2026.pdf", "Plans/Bridge over the Tejo"),
    "sharp": ("Stra\u00dfenbau.pdf", ""),
    "chinese": ("\u5b63\u5ea6\u8d22\u52a1\u62a5\u544a.pdf", ""),
    "thai": ("\u0e23\u0e32\u0e22\u0e07\u0e32\u0e19\u0e1b\u0e23\u0e30\u0e08\u0e33\u0e1b\u0e35.pdf", ""),
    "hindi": ("\u0939\u093f\u0928\u094d\u0926\u0940 \u092a\u0924\u094d\u0930.pdf", ""),
    "persian": ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645.pdf", ""),
    "wide": ("\uff32\uff45\uff50\uff4f\uff52\uff54 \uff17.pdf", ""),
}
ASKED = {
    "part29": "words",
    "part11 part28": "words",
    "art27": "words",
    "terly": "inside",
    "port-20": "inside",
    "TEJO quart": "inside",
    "ridge": "inside",
    "strasse": "sharp",
    "ENBAU": "sharp",
    "\u8d22\u52a1": "chinese",
    "\u544a": "chinese",
    "\u0e1b\u0e23\u0e30\u0e08\u0e33": "thai",
    "\u0939\u093f\u0928\u094d\u0926\u0940": "hindi",
    "\u0928\u094d\u0926": "hindi",
    "\u0645\u06cc\u062e\u0648\u0627\u0647\u0645": "persian",
    "\u062e\u0648\u0627\u0647": "persian",
    "\u0645\u06cc\u200c\u062e\u0648": "persian",
    "report 7": "wide",
    "quarterly part1": "",
    "ho\u0308he": "",
    "?!": "",
    "tejo2": "",
}


def find_names(portal: Running, text: str, cursor: str | None = None) -> list[str]:
    return [
        file.name for file in list_files(ANA, portal.portal.services, search=text, cursor=cursor).files.items
    ]


@pytest.mark.requirement("R70")
def test_every_part_of_a_name_or_a_folder_is_found(portal: Running) -> None:
    for name, folder in FILES.values():
        upload_file(portal, ANA, name, folder=folder)
    upload_file(portal, BEN, LONG)
    asked = {text: find_names(portal, text) for text in ASKED}
    assert asked == {text: [FILES[which][0]] if which else [] for text, which in ASKED.items()}


@pytest.mark.requirement("R62")
def test_what_is_found_goes_on_at_its_cursor(portal: Running) -> None:
    """Newest first, none twice and none left out."""
    for number in range(3):
        portal.clock.turn(seconds=1)
        upload_file(portal, ANA, f"report {number}.txt")
        upload_file(portal, ANA, f"other {number}.txt")
    first = portal.portal.services.files.search(ANA.id, "eport", None, 2)
    assert [file.name for file in first.items] == ["report 2.txt", "report 1.txt"]
    assert find_names(portal, "eport", first.next) == ["report 0.txt"]
