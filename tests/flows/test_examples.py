"""The flows that we ship load and check without a finding, and do on deliveries what their descriptions say."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from connectors.calendly import calendly
from connectors.log import log
from engine.check import check_flow
from engine.core.statuses import StepStatus
from engine.flow import load_flow, read_flows
from engine.flow.model import ActionStep, all_steps
from engine.runtime.rehearsal.paths import patterns, without_numbers
from engine.runtime.rehearsal.suite import Suite

CATALOGUE = {"calendly": calendly, "log": log}
FOLDER = Path(__file__).parents[2] / "flows"
FILES = sorted(path for path in FOLDER.glob("*.yaml") if not path.name.endswith(".test.yaml"))


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
        assert all(spec.description and not spec.required for spec in flow.inputs.values()), "it can be taken as it is"

    def test_needs_a_calendly_connection_only(self, path: Path) -> None:
        assert load_flow(path.read_bytes(), str(path)).connections == {"calendly": "calendly"}

    def test_cannot_start_itself(self, path: Path) -> None:
        flow = load_flow(path.read_bytes(), str(path))
        actions = {step.action for step in all_steps(flow) if isinstance(step, ActionStep)}
        events = {
            str(event) for trigger in flow.triggers for event in cast("list[str]", trigger.given.get("events", []))
        }
        assert not ("create_invitee_no_show" in actions and "invitee_no_show.created" in events)
        assert not ("delete_invitee_no_show" in actions and "invitee_no_show.deleted" in events)


def test_there_are_enough_of_them_and_their_ids_differ() -> None:
    found = list(read_flows([FOLDER]))
    assert len(found) >= 7
    assert all(each.flow for each in found)


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
