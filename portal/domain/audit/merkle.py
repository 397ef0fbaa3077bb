"""Merkle trees as Certificate Transparency makes them (RFC 6962, section 2.1; RFC 9162 keeps them): a root
that stands for a list of leaves, and a short proof that one leaf is in it.

A leaf is hashed behind the byte 0 and a node behind the byte 1, so that no node passes for a leaf. A list is
split at the largest power of two below its length, and a node without a neighbour goes up as it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

LEAF, NODE = b"\x00", b"\x01"


def hash_leaf(content: bytes) -> bytes:
    return hashlib.sha256(LEAF + content).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(NODE + left + right).digest()


def tree_levels(leaves: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """The tree's rows from its leaves' hashes up to the root, which is alone in the last one."""
    row = leaves
    yield row
    while len(row) > 1:
        paired = [hash_node(row[place], row[place + 1]) for place in range(0, len(row) - 1, 2)]
        row = paired if len(row) % 2 == 0 else [*paired, row[-1]]
        yield row


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The root over these leaves' hashes, in their order. That of no leaves is the hash of nothing."""
    if not leaves:
        return hashlib.sha256().digest()
    *_, top = tree_levels(leaves)
    return top[0]


def inclusion_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """What a leaf's hash is to be combined with, from below, to come to the root. Raises IndexError."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    path = []
    for row in tree_levels(leaves):
        neighbour = index ^ 1
        if neighbour < len(row):
            path.append(row[neighbour])
        index >>= 1
    return path


def proves_inclusion(leaf: bytes, index: int, count: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the path leads from this leaf's hash, at its place among so many, to the root (RFC 9162,
    section 2.1.3.2).
    """
    if not 0 <= index < count:
        return False
    place, last, reached = index, count - 1, leaf
    for other in path:
        if last == 0:
            return False  # the path goes on above the root
        if place % 2 or place == last:
            reached = hash_node(other, reached)
            while place % 2 == 0 and place:  # rows in which it had no neighbour
                place, last = place >> 1, last >> 1
        else:
            reached = hash_node(reached, other)
        place, last = place >> 1, last >> 1
    return last == 0 and reached == root
