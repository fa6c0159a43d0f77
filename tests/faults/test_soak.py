"""The soak's lines can be found not to be flat: samples that are in order are found so, and each way of growing is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.site import Site
from tests.faults.soak import FILES, KEYS, MEMORY_MB, PER_RUN, Lines, Sample

COUNT = 80
FLAT = Sample(at=0, memory={"worker-2": 90.0}, files={"worker-2": 30}, keys=20, bytes=1_000_000, runs=100)


def drawn(tmp_path: Path, *samples: Sample) -> Lines:
    """Lines through these samples, taken every five seconds."""
    at_their_times = [replace(sample, at=5.0 * number) for number, sample in enumerate(samples)]
    return Lines(Site(tmp_path, "sqlite://"), samples=at_their_times)


def grown(part: float) -> Sample:
    """What has grown by ``part`` of what is allowed, beside runs that are as many more."""
    return Sample(
        at=0,
        memory={"worker-2": 90.0 + MEMORY_MB * part},
        files={"worker-2": 30 + round(FILES * part)},
        keys=20 + round(KEYS * part),
        bytes=round(10_000_000 * (1 + (PER_RUN - 1) * part)),
        runs=1_000,
    )


def test_lines_that_hardly_grow_are_flat(tmp_path: Path) -> None:
    assert list(drawn(tmp_path, *[FLAT] * COUNT).findings()) == []
    assert list(drawn(tmp_path, *[FLAT] * (COUNT // 2), *[grown(0.9)] * (COUNT // 2)).findings()) == []


def test_each_line_that_grows_is_named(tmp_path: Path) -> None:
    found = list(drawn(tmp_path, *[FLAT] * (COUNT // 2), *[grown(2)] * (COUNT // 2)).findings())
    assert found == [
        "worker-2 has 48 MB more than after the warm-up",
        "worker-2 has 32 more open files than after the warm-up",
        "Redis has 52 keys, after the warm-up 20",
        "a run takes 15,000 bytes of the database, after the warm-up it was 10,000",
    ]


def test_what_grows_while_it_warms_up_and_what_comes_and_goes_is_no_leak(tmp_path: Path) -> None:
    warming = [grown(2), *[grown(2)] * (COUNT // 4 - 1)]
    assert list(drawn(tmp_path, *warming, *[FLAT] * (COUNT - len(warming))).findings()) == []
    assert list(drawn(tmp_path, *[FLAT] * (COUNT - 3), grown(5), *[FLAT] * 2).findings()) == []


def test_a_redis_or_a_database_that_did_not_answer_is_passed_over(tmp_path: Path) -> None:
    silent = replace(FLAT, keys=None, bytes=None, runs=None)
    assert list(drawn(tmp_path, *[FLAT, silent] * (COUNT // 2)).findings()) == []


@pytest.mark.parametrize("count", [0, 1, 7])
def test_too_few_samples_say_nothing(tmp_path: Path, count: int) -> None:
    [found] = drawn(tmp_path, *[FLAT] * count).findings()
    assert found == f"only {count} samples were taken: too few to say anything"
