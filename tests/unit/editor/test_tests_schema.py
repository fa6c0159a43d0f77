"""The schema of test files takes those of the examples, and has the keys that the reader has."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from jsonschema import Draft7Validator

from connectors.calendly import calendly
from connectors.http import http
from connectors.log import log
from connectors.schedule import schedule
from engine import editor
from engine.editor import tests
from engine.runtime.rehearsal import expectations, read
from tests.unit.editor.test_flow_schema import data

ROOT = Path(__file__).parents[3]
CATALOGUE = {"calendly": calendly, "http": http, "log": log, "schedule": schedule}
SCHEMA = cast("dict[str, dict[str, object]]", editor.tests_schema(CATALOGUE))
VALIDATOR = Draft7Validator(SCHEMA)


def test_it_is_a_schema() -> None:
    Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", sorted((ROOT / "flows").glob("*.test.yaml")), ids=lambda path: path.stem)
def test_every_test_file_of_the_examples_fits(path: Path) -> None:
    assert not [error.message for error in VALIDATOR.iter_errors(data(path.read_text(encoding="utf-8")))]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("{flow: f}", []),
        ("{flow: f, tests: []}", ["tests"]),
        ("{flow: f, tests: [{expect: {status: failed}}]}", ["tests", 0]),
        ("{flow: f, tests: [{name: a, expects: {}}]}", ["tests", 0]),
        ("{flow: f, tests: [{name: a, expect: {status: done}}]}", ["tests", 0, "expect", "status"]),
        ("{flow: f, tests: [{name: a, manual: maybe}]}", ["tests", 0, "manual"]),
    ],
)
def test_a_mistake_is_refused_where_it_stands(text: str, path: list[str | int]) -> None:
    assert [list(error.absolute_path) for error in VALIDATOR.iter_errors(data(text))] == [path]


def test_it_has_the_keys_of_the_reader_and_no_others() -> None:
    assert set(SCHEMA["properties"]) == set(read.FILE_KEYS)
    assert set(tests.case_keys(CATALOGUE)) == set(read.TEST_KEYS)
    assert set(tests.RUN) == set(read.RUN_KEYS)
    assert set(tests.EXPECTED_RUN) == set(expectations.RUN_KEYS)
    assert set(tests.EXPECT) == set(expectations.EXPECT_KEYS)
    assert set(tests.STEP) == set(expectations.STEP_KEYS)
    assert set(tests.ERROR) == set(expectations.ERROR_KEYS)
    assert set(tests.EXPECT["status"]["enum"]) == set(expectations.RUN_STATUSES)  # type: ignore[arg-type]
    assert set(tests.STEP["status"]["enum"]) == set(expectations.STEP_STATUSES)  # type: ignore[arg-type]
