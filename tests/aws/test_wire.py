"""What goes into the table comes out of it as it was."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.aws.client.wire import from_wire, to_wire

TEXTS = st.text(max_size=8)
KEPT: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**37), 10**37) | TEXTS | st.sets(TEXTS, min_size=1),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(TEXTS, inside, max_size=3),
)


def types_of(value: Any) -> Any:
    """The type of a value and of all in it: for equality alone True is 1, and Decimal(1) too."""
    if isinstance(value, dict):
        return {name: types_of(each) for name, each in value.items()}
    return [types_of(each) for each in value] if isinstance(value, list) else type(value)


@given(KEPT)
def test_a_value_comes_back_equal_and_of_the_same_type(value: Any) -> None:
    back = from_wire(to_wire(value))
    assert back == value
    assert types_of(back) == types_of(value)


def test_an_enum_is_kept_as_its_text() -> None:
    class Colour(StrEnum):
        RED = "red"

    assert from_wire(to_wire({"colour": Colour.RED})) == {"colour": "red"}


@pytest.mark.parametrize("value", [1.5, {1.5}, object()], ids=["fraction", "set", "object"])
def test_what_the_table_cannot_keep_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        to_wire(value)
