"""Whatever a file holds, loading gives a flow or findings with places inside of the file: never another exception."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.flow import load_flow, words
from engine.flow.model import Step, all_steps
from tests.unit.flow.everything import EVERYTHING
from tests.unit.flow.reading import findings_of
from tests.unit.flow.test_build import SOURCE

SIGNS = list("{}[]:,-'\"#&*!|>%@`?~<\\ \t\n\r.0e")
WORDS = [
    *words.FLOW_KEYS,
    *words.STEP_KEYS,
    *(key for keys in words.KIND_KEYS.values() for key in keys),
    *words.RETRY_KEYS,
    *words.TRIGGER_KEYS,
    *words.DEFAULTS_KEYS,
    *words.CONCURRENCY_KEYS,
    *words.WAIT_KEYS,
    *words.EVENT_KEYS,
    words.MANUAL,
    "<<",
    "x-a",
    "&a",
    "*a",
]
LOADERS = {"libyaml": yaml.CSafeLoader, "python": yaml.SafeLoader}

json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8) | st.sampled_from(["a.b", "{{ x }}", "5s", "fail", "2026-12-24", "manual", "any"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=5), inner, max_size=4),
    max_leaves=30,
)  # fmt: skip


@pytest.fixture(params=sorted(LOADERS), autouse=True, scope="module")
def parser(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.flow.yaml._LOADER", LOADERS[request.param])
        yield


def loads_or_explains(source: str | bytes) -> None:
    text = source if isinstance(source, str) else source.decode(errors="replace")
    for finding in findings_of(source):
        assert 1 <= finding.place.line <= len(text.splitlines()) + 1
        assert finding.place.column >= 1
        assert "\n" not in finding.message
        assert finding.message.strip()
        assert len(finding.message) < 600


relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@relaxed
@given(st.text() | st.binary())
@example('"\\')
@example("\x00")
@example("{" * 400)
@example("a: *a")
@example("k" * 5_000 + ": 1")
@example("a: {" + "{{'" * 5_000)
@example("a: &" + "k" * 5_000 + " 1")
@example("a: !" + "k" * 5_000 + " 1")
@example("id: " + "k" * 5_000)
@example("a" * 5_000 + ": 1\n  b: 2")
@example("id: a\nsteps: [{id: b, uses: c.d, timeout: " + "9" * 5_000 + "}]")
@example("id: a\nsteps: [{id: b, if: '" + "(" * 5_000 + "', stop: {status: failed}}]")
@example("? ? ? a")
@example("a: &" + "k" * 5_000 + " 1\nb: *" + "k" * 5_001)
@example("id: a\nsteps: [{id: b, switch: x, cases: {" + "k" * 5_000 + ": }}]")
@example("id: a\nsteps: [{id: b, parallel: {" + "k" * 5_000 + ": 3}}]")
@example("id: a\nsteps: [{id: b, wait: {until: 2026-12-24" + "T1" * 5_000 + "}}]")
@example("id: a\nsteps: [{id: b, wait: " + "k" * 5_000 + "}]")
@example("id: a\nx-" + "k" * 5_000 + ": {y: &z [*z]}")
@example("a: &b {<<: {<<: *b}, ? *b : <<}")
@example("<<: {<<: <<}\n? <<\n: [<<]")
@example("x-\ny: 1")
def test_any_text(source: str | bytes) -> None:
    loads_or_explains(source)


@relaxed
@given(st.lists(st.sampled_from(SIGNS + WORDS)))
def test_any_heap_of_signs(pieces: list[str]) -> None:
    loads_or_explains("".join(pieces))


@relaxed
@given(json_like)
def test_any_json(data: object) -> None:
    loads_or_explains(yaml.safe_dump(data, allow_unicode=True))


@relaxed
@given(st.integers(0, len(SOURCE)), st.integers(0, 20), st.text(max_size=3) | st.sampled_from(SIGNS))
def test_any_edit_of_a_right_flow(at: int, cut: int, put: str) -> None:
    loads_or_explains(SOURCE[:at] + put + SOURCE[at + cut :])


@relaxed
@given(st.integers(0, len(EVERYTHING)), st.integers(0, 20), st.text(max_size=3) | st.sampled_from(SIGNS + WORDS))
def test_any_edit_of_a_flow_that_uses_the_whole_language(at: int, cut: int, put: str) -> None:
    loads_or_explains(EVERYTHING[:at] + put + EVERYTHING[at + cut :])


@relaxed
@given(st.lists(st.integers(0, EVERYTHING.count("\n")), min_size=1, max_size=4))
def test_any_lines_left_out_of_it(numbers: list[int]) -> None:
    lines = EVERYTHING.splitlines(keepends=True)
    loads_or_explains("".join(line for number, line in enumerate(lines) if number not in numbers))


def test_the_flow_that_uses_the_whole_language_is_right_and_does_so() -> None:
    assert findings_of(EVERYTHING) == ()
    built = load_flow(EVERYTHING, "a.yaml")
    assert {type(each) for each in all_steps(built)} == set(get_args(Step))
    for key in WORDS:
        assert key in EVERYTHING, key
