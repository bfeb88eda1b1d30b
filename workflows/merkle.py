"""A Merkle tree over a list that only grows (RFC 6962 §2.1, RFC 9162 §2.1): root, proofs, and checking them.

Pure functions over bytes. Leaves and inner nodes are hashed under different prefixes, so that no leaf can pass for a
node. Whoever keeps the complete subtrees (`Frontier.append` names them as they arise) can answer every question later
without the leaves.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

EMPTY = hashlib.sha256(b"").digest()

# Gives the hash of the complete subtree of 2**level leaves that begins at leaf place * 2**level.
Read = Callable[[int, int], bytes]


def leaf_hash(data: bytes) -> bytes:
    """The hash of one leaf, 32 bytes."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees, 32 bytes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass
class Frontier:
    """The right edge of a tree: the roots of its complete subtrees, the largest first. log2(size) hashes are enough
    to go on appending; `append` costs one or two hashes on average, whatever the size."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Adds a leaf hash; yields (level, place, hash) of every subtree that is complete now, the leaf first.

        Must be exhausted: the edge is right only afterwards.
        """
        level, place, top = 0, self.size, leaf
        yield level, place, top
        while place & 1:
            top, level, place = node_hash(self.peaks.pop(), top), level + 1, place >> 1
            yield level, place, top
        self.peaks.append(top)
        self.size += 1

    def root(self) -> bytes:
        """The tree's hash, 32 bytes."""
        if not self.peaks:
            return EMPTY
        top = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            top = node_hash(peak, top)
        return top


def peaks(size: int) -> list[tuple[int, int]]:
    """(level, place) of the complete subtrees on the right edge of a tree of `size` leaves, the largest first."""
    found, start = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            found.append((level, start >> level))
            start += 1 << level
    return found


def frontier(size: int, read: Read) -> Frontier:
    """The right edge of a tree of `size` leaves whose complete subtrees are kept."""
    return Frontier(size, [read(level, place) for level, place in peaks(size)])


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _span(start: int, end: int, read: Read) -> bytes:
    """The hash over the leaves [start, end), where `start` is a multiple of the power of two at or above its length."""
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return read(level, start >> level)
    middle = start + _split(size)
    return node_hash(_span(start, middle, read), _span(middle, end, read))


def inclusion(index: int, size: int, read: Read) -> list[bytes]:
    """The audit path of leaf `index` in the tree of `size` leaves (RFC 9162 §2.1.3.1), nearest the leaf first."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    start, end, path = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_span(middle, end, read))
            end = middle
        else:
            path.append(_span(start, middle, read))
            start = middle
    return path[::-1]


def consistency(first: int, second: int, read: Read) -> list[bytes]:
    """The proof that the tree of `second` leaves begins with that of `first` (RFC 9162 §2.1.4.1)."""
    if not 0 < first <= second:
        raise ValueError(f"no proof from {first} to {second}")
    start, end, whole, path = 0, second, True, []
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            path.append(_span(middle, end, read))
            end = middle
        else:
            path.append(_span(start, middle, read))
            start, whole = middle, False
    if not whole:
        path.append(_span(start, end, read))
    return path[::-1]


def included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof leads from the leaf hash to the root (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    left, last, top = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if left & 1 or left == last:
            top = node_hash(sibling, top)
            while not left & 1 and left:
                left, last = left >> 1, last >> 1
        else:
            top = node_hash(top, sibling)
        left, last = left >> 1, last >> 1
    return last == 0 and top == root


def consistent(first: int, second: int, roots: tuple[bytes, bytes], proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the second root's tree begins with the first one's (RFC 9162 §2.1.4.2)."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not proof and roots[0] == roots[1]
    path = [roots[0], *proof] if first & (first - 1) == 0 else list(proof)
    if not path:
        return False
    left, last = first - 1, second - 1
    while left & 1:
        left, last = left >> 1, last >> 1
    older = newer = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if left & 1 or left == last:
            older, newer = node_hash(sibling, older), node_hash(sibling, newer)
            while not left & 1 and left:
                left, last = left >> 1, last >> 1
        else:
            newer = node_hash(newer, sibling)
        left, last = left >> 1, last >> 1
    return last == 0 and (older, newer) == roots
