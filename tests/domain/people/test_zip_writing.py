"""Archives that are written in pieces, as every reader of ZIP files reads them."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.people import zip_writing
from portal.domain.people.zip_writing import ZipEntry, add_piece, begin_entry, end_entry, write_directory

AT = datetime(2026, 11, 30, 13, 37, 58, tzinfo=UTC)
PIECES = st.lists(st.binary(max_size=2000), max_size=4)


@given(st.lists(PIECES, max_size=5))
def test_what_is_written_in_pieces_is_read_as_a_whole(contents: list[list[bytes]]) -> None:
    archive, entries = b"", list[ZipEntry]()
    for place, pieces in enumerate(contents):
        entry = ZipEntry(f"file-{place}.txt", len(archive))
        archive += begin_entry(entry, AT)
        for each in pieces:
            entry, packed = add_piece(entry, each)
            archive += packed
        entry, packed = end_entry(entry)
        archive += packed
        entries.append(entry)
    archive += write_directory(entries, len(archive), AT)
    with zipfile.ZipFile(io.BytesIO(archive)) as read:
        assert read.testzip() is None
        found = {info.filename: read.read(info) for info in read.infolist()}
        assert {info.date_time for info in read.infolist()} <= {(2026, 11, 30, 13, 37, 58)}
    assert found == {f"file-{place}.txt": b"".join(pieces) for place, pieces in enumerate(contents)}


def test_text_is_packed() -> None:
    entry, _ = add_piece(ZipEntry("a", 0), b"the same line again\n" * 1000)
    assert entry.packed < entry.size / 20


def test_what_would_not_fit_is_not_written_wrongly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_writing, "LARGEST_BYTES", 100)
    with pytest.raises(OverflowError):
        add_piece(ZipEntry("a", 0, size=90), b"eleven more")
