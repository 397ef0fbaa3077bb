"""The words that pages, emails and answers use: one name for one thing, in plain English."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

CATALOGUE = (
    Path(__file__).parents[2] / "portal" / "web" / "translations" / "de" / "LC_MESSAGES" / "messages.po"
)
SAY_INSTEAD = {
    r"(?<!-)\bmails?\b": "email, emails",
    r"\bMails?\b(?! ?FROM)": "Email, Emails",
    r"\b[Ss]omebody\b": "someone",
    r"\b[Ee]verybody\b": "everyone",
    r"\banew\b": "again; a page is reloaded",
    r"\bmeanwhile\b": "in the meantime, or who did it (“Someone else changed this”)",
    r"\bby itself\b": "automatically",
    r"\bgiven up\b": "cancelled",
    r"\b([Tt]hrow|thr[oe]wn?) .*away\b": "discard",
    r"\b[Uu]nder way\b": "in progress",
    r"\bheld back\b": "suppressed, or what we do not do (“We do not send emails to ...”)",
    r"\bcame back\b|\bcome back\b": "bounced",
    r"\b[Ll]ast day\b|\bOpen (until|for)\b": "expires, expiry date",
    r"\b[Nn]ewest (activity|files)\b": "recent",
    r"\b[Ff]org[eo]t(ten|ting)?\b": "remove (from suggestions)",
    r"\b[Tt]oo often in\b|^Too often$": "too many attempts",
    r"\bpass(ed|ing)? (it |the links? )?on\b": "send, share; an email is forwarded",
    r"!(?!=)": "the same without an exclamation mark",
}


def sentences() -> list[str]:
    catalogue = read_po(BytesIO(CATALOGUE.read_bytes()))
    ids = [message.id for message in catalogue if message.id]
    return [text for each in ids for text in ([each] if isinstance(each, str) else each)]


@pytest.mark.parametrize("avoided", SAY_INSTEAD)
def test_words_for_people_are_those_of_the_glossary(avoided: str) -> None:
    found = [each for each in sentences() if re.search(avoided, each)]
    assert not found, f"Say “{SAY_INSTEAD[avoided]}” instead in: {found}"
