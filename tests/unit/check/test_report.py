"""Findings read the same as text and as JSON."""

from __future__ import annotations

import json

from engine.check.report import as_json, as_text
from engine.errors import Finding, Place

ERROR = Finding(place=Place(file="a.yaml", line=2, column=3), code="E201", message="no “such” field")
WARNING = Finding(place=Place(file="a.yaml", line=4, column=1), code="W302", message="not used")


def test_text_has_a_line_for_each_finding_and_one_that_counts() -> None:
    assert as_text([ERROR, WARNING, WARNING]).splitlines() == [
        "a.yaml:2:3: error E201 no “such” field",
        "a.yaml:4:1: warning W302 not used",
        "a.yaml:4:1: warning W302 not used",
        "1 error, 2 warnings",
    ]
    assert as_text([]) == "no findings"
    assert as_text([WARNING]).endswith("1 warning")


def test_json_has_the_same_in_fields() -> None:
    found = json.loads(as_json([ERROR, WARNING]))
    assert (found["errors"], found["warnings"]) == (1, 1)
    assert found["findings"][0] == {
        "file": "a.yaml",
        "line": 2,
        "column": 3,
        "severity": "error",
        "code": "E201",
        "message": "no “such” field",
    }
    assert found["findings"][1]["severity"] == "warning"
