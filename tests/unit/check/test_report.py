"""Findings read the same in every form, and a text finding points at the word."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from engine.check import CODES
from engine.check.report import as_github, as_json, as_text
from engine.check.sarif import as_sarif
from engine.errors import Finding, Place

ERROR = Finding(place=Place(file="a.yaml", line=2, column=3), code="E201", message="no “such” field")
WARNING = Finding(place=Place(file="a.yaml", line=4, column=1), code="W302", message="not used")


def shown(line: str, column: int) -> list[str]:
    """The text of a finding at that column of that line, without its first line."""
    lines: Mapping[int, str] = {2: line}
    finding = Finding(place=Place(file="a.yaml", line=2, column=column), code="E201", message="wrong")
    return as_text([finding], lambda file, number: lines.get(number)).splitlines()[1:]


def test_text_has_a_line_for_each_finding_in_their_order() -> None:
    assert as_text([ERROR, WARNING], lambda file, number: None).splitlines() == [
        "a.yaml:2:3: error E201 no “such” field",
        "a.yaml:4:1: warning W302 not used",
    ]
    assert as_text([], lambda file, number: None) == ""


@pytest.mark.parametrize(
    ("line", "column", "caret"),
    [
        ("if: trigger.emial", 13, "            ^"),
        ("\tif: x", 6, "\t    ^"),
        ("名: x", 4, "    ^"),
        ("if:", 4, "   ^"),
    ],
)
def test_a_caret_stands_under_the_word(line: str, column: int, caret: str) -> None:
    assert shown(line, column) == [f"  | {line}", f"  | {caret}"]


def test_a_long_line_is_cut_around_the_word() -> None:
    line, caret = shown("a" * 500 + "WRONG" + "b" * 500, 501)
    assert len(line) < 170
    assert line[caret.index("^") :].startswith("WRONG")


def test_what_would_steer_the_terminal_is_not_shown() -> None:
    assert shown("x: \x1b[2J y", 1)[0] == "  | x: ·[2J y"


def test_a_place_outside_of_the_file_shows_no_line() -> None:
    assert shown("x", 9) == []


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


def test_github_gets_commands_whose_special_characters_are_escaped() -> None:
    odd = Finding(place=Place(file="a,b:c.yaml", line=1, column=2), code="W302", message="100%\nof it: a, b")
    assert as_github([ERROR, odd]).splitlines() == [
        "::error file=a.yaml,line=2,col=3,title=E201::no “such” field",
        "::warning file=a%2Cb%3Ac.yaml,line=1,col=2,title=W302::100%25%0Aof it: a, b",
    ]


def test_sarif_names_the_rule_and_the_place_of_each_result() -> None:
    log = json.loads(as_sarif([ERROR, WARNING, ERROR], CODES, "1.2.3"))
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert (log["version"], driver["version"]) == ("2.1.0", "1.2.3")
    assert [rule["id"] for rule in driver["rules"]] == ["E201", "W302"]
    assert driver["rules"][0]["shortDescription"]["text"] == CODES["E201"].title
    result = run["results"][1]
    assert (result["ruleId"], result["ruleIndex"], result["level"]) == ("W302", 1, "warning")
    place = result["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "a.yaml"}, "region": {"startLine": 4, "startColumn": 1}}
