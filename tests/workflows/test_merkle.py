"""The Merkle tree against published vectors, against the definition in the RFC, and against liars."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows import merkle

# Leaves and roots of the reference implementation of RFC 6962 (certificate-transparency, merkletree tests).
LEAVES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def grown(leaves):
    """The tree's edge, and all complete subtrees by (level, place)."""
    edge, kept = merkle.Frontier(), {}
    for data in leaves:
        kept |= {(level, place): top for level, place, top in edge.append(merkle.leaf_hash(data))}
    return edge, kept


def by_definition(leaves):
    """MTH of RFC 6962 §2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + by_definition(leaves[:split]) + by_definition(leaves[split:])).digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_published_roots(size):
    edge, _kept = grown(LEAVES[:size])
    assert edge.root().hex() == ROOTS[size - 1]


def test_the_empty_tree():
    assert merkle.Frontier().root() == merkle.EMPTY == hashlib.sha256(b"").digest()


def test_the_proofs_of_the_rfc_s_own_example():
    """RFC 6962 §2.1.3: a tree of seven; the paths of d0, d3, d4, d6, and the proofs from 3, 4 and 6."""
    _edge, kept = grown(LEAVES[:7])
    a, b, c, d, e, f, j = (kept[0, n] for n in range(7))
    g, h, i, k = kept[1, 0], kept[1, 1], kept[1, 2], kept[2, 0]
    node_l = merkle.node_hash(i, j)

    def read(level, place):
        return kept[level, place]

    assert merkle.inclusion(0, 7, read) == [b, h, node_l]
    assert merkle.inclusion(3, 7, read) == [c, g, node_l]
    assert merkle.inclusion(4, 7, read) == [f, j, k]
    assert merkle.inclusion(6, 7, read) == [i, k]
    assert merkle.consistency(3, 7, read) == [c, d, g, node_l]
    assert merkle.consistency(4, 7, read) == [node_l]
    assert merkle.consistency(6, 7, read) == [i, j, k]
    assert (a, e) == (kept[0, 0], kept[0, 4])


@given(st.integers(1, 70), st.data())
def test_every_leaf_and_every_beginning_can_be_proved_and_nothing_else(size, data):
    leaves = [b"%d" % n for n in range(size)]
    edge, kept = grown(leaves)

    def read(level, place):
        return kept[level, place]

    root = by_definition(leaves)
    assert edge.root() == root
    assert merkle.frontier(size, read) == edge
    index = data.draw(st.integers(0, size - 1))
    leaf, proof = merkle.leaf_hash(leaves[index]), merkle.inclusion(index, size, read)
    assert merkle.included(leaf, index, size, proof, root)
    other = data.draw(st.integers(0, size + 3).filter(lambda n: n != index))
    assert not merkle.included(leaf, other, size, proof, root)
    assert not merkle.included(merkle.leaf_hash(b"x"), index, size, proof, root)
    assert not merkle.included(leaf, index, size, [*proof, root], root)
    first = data.draw(st.integers(1, size))
    older = by_definition(leaves[:first])
    path = merkle.consistency(first, size, read)
    assert merkle.consistent(first, size, (older, root), path)
    assert not merkle.consistent(first, size, (merkle.EMPTY, root), path)
    assert not merkle.consistent(first, size, (older, merkle.EMPTY), path)
    assert not merkle.consistent(first, size, (older, root), [*path, root])
    for place in range(len(path)):
        assert not merkle.consistent(first, size, (older, root), [*path[:place], merkle.EMPTY, *path[place + 1 :]])
    for place in range(len(proof)):
        assert not merkle.included(leaf, index, size, [*proof[:place], merkle.EMPTY, *proof[place + 1 :]], root)


@given(st.integers(1, 40), st.data())
def test_another_beginning_is_refused(size, data):
    """A log that was rewritten before the first anchor cannot be proved to begin with it."""
    leaves = [b"%d" % n for n in range(size)]
    first = data.draw(st.integers(1, size))
    older = by_definition(leaves[:first])
    changed = list(leaves)
    changed[data.draw(st.integers(0, first - 1))] = b"changed"
    edge, kept = grown(changed)
    path = merkle.consistency(first, size, lambda level, place: kept[level, place])
    assert not merkle.consistent(first, size, (older, edge.root()), path)


def test_no_leaf_passes_for_a_node():
    left, right = merkle.leaf_hash(b"a"), merkle.leaf_hash(b"b")
    assert merkle.leaf_hash(left + right) != merkle.node_hash(left, right)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 2)])
def test_what_is_not_there_has_no_proof(index, size):
    with pytest.raises(ValueError, match="not in a tree"):
        merkle.inclusion(index, size, lambda _level, _place: b"")
    assert not merkle.included(b"", index, size, [], merkle.EMPTY)


@pytest.mark.parametrize(("first", "second"), [(0, 4), (5, 4)])
def test_no_proof_from_nothing_or_backwards(first, second):
    with pytest.raises(ValueError, match="no proof"):
        merkle.consistency(first, second, lambda _level, _place: b"")
    assert not merkle.consistent(first, second, (merkle.EMPTY, merkle.EMPTY), [])
