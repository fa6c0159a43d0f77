"""The cache builds a version once, forgets the one that was used least recently, and keeps nothing that failed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.errors import FlowFileError
from engine.flow import FlowCache
from tests.unit.flow.reading import flow


def test_a_version_is_built_once() -> None:
    cache = FlowCache()
    first = cache.get("d1", flow(), "a.yaml")
    assert cache.get("d1", "not read again", "b.yaml") is first


def test_the_version_used_least_recently_is_forgotten() -> None:
    cache = FlowCache(2)
    first, second = cache.get("d1", flow(), "a"), cache.get("d2", flow("name: two"), "a")
    assert cache.get("d1", "", "a") is first
    cache.get("d3", flow("name: three"), "a")
    assert cache.get("d1", "", "a") is first
    assert cache.get("d2", flow("name: two"), "a") is not second


def test_a_file_that_fails_is_not_kept() -> None:
    cache = FlowCache()
    with pytest.raises(FlowFileError):
        cache.get("d1", "id: [", "a.yaml")
    assert cache.get("d1", flow(), "a.yaml").id == "a"


def test_threads_that_miss_together_get_the_same_flow() -> None:
    cache = FlowCache()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: cache.get("d1", flow(), "a.yaml"), range(16)))
    assert len({id(each) for each in found}) == 1
