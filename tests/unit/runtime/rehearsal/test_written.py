"""YAML that we write reads back as exactly what it was, whatever a payload holds."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.calendly import calendly
from engine.flow.document import Findings
from engine.flow.yaml import read_yaml
from engine.runtime.rehearsal.written import mapping_lines, yaml_lines
from engine.strictjson import Json

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    [
        "on",
        "no",
        "null",
        "0o17",
        "010",
        "1e3",
        "+41",
        "~",
        "- a",
        "a: b",
        "# x",
        "{{ x }}",
        "<<",
        "!t",
        "a\nb",
        "\u2028",
        "12:30:00",
    ]
)
SCALARS = (
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False) | TEXT
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=12
)


def read(text: str) -> Json:
    findings = Findings()
    document = read_yaml(text, "a.yaml", findings)
    assert findings.found == []
    assert document is not None
    return document.data


@given(VALUES)
def test_any_value_comes_back(value: Json) -> None:
    assert json.dumps(read("\n".join(yaml_lines({"v": value})))) == json.dumps({"v": value})


@given(st.dictionaries(TEXT, VALUES, min_size=1, max_size=4))
def test_any_mapping_comes_back_with_each_key_on_its_own_line(value: dict[str, Json]) -> None:
    assert json.dumps(read("\n".join(mapping_lines(value)))) == json.dumps(value)


@pytest.mark.parametrize("name", list(calendly.samples))
def test_every_sample_comes_back_from_below_a_list(name: str) -> None:
    lines = ["tests:", *(f"  {line}" for line in yaml_lines([calendly.samples[name]], "  "))]
    assert read("\n".join(lines)) == {"tests": [calendly.samples[name]]}


def test_words_stand_bare_and_what_could_be_taken_for_something_else_in_quotes() -> None:
    assert list(mapping_lines({"a": "word", "b": "no", "c": "true", "d": "0o17"})) == [
        "a: word",
        "b: no",
        'c: "true"',
        'd: "0o17"',
    ]
