"""What belongs to the language but not to this release is refused by name, at its place, and never taken for a typo or ignored."""

from __future__ import annotations

import pytest

from engine.flow import codes, words
from tests.unit.flow.reading import findings_of, flow, step

INNER = "steps: [{id: c, set: {x: 1}}]"
FLOW: dict[str, str] = {
    "defaults": "defaults: {timeout: 30s}",
    "timeout": "timeout: 1h",
    "concurrency": "concurrency: {key: trigger.payload.email, limit: 1}",
    "finally": "finally: [{id: c, set: {x: 1}}]",
    "x-team": "x-team: sales",
}
STEP: dict[str, tuple[str, ...]] = {
    "switch": ("switch: inputs.x",),
    "cases": ("cases: {a: []}",),
    "default": ("default: []",),
    "until": ("until: vars.done", INNER),
    "max_iterations": ("until: vars.done", "max_iterations: 3"),
    "interval": ("until: vars.done", "interval: 5s"),
    "parallel": ("parallel: {a: [], b: []}",),
    "join": ("parallel: {a: []}", "join: any"),
    "wait": ("wait: {for: 90m}",),
    "flow": ("flow: other", "with: {x: 1}"),
    "idempotency_key": ("uses: a.b", "idempotency_key: '{{ run.id }}'"),
    "on_uncertain": ("uses: a.b", "on_uncertain: retry"),
    "secure": ("uses: a.b", "secure: [inputs]"),
    "x-note": ("uses: a.b", "x-note: mine"),
}


def refused(source: str) -> dict[str, str]:
    return {
        f"{found.place.line}:{found.place.column}": found.message
        for found in findings_of(source)
        if found.code == codes.NOT_YET
    }


@pytest.mark.parametrize("key", sorted(FLOW))
def test_a_key_of_the_flow(key: str) -> None:
    findings = findings_of(flow(FLOW[key]))
    assert [found.code for found in findings] == [codes.NOT_YET]
    assert (findings[0].place.line, findings[0].place.column) == (3, 1)
    assert "not supported yet" in findings[0].message


@pytest.mark.parametrize("key", sorted(STEP))
def test_a_key_of_a_step(key: str) -> None:
    lines = STEP[key]
    line = next(number for number, text in enumerate(lines) if text.startswith(f"{key}:"))
    found = refused(step("id: b", *lines))
    assert f"{line + 4}:5" in found
    assert "not supported yet" in found[f"{line + 4}:5"]
    assert {finding.code for finding in findings_of(step("id: b", *lines))} == {codes.NOT_YET}


@pytest.mark.parametrize("lines", [(INNER,), ("if: inputs.x", INNER), (INNER, "timeout: 5m")])
def test_a_group_of_steps(lines: tuple[str, ...]) -> None:
    assert any("group" in message for message in refused(step("id: b", *lines)).values())


@pytest.mark.parametrize(
    "lines",
    [("foreach: inputs.x", INNER, "timeout: 5m"), ("if: inputs.x", "then: [{id: c, set: {x: 1}}]", "timeout: 5m")],
)
def test_a_timeout_around_several_steps(lines: tuple[str, ...]) -> None:
    assert refused(step("id: b", *lines)) == {"6:5": "a timeout around several steps: not supported yet"}


@pytest.mark.parametrize(
    ("source", "place"),
    [
        (flow("triggers: [{uses: a.b, split_on: trigger.payload.items}]"), "3:24"),
        (flow("on_error: continue"), "3:11"),
        (flow("name: &n x"), "3:7"),
        (flow("name: *n"), "3:7"),
        (flow("variables:", "  <<: {a: 1}"), "4:3"),
        (flow("inputs: {n: {type: string, x-y: 1}}"), "3:28"),
    ],
)
def test_elsewhere(source: str, place: str) -> None:
    assert list(refused(source)) == [place]


def test_every_word_of_a_later_release_is_in_these_tables() -> None:
    assert set(words.FLOW_NOT_YET) <= set(FLOW)
    assert set(words.STEP_NOT_YET) <= set(STEP)
    assert set(words.TRIGGER_NOT_YET) == {"split_on"}


def test_a_typo_of_such_a_word_is_an_unknown_key() -> None:
    findings = findings_of(flow("concurency: {limit: 1}"))
    assert [found.code for found in findings] == [codes.UNKNOWN_KEY]
