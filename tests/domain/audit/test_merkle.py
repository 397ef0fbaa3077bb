"""The tree against the vectors that Certificate Transparency's libraries share (transparency-dev/merkle,
testonly/constants.go), and what has to hold for every tree.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.audit.merkle import hash_leaf, inclusion_path, merkle_root, proves_inclusion

LEAVES = [
    hash_leaf(bytes.fromhex(each))
    for each in "- 00 10 2021 3031 40414243 5051525354555657 606162636465666768696a6b6c6d6e6f".replace(
        "-", ""
    ).split(" ")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PATHS = {
    0: [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    5: [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
}


@pytest.mark.parametrize("count", range(9))
def test_roots_are_those_of_the_published_vectors(count: int) -> None:
    assert merkle_root(LEAVES[:count]).hex() == ROOTS[count]


@pytest.mark.parametrize("index", PATHS)
def test_paths_are_those_of_the_published_vectors(index: int) -> None:
    path = inclusion_path(LEAVES, index)
    assert [each.hex() for each in path] == PATHS[index]
    assert proves_inclusion(LEAVES[index], index, 8, path, bytes.fromhex(ROOTS[8]))


@given(st.integers(1, 70), st.data())
def test_every_leaf_is_proved_and_no_other_passes_for_it(count: int, data: st.DataObject) -> None:
    leaves = [hash_leaf(bytes([each])) for each in range(count)]
    root = merkle_root(leaves)
    index = data.draw(st.integers(0, count - 1))
    path = inclusion_path(leaves, index)
    assert proves_inclusion(leaves[index], index, count, path, root)
    for other in {0, count - 1, index - 1, index + 1} - {index}:
        assert not proves_inclusion(leaves[index], other, count, path, root)
        if 0 <= other < count:
            assert not proves_inclusion(leaves[other], index, count, path, root)
    assert not proves_inclusion(leaves[index], index, count, [*path, root], root)
    assert not proves_inclusion(leaves[index], index, count, path, hash_leaf(b"another root"))
    for place in range(len(path)):
        broken = [*path[:place], hash_leaf(path[place]), *path[place + 1 :]]
        assert not proves_inclusion(leaves[index], index, count, broken, root)
        assert not proves_inclusion(leaves[index], index, count, path[:place], root)


@given(st.lists(st.binary(max_size=3), max_size=20), st.lists(st.binary(max_size=3), max_size=20))
def test_two_lists_have_one_root_only_where_they_are_equal(ours: list[bytes], theirs: list[bytes]) -> None:
    roots = [merkle_root([hash_leaf(each) for each in some]) for some in (ours, theirs)]
    assert (roots[0] == roots[1]) == (ours == theirs)


@pytest.mark.parametrize("index", [-1, 8])
def test_a_place_outside_of_the_list_has_no_path(index: int) -> None:
    with pytest.raises(IndexError):
        inclusion_path(LEAVES, index)
