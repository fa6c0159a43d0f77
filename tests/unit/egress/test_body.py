"""Bodies under a cap, compressed and not."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.egress.body import Damaged, OverCap, read_capped


def _cut(data: bytes, size: int) -> Sequence[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@given(members=st.lists(st.binary(max_size=300), min_size=1, max_size=4), size=st.integers(1, 50))
def test_gzip_in_any_pieces_and_members_gives_what_was_packed(members: list[bytes], size: int) -> None:
    packed = b"".join(gzip.compress(member) for member in members)
    assert read_capped(_cut(packed, size), encoding="gzip", cap=5_000) == b"".join(members)


@given(data=st.binary(max_size=300), size=st.integers(1, 50))
def test_a_plain_body_is_given_as_it_is(data: bytes, size: int) -> None:
    assert read_capped(_cut(data, size), encoding="", cap=300) == data


@pytest.mark.parametrize("encoding", ["", "identity"])
def test_the_cap_is_the_last_length_that_passes(encoding: str) -> None:
    assert read_capped([b"12345"], encoding=encoding, cap=5) == b"12345"
    with pytest.raises(OverCap):
        read_capped([b"123", b"456"], encoding=encoding, cap=5)


def test_the_cap_counts_after_decompression() -> None:
    packed = gzip.compress(bytes(1_001))
    assert len(packed) < 100
    assert len(read_capped([packed], encoding="gzip", cap=1_001)) == 1_001
    with pytest.raises(OverCap):
        read_capped([packed], encoding="gzip", cap=1_000)


def test_a_bomb_is_never_held_whole() -> None:
    packed = gzip.compress(bytes(50_000_000))
    tracemalloc.start()
    with pytest.raises(OverCap):
        read_capped([packed], encoding="gzip", cap=100_000)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 5_000_000


def test_compressed_nothing_without_an_end_is_over_the_cap_too() -> None:
    with pytest.raises(OverCap):
        read_capped((gzip.compress(b"") for _ in range(100)), encoding="gzip", cap=1_000)


@pytest.mark.parametrize(
    ("packed", "encoding"),
    [
        (b"this is no gzip", "gzip"),
        (gzip.compress(b"text")[:-3], "gzip"),
        (gzip.compress(b"text") + b"rubbish", "gzip"),
        (b"x", "br"),
        (b"x", "gzip, gzip"),
    ],
)
def test_what_is_not_as_its_encoding_says_is_damaged(packed: bytes, encoding: str) -> None:
    with pytest.raises(Damaged):
        read_capped([packed], encoding=encoding, cap=1_000)


def test_an_empty_body_may_claim_any_gzip() -> None:
    assert read_capped([], encoding="gzip", cap=1) == b""
