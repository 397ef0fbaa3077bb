"""What SES is handed: it takes headers in ASCII alone ("SendEmail", Amazon SES API v2 reference)."""

from __future__ import annotations

from dataclasses import replace
from email.header import decode_header, make_header

import pytest

from portal.domain.letters import single_line
from tests.builders import Running
from tests.doing import mails, shared, somebody, uploaded

NAME = "Jürgen Größe-Wächter von und zu 東京"


def test_a_senders_own_letters_arrive_as_encoded_words(portal: Running) -> None:
    """R56: as text of another alphabet SES would refuse the mail, or garble the name."""
    sender = replace(somebody(), name=NAME)
    shared(portal, sender, [uploaded(portal, sender)], language="de")
    source = mails(portal)[-1].source
    assert source.isascii()
    assert source.endswith(" <files@example.org>")
    assert all(len(word) <= 75 for word in source.split())
    assert str(make_header(decode_header(source))).startswith(f"{NAME} über ")


@pytest.mark.parametrize("name", ["=?utf-8?q?Bank=40x?=", "==??utf-8?b?QmFuaw==?=", "=\u202e?utf-8?q?=0A?="])
def test_a_name_that_is_an_encoded_word_stays_as_typed(portal: Running, name: str) -> None:
    """R56: decoded it would be a name with everything that is taken out of names."""
    assert "=?" not in single_line(name)
    sender = replace(somebody(), name=name)
    shared(portal, sender, [uploaded(portal, sender)])
    mail = mails(portal)[-1]
    for header in (mail.source, mail.subject):
        assert str(make_header(decode_header(header))) == header
