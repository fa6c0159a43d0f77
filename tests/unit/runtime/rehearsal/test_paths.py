"""Names of steps in tests are the paths that a run gives its steps, or their ids."""

from __future__ import annotations

import pytest

from engine.flow import load_flow
from engine.runtime.rehearsal.paths import pattern_of, patterns, step_at, without_numbers
from tests.unit.runtime.rehearsal.support import verdict

FLOW = """\
id: a
connections: {crm: crm}
steps:
  - id: look
    uses: crm.list_people
    on_error: [{id: tell, set: {v: 1}}]
  - id: outer
    foreach: "[1, 2]"
    as: one
    steps:
      - id: inner
        foreach: "[3]"
        steps:
          - {id: deep, if: item == 3, then: [{id: deepest, set: {w: 1}}]}
  - {id: end, stop: {status: failed}}
on_error:
  - {id: last, set: {z: 1}}
"""


def test_every_path_of_a_run_is_known_and_every_step_has_a_path() -> None:
    flow = load_flow(FLOW, "a.yaml")
    played = verdict(
        "mock: {look: {error: {kind: invalid}}}",
        of=FLOW.replace(
            "  - {id: end, stop: {status: failed}}\n", "  - {id: end, foreach: '1', steps: [{id: x, set: {v: 1}}]}\n"
        ),
    ).played
    assert played is not None
    assert list(played.steps) == [
        "look",
        "look.on_error.tell",
        *("outer[0].inner[0].deep.deepest", "outer[0].inner[0].deep", "outer[0].inner", "outer[1].inner[0].deep.deepest"),
        *("outer[1].inner[0].deep", "outer[1].inner", "outer", "end", "on_error.last"),
    ]  # fmt: skip
    known = {name.replace("[]", "") for name in patterns(flow)}
    assert {without_numbers(path) for path in played.steps} == known


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("look", "look"),
        ("tell", "look.on_error.tell"),
        ("look.on_error.tell", "look.on_error.tell"),
        ("on_error.last", "on_error.last"),
        ("deepest", "outer[].inner[].deep.deepest"),
        ("outer.inner.deep", "outer[].inner[].deep"),
        ("outer[7].inner[0].deep", "outer[].inner[].deep"),
        ("outer.inner[0].deep", None),
        ("look[0]", None),
        ("outer[0]", None),
        ("inner.deep", None),
        ("", None),
    ],
)
def test_a_name_means_a_step_or_none(name: str, pattern: str | None) -> None:
    flow = load_flow(FLOW, "a.yaml")
    step = step_at(flow, name)
    assert (pattern_of(flow, step) if step is not None else None) == pattern
