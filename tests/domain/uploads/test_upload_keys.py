"""A key of an upload opens that upload, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.uploads.upload_keys import UploadKeys

pytestmark = pytest.mark.requirement("R13")

OLD, NEW = "an old secret of the portal's own making", "a new secret of the portal's own making"
ANA, FILE, OTHER = "0" * 26, "1" * 26, "2" * 26
places = st.integers(0, 90)


def test_an_upload_key_is_of_one_upload_until_its_secret_is_gone() -> None:
    key = UploadKeys.from_secrets([OLD]).key(ANA, FILE)
    for known, is_known in ([OLD], True), ([NEW, OLD], True), ([NEW], False):
        keys = UploadKeys.from_secrets(known)
        assert keys.verify(key, FILE) == (ANA if is_known else None)
        assert keys.verify(key, OTHER) is None
        assert keys.verify(key.replace("0", "2", 26), FILE) is None


@given(places, st.sampled_from("0aAlé.\n"))
def test_a_changed_upload_key_opens_nothing(place: int, letter: str) -> None:
    keys = UploadKeys.from_secrets([OLD])
    key = keys.key(ANA, FILE)
    changed = key[:place] + letter + key[place + 1 :]
    assert keys.verify(changed, FILE) == (ANA if changed == key else None)
    assert keys.verify(key, FILE + letter) is None
    assert keys.verify(key + letter, FILE) is None


@pytest.mark.parametrize(
    ("owner", "file"),
    [(ANA[1:], FILE), (ANA + "0", FILE), (ANA, FILE[1:]), ("u" * 26, FILE), (ANA, "u" * 26)],
)
def test_what_was_signed_for_no_id_opens_nothing(owner: str, file: str) -> None:
    """However it came to be signed: an id has 26 characters of its alphabet."""
    keys = UploadKeys.from_secrets([OLD])
    assert keys.verify(keys.key(owner, file), file) is None
