"""The flows that we ship load and check without a finding, and do on deliveries what their descriptions say."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from connectors.calendly import calendly
from connectors.http import http
from connectors.log import log
from connectors.schedule import schedule
from engine.check import check_flow
from engine.core.statuses import StepStatus
from engine.flow import load_flow, read_flows, words
from engine.flow.document import Findings
from engine.flow.model import ActionStep, all_steps
from engine.flow.yaml import read_yaml
from engine.runtime.rehearsal.paths import patterns, without_numbers
from engine.runtime.rehearsal.suite import Suite

CATALOGUE = {"calendly": calendly, "http": http, "log": log, "schedule": schedule}
FOLDER = Path(__file__).parents[2] / "flows"
FILES = sorted(path for path in FOLDER.rglob("*.yaml") if not path.name.endswith(".test.yaml"))
STARTERS = [path for path in FILES if path.parent == FOLDER]
"""Those that can be taken as they are, with nothing but an account at Calendly."""


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
class TestEachExample:
    def test_loads_and_checks_without_a_finding(self, path: Path) -> None:
        flow = load_flow(path.read_bytes(), str(path))
        assert [str(finding) for finding in check_flow(flow, CATALOGUE)] == []

    def test_says_what_it_is(self, path: Path) -> None:
        flow = load_flow(path.read_bytes(), str(path))
        assert flow.id == path.stem
        assert flow.name != flow.id
        assert flow.description.endswith(".")
        assert flow.source.startswith("# "), "a comment says why one would want it"
        assert all(spec.description for spec in flow.inputs.values())

    def test_cannot_start_itself(self, path: Path) -> None:
        flow = load_flow(path.read_bytes(), str(path))
        actions = {step.action for step in all_steps(flow) if isinstance(step, ActionStep)}
        events = {
            str(event) for trigger in flow.triggers for event in cast("list[str]", trigger.given.get("events", []))
        }
        assert not ("create_invitee_no_show" in actions and "invitee_no_show.created" in events)
        assert not ("delete_invitee_no_show" in actions and "invitee_no_show.deleted" in events)


@pytest.mark.parametrize("path", STARTERS, ids=[path.stem for path in STARTERS])
def test_a_starter_can_be_taken_as_it_is(path: Path) -> None:
    flow = load_flow(path.read_bytes(), str(path))
    assert flow.connections == {"calendly": "calendly"}
    assert not any(spec.required for spec in flow.inputs.values())


def test_there_are_enough_of_them_and_their_ids_differ() -> None:
    found = list(read_flows([FOLDER]))
    assert len(found) >= 24
    assert all(each.flow for each in found)


def used(data: object) -> set[str]:
    """Every key, and every `key: word`, anywhere in a flow file."""
    if isinstance(data, list | tuple):
        return {word for each in data for word in used(each)}
    if not isinstance(data, dict):
        return set()
    own = {str(key) for key in data} | {
        f"{key}: {value}" for key, value in data.items() if isinstance(value, str | bool)
    }
    kinds = {f"{kind}/{key}" for kind in words.KIND_KEYS if kind in data for key in data}
    return own | kinds | {word for each in data.values() for word in used(each)}


def test_together_they_use_the_whole_language() -> None:
    found = {word for path in FILES for word in used(read_yaml(path.read_bytes(), str(path), Findings()).data)}  # type: ignore[union-attr]
    steps = {f"{kind}/{key}" for kind, of_kind in words.KIND_KEYS.items() for key in of_kind}
    chosen = {
        *(f"join: {join}" for join in words.JOINS),
        *(f"on_limit: {choice}" for choice in words.ON_LIMIT if choice != "queue"),
        *(f"on_uncertain: {choice}" for choice in words.ON_UNCERTAIN),
        *(f"type: {kind}" for kind in words.INPUT_TYPES),
        *(f"status: {status}" for status in words.STOP_STATUSES),
        *("on_error: continue", "uses: manual", "uses: schedule.cron", "uses: http.respond", "uses: log.write"),
        *("auth: token", "auth: signature", "catch_up: all", "wait: False", "backoff: fixed", "respond"),
    }
    everything = {
        *(*words.FLOW_KEYS, *words.TRIGGER_KEYS, *words.INPUT_KEYS, *words.DEFAULTS_KEYS, *words.CONCURRENCY_KEYS),
        *(*words.RETRY_KEYS, *words.WAIT_KEYS, *words.EVENT_KEYS, *words.STOP_KEYS, *words.STEP_KEYS, *steps, *chosen),
    }
    assert everything - found == set()
    sources = "".join(path.read_text() for path in FILES)
    contexts = ("loop.index", "trigger.item", "trigger.index", "event.payload", "run.status", "run.id", "error.kind")
    assert [
        word for word in (*contexts, "secure: [inputs]", "secure: [outputs]", "<<: *", "{% for ") if word not in sources
    ] == []


def test_together_they_do_not_go_round_in_circles() -> None:
    flows = [load_flow(path.read_bytes(), str(path)) for path in FILES]
    heard = {
        str(event)
        for flow in flows
        for trigger in flow.triggers
        for event in cast("list[str]", trigger.given.get("events", []))
    }
    assert "invitee_no_show.deleted" not in heard, (
        "marking is answered by taking back, so taking back must not be answered"
    )


def test_every_example_has_tests_of_its_own_and_each_of_them_passes() -> None:
    suite = Suite(CATALOGUE)
    reports = {path.stem: suite.report(path.with_suffix(".test.yaml")) for path in FILES}
    assert [f"{name}: {len(report.tests)}" for name, report in reports.items() if len(report.tests) < 3] == []
    assert [name for name, report in reports.items() if not report.passed or report.flow != name] == []


def test_every_step_of_every_example_runs_in_one_of_its_tests() -> None:
    suite = Suite(CATALOGUE)
    for path in FILES:
        tests = suite.read(path.with_suffix(".test.yaml"))
        played = [test.verdict.played for test in suite.tested(tests)]
        ran = {
            without_numbers(step)
            for each in played
            if each is not None
            for step, acted in each.steps.items()
            if acted.status is not StepStatus.SKIPPED
        }
        assert {name.replace("[]", "") for name in patterns(tests.flow)} <= ran, path.name
