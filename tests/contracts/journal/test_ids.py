"""Ids sort by time and never repeat."""

from __future__ import annotations

from engine.journal.ids import ALPHABET, LENGTH, IdMaker, prefix_range
from tests.contracts.journal.stories import at_once


def test_ids_sort_by_time() -> None:
    times = iter([1, 2, 1_795_359_485_442, 2**48 - 1])
    ids = [IdMaker(lambda: next(times)).new() for _ in range(4)]

    assert ids == sorted(ids)
    assert all(len(each) == LENGTH and set(each) <= set(ALPHABET) for each in ids)


def test_ids_of_one_moment_still_grow() -> None:
    maker = IdMaker(lambda: 1_795_359_485_442)

    ids = [maker.new() for _ in range(5_000)]

    assert ids == sorted(set(ids))


def test_ids_of_one_moment_differ_in_their_first_half() -> None:
    maker = IdMaker(lambda: 1_795_359_485_442)

    assert len({maker.new()[: LENGTH // 2] for _ in range(100)}) > 90


def test_ids_grow_although_the_clock_goes_back() -> None:
    times = iter([5_000, 1, 4_999, 5_000, 5_001])
    maker = IdMaker(lambda: next(times))

    ids = [maker.new() for _ in range(5)]

    assert ids == sorted(set(ids))


def test_threads_never_get_the_same_id() -> None:
    maker = IdMaker()

    made = at_once(4, lambda _: [maker.new() for _ in range(500)])

    assert len({each for ids in made for each in ids}) == 2_000
    assert all(ids == sorted(ids) for ids in made)


def test_a_prefix_spans_the_ids_that_start_with_it() -> None:
    span = prefix_range("01M81V")

    assert span is not None
    assert span[0] <= "01m81v" + "z" * 20 < span[1]
    assert span[0] <= "01m81v" + "0" * 20 < span[1]
    assert not span[0] <= "01m81w" + "0" * 20 < span[1]
