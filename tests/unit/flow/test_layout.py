"""Every word of a text is placed where it stands in the file, however YAML writes the text."""

from __future__ import annotations

import pytest

from engine.flow import load_flow
from engine.flow.model import SetStep

CASES = {
    "plain": "v: x {{ trigger.one }} y {{ trigger.two }}",
    "plain over lines": "v: x {{ trigger.one }}\n        y {{ trigger.two }}",
    "double quoted": 'v: "{{ trigger.one }} {{ trigger.two }}"',
    "escapes": r'v: "\"q\" \x41 \u00e9 \U0001F600 \\ {{ trigger.one }} \n\t {{ trigger.two }}"',
    "double quoted over lines": 'v: "{{ trigger.one }}\n\n          and {{ trigger.two }}"',
    "joined by a backslash": 'v: "{{ trigger.one }} \\\n          and \\\n\n          {{ trigger.two }}"',
    "single quoted": "v: 'it''s {{ trigger.one }}, isn''t {{ trigger.two }}'",
    "single quoted over lines": "v: 'it''s {{ trigger.one }}\n          isn''t {{ trigger.two }}'",
    "literal": "v: |\n        {{ trigger.one }}\n          more {{ trigger.two }}",
    "literal with its own indent": "v: |2-\n            {{ trigger.one }}\n\n          {{ trigger.two }}",
    "folded": "v: >\n        {{ trigger.one }}\n        and\n\n          {{ trigger.two }}",
    "folded without the last line break": "v: >-\n\n        x\n        {{ trigger.one }} {{ trigger.two\n        }}",
    "beyond the first plane": 'v: "😀 {{ trigger.one }} \\U0001F600 {{ trigger.two }}"',
}


@pytest.mark.parametrize("name", CASES)
def test_both_words_are_placed(name: str) -> None:
    source = f"id: a\nsteps:\n  - id: s\n    set:\n      {CASES[name]}\n"
    (step,) = load_flow(source, "a.yaml").steps
    assert isinstance(step, SetStep)
    lines = source.splitlines()
    found = []
    for expression in step.values["v"].expressions:
        (reference,) = expression.references()
        place = reference.places[1]
        found.append(lines[place.line - 1][place.column - 1 : place.column + 2])
    assert found == ["one", "two"]
