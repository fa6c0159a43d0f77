"""Whatever stands in a test file: it is read and played, or it has findings with places inside of the file; nothing else is raised."""

from __future__ import annotations

import copy
import json

from hypothesis import given
from hypothesis import strategies as st

from engine.runtime.rehearsal.judge import judge
from engine.runtime.rehearsal.written import mapping_lines
from engine.strictjson import Json
from tests.unit.check.support import CATALOGUE
from tests.unit.runtime.rehearsal.support import findings, read

RIGHT: dict[str, Json] = {
    "flow": "a",
    "tests": [
        {
            "name": "t",
            "run": {"id": "r", "started_at": "2026-01-01T12:00:00Z"},
            "manual": False,
            "inputs": {"stars": 1},
            "trigger": {
                "event": "order.made",
                "payload": {"id": "o-1", "person": {"email": "e"}, "lines": [{"sku": "s"}]},
            },
            "mock": {
                "look": [
                    {"error": {"kind": "server", "message": "m", "status": 500}},
                    {"returns": {"email": "e", "name": "n"}},
                ],
                "each[0].note": {"returns": {"uri": "u", "order": {"id": "o"}}},
            },
            "expect": {
                "status": "succeeded",
                "message": "m",
                "steps": {
                    "look": {"status": "succeeded", "attempts": 2, "output": {"name": "n"}, "error": {"kind": "server"}}
                },
                "outputs": {"name": "n"},
                "not_called": ["note"],
            },
        }
    ],
}
WORDS = [
    "look",
    "known",
    "note",
    "each[0].note",
    "each[9].note",
    "",
    "[",
    "returns",
    "error",
    "sample",
    "set",
    "x/y",
    "unknown_outcome",
    "not_started",
    "{{ x }}",
]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 700)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(WORDS)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
    max_leaves=6,
)


def slots(value: Json, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, item in inside for found in slots(item, (*path, key)))]


SLOTS = [slot for slot in slots(RIGHT) if slot]


@given(st.lists(st.tuples(st.sampled_from(SLOTS), VALUES), min_size=1, max_size=4))
def test_a_file_with_anything_anywhere_gives_findings_or_verdicts(
    changes: list[tuple[tuple[str | int, ...], Json]],
) -> None:
    data = copy.deepcopy(RIGHT)
    for path, value in changes:
        _put(data, path, value)
    text = "\n".join(mapping_lines(data))
    found, lines = findings(text), text.splitlines()
    assert all(1 <= each.place.line <= len(lines) for each in found)
    if found:
        return
    tests = read(text)
    for case in tests.cases:
        json.dumps([list(problem.lines()) for problem in judge(tests.flow, case, CATALOGUE).problems])


def _put(data: object, path: tuple[str | int, ...], value: Json) -> None:
    for part in path[:-1]:
        try:
            data = data[part]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(data, dict) or (isinstance(data, list) and isinstance(path[-1], int) and path[-1] < len(data)):
        data[path[-1]] = value  # type: ignore[index]
