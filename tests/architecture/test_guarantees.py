"""The table of guarantees in engine/README.md and the fault suite say the same: no promise without its test, no fault without its line."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
FAULTS = ROOT / "tests" / "faults"
OF_THE_SUITE_ITSELF = {"test_checker.py", "test_site.py", "test_witness.py", "test_planted_bugs.py", "test_soak.py"}
README = (ROOT / "engine" / "README.md").read_text()


def named() -> list[str]:
    part = README[README.index("## What it promises") : README.index("## The shape")]
    return [
        name for line in part.splitlines() if line.startswith("| ") for name in re.findall(r"`(test_\w+\.py)`", line)
    ]


def test_each_fault_of_the_suite_has_its_line_and_each_line_its_test() -> None:
    files = {file.name for file in FAULTS.glob("test_*.py")} - OF_THE_SUITE_ITSELF
    assert files == set(named())


def test_no_test_is_named_for_two_faults() -> None:
    assert len(named()) == len(set(named()))


def test_each_fault_says_in_its_first_lines_what_must_hold() -> None:
    for name in named():
        first = "\n".join((FAULTS / name).read_text().splitlines()[:10])
        assert re.search(r"must hold|Invariant|holds? after|what ``model`` says holds", first), name
