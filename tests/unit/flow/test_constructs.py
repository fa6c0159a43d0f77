"""Each construct of the language, from a right file to the exact values of the model."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from engine.errors import Place
from engine.flow import load_flow
from engine.flow.model import (
    ActionStep,
    Concurrency,
    FlowStep,
    GroupStep,
    OnLimit,
    ParallelStep,
    Step,
    SwitchStep,
    UntilStep,
    WaitStep,
    all_steps,
)
from tests.unit.flow.reading import flow, step

INNER = "steps: [{id: c, uses: log.write, with: {message: hi}}]"


def first(*lines: str) -> Step:
    """The one step that has these lines."""
    return load_flow(step("id: b", *lines), "a.yaml").steps[0]


def ids(steps: tuple[Step, ...]) -> list[str]:
    return [each.id for each in steps]


class TestSwitch:
    def test_the_cases_in_the_order_of_the_file_and_the_default(self) -> None:
        found = first(
            "switch: trigger.payload.status",
            "cases:",
            "  canceled: [{id: one, set: {x: 1}}, {id: two, set: {x: 2}}]",
            "  active: [{id: three, set: {x: 3}}]",
            "default: [{id: four, set: {x: 4}}]",
        )
        assert isinstance(found, SwitchStep)
        assert found.value.text == "trigger.payload.status"
        assert {case: ids(steps) for case, steps in found.cases.items()} == {
            "canceled": ["one", "two"],
            "active": ["three"],
        }
        assert list(found.cases) == ["canceled", "active"]
        assert ids(found.default) == ["four"]
        assert found.places["cases.active:"] == Place(file="a.yaml", line=7, column=7)

    def test_plain_scalars_are_cases_as_they_are_written(self) -> None:
        keys = ["1", "1.50", "0x10", "-7", "true", "False", "null", "~", "yes", "010"]
        found = first("switch: inputs.x", "cases:", *(f"  {key}: []" for key in keys))
        assert isinstance(found, SwitchStep)
        assert list(found.cases) == keys

    def test_a_case_with_nothing_to_do_is_no_default(self) -> None:
        found = first("switch: inputs.x", "cases: {a: []}", "default: []")
        assert isinstance(found, SwitchStep)
        assert (found.cases, found.default) == ({"a": ()}, ())

    def test_without_a_default_nothing_is_done(self) -> None:
        found = first("switch: inputs.x", "cases: {a: [{id: one, set: {x: 1}}]}")
        assert isinstance(found, SwitchStep)
        assert found.default == ()


class TestUntil:
    def test_its_limits_and_its_steps(self) -> None:
        found = first(
            "until: steps.c.status == 'succeeded'", "max_iterations: 10000", "timeout: 1h30m", "interval: 250ms", INNER
        )
        assert isinstance(found, UntilStep)
        assert found.condition.text == "steps.c.status == 'succeeded'"
        assert (found.max_iterations, found.timeout_ms, found.interval_ms) == (10_000, 5_400_000, 250)
        assert ids(found.steps) == ["c"]

    def test_without_an_interval_the_next_round_follows_at_once(self) -> None:
        found = first("until: vars.done", "max_iterations: 1", "timeout: 1s", INNER)
        assert isinstance(found, UntilStep)
        assert found.interval_ms == 0

    def test_a_variable_can_be_set_inside(self) -> None:
        found = first("until: vars.n > 3", "max_iterations: 5", "timeout: 1s", "steps: [{id: c, set: {n: 1}}]")
        assert isinstance(found, UntilStep)


class TestParallel:
    BRANCHES = ("parallel:", "  left: [{id: c, uses: a.b}, {id: d, uses: a.b}]", "  right: [{id: e, uses: a.b}]")

    def test_its_branches_join_when_all_are_through(self) -> None:
        found = first(*self.BRANCHES)
        assert isinstance(found, ParallelStep)
        assert {name: ids(steps) for name, steps in found.branches.items()} == {"left": ["c", "d"], "right": ["e"]}
        assert found.join == "all"
        assert found.places["parallel.right:"].line == 6
        assert "parallel.right.0" not in found.places, "steps inside keep their own"

    @pytest.mark.parametrize("join", ["all", "any"])
    def test_how_they_join_can_be_chosen(self, join: str) -> None:
        found = first(*self.BRANCHES, f"join: {join}")
        assert isinstance(found, ParallelStep)
        assert found.join == join

    def test_one_branch_is_enough_and_twenty_are_not_too_many(self) -> None:
        many = ", ".join(f"b{number}: [{{id: s{number}, uses: a.b}}]" for number in range(20))
        found = first(f"parallel: {{{many}}}")
        assert isinstance(found, ParallelStep)
        assert len(found.branches) == 20


class TestGroup:
    def test_its_time_and_its_handler(self) -> None:
        found = first(INNER, "timeout: 5m", "on_error: [{id: d, uses: a.b}]", "if: inputs.x")
        assert isinstance(found, GroupStep)
        assert (ids(found.steps), found.timeout_ms, found.guard is not None) == (["c"], 300_000, True)
        assert isinstance(found.on_error, tuple)
        assert ids(found.on_error) == ["d"]

    def test_without_a_time_limit_it_has_none(self) -> None:
        found = first(INNER)
        assert isinstance(found, GroupStep)
        assert found.timeout_ms is None


class TestWait:
    def test_a_constant_duration_is_known_when_the_file_is_loaded(self) -> None:
        found = first("wait: {for: 1h30m}")
        assert isinstance(found, WaitStep)
        assert (found.duration, found.until, found.event, found.timeout_ms) == (5_400_000, None, None, None)

    def test_a_duration_can_be_rendered(self) -> None:
        found = first('wait: {for: "{{ inputs.hours }}h"}')
        assert isinstance(found, WaitStep)
        assert not isinstance(found.duration, int)
        assert found.duration is not None
        assert found.duration.render({"inputs": {"hours": 2}}) == "2h"

    @pytest.mark.parametrize("text", ["2026-12-24T18:00:00+01:00", "2026-12-24T18:00Z", "2026-12-24 18:00:00.5-03:30"])
    @pytest.mark.parametrize("quotes", ["", '"', "'"])
    def test_an_instant_is_taken_as_it_is_written(self, text: str, quotes: str) -> None:
        found = first(f"wait: {{until: {quotes}{text}{quotes}}}")
        assert isinstance(found, WaitStep)
        assert found.until is not None
        assert found.until.evaluate({}) == text

    def test_an_instant_can_be_an_expression(self) -> None:
        found = first("wait: {until: \"trigger.payload.start | minus('1h')\"}")
        assert isinstance(found, WaitStep)
        assert found.until is not None
        assert found.until.text == "trigger.payload.start | minus('1h')"

    def test_an_event_is_named_like_a_trigger(self) -> None:
        source = step(
            "id: b",
            "wait:",
            "  event:",
            "    uses: calendly.invitee",
            "    with: {events: [invitee.canceled]}",
            "    if: event.payload.uri == trigger.payload.uri",
            "  timeout: 24h",
        )
        found = load_flow(source + "connections: {calendly: team}\n", "a.yaml").steps[0]
        assert isinstance(found, WaitStep)
        assert (found.duration, found.until, found.timeout_ms) == (None, None, 86_400_000)
        event = found.event
        assert event is not None
        assert (event.uses, event.connection, event.given) == (
            "calendly.invitee",
            "calendly",
            {"events": ["invitee.canceled"]},
        )
        assert event.condition is not None
        assert event.place == Place(file="a.yaml", line=6, column=9)
        assert event.places["with.events.0"] == Place(file="a.yaml", line=7, column=25)

    def test_an_event_without_a_limit_is_awaited_for_ever(self) -> None:
        source = step("id: b", "wait: {event: {uses: crm.changed, connection: other}}") + "connections: {other: x}\n"
        found = load_flow(source, "a.yaml").steps[0]
        assert isinstance(found, WaitStep)
        assert found.event is not None
        assert (found.event.connection, found.event.given, found.event.condition) == ("other", {}, None)
        assert found.timeout_ms is None


class TestFlow:
    def test_a_flow_is_waited_for(self) -> None:
        found = first("flow: other-flow", 'with: {hours: "{{ inputs.hours }}", fixed: 1}')
        assert isinstance(found, FlowStep)
        assert (found.flow, found.wait) == ("other-flow", True)
        assert found.given.render({"inputs": {"hours": 2}}) == {"hours": 2, "fixed": 1}

    def test_or_it_is_not(self) -> None:
        found = first("flow: other_2", "wait: false")
        assert isinstance(found, FlowStep)
        assert (found.wait, found.given.render({})) == (False, {})


class TestAnyStep:
    def test_what_is_kept_sealed(self) -> None:
        assert first("uses: a.b", "secure: [inputs, outputs]").secure == {"inputs", "outputs"}
        assert first("wait: {for: 1s}", "secure: [outputs]").secure == {"outputs"}
        assert first("uses: a.b").secure == frozenset()

    def test_the_safety_of_a_write(self) -> None:
        found = first("uses: a.b", 'idempotency_key: "{{ run.id }}-b"', "on_uncertain: retry")
        assert isinstance(found, ActionStep)
        assert found.idempotency_key is not None
        assert found.idempotency_key.render({"run": {"id": "7"}}) == "7-b"
        assert found.on_uncertain == "retry"

    def test_without_it_the_engine_sees_to_it(self) -> None:
        found = first("uses: a.b")
        assert isinstance(found, ActionStep)
        assert (found.idempotency_key, found.on_uncertain) == (None, "fail")


class TestTheFlowItself:
    def test_what_a_file_leaves_out(self) -> None:
        built = load_flow(flow(), "a.yaml")
        assert (built.continues, built.lastly, built.timeout_ms, built.concurrency) == (False, (), None, None)

    def test_time_and_end(self) -> None:
        built = load_flow(flow("timeout: 2h", "on_error: continue", "finally: [{id: tidy, uses: log.write}]"), "a.yaml")
        assert (built.timeout_ms, built.continues, built.on_error) == (7_200_000, True, None)
        assert ids(built.lastly) == ["tidy"]
        assert ids(tuple(all_steps(built))) == ["end", "tidy"]
        assert not [name for name in built.places if name.startswith("finally.")], "steps inside keep their own"

    def test_a_limit_of_runs(self) -> None:
        built = load_flow(
            flow("concurrency: {key: trigger.payload.email, limit: 2, on_limit: queue, max_queued: 5}"), "a.yaml"
        )
        limit = built.concurrency
        assert limit is not None
        assert limit.key is not None
        assert limit.key.text == "trigger.payload.email"
        assert (limit.limit, limit.on_limit, limit.max_queued) == (2, "queue", 5)
        assert built.places["concurrency.key"].column == 20

    @pytest.mark.parametrize("on_limit", ["queue", "skip", "replace"])
    def test_a_limit_of_runs_is_one_of_the_whole_flow(self, on_limit: str) -> None:
        found = load_flow(flow(f"concurrency: {{on_limit: {on_limit}}}"), "a.yaml").concurrency
        usual = Concurrency(place=Place(file="a.yaml", line=3, column=1))
        assert found == replace(usual, on_limit=cast(OnLimit, on_limit))


class TestTriggers:
    def test_a_run_for_each_item(self) -> None:
        (found,) = load_flow(flow("triggers: [{uses: a.b, split_on: trigger.payload.items}]"), "a.yaml").triggers
        assert found.split_on is not None
        assert found.split_on.text == "trigger.payload.items"

    def test_a_person_may_start_it(self) -> None:
        source = flow("triggers: [{uses: manual}, {uses: manual, id: by_hand}]", "connections: {manual: x}")
        one, two = load_flow(source, "a.yaml").triggers
        assert (one.id, one.uses, one.connection, one.given) == ("manual", "manual", "", {})
        assert two.id == "by_hand"

    def test_a_connector_without_a_connection(self) -> None:
        source = flow("triggers: [{uses: schedule.cron, with: {cron: '@daily', timezone: Europe/Rome}}]")
        (found,) = load_flow(source, "a.yaml").triggers
        assert (found.id, found.connection) == ("cron", "")
        assert found.given == {"cron": "@daily", "timezone": "Europe/Rome"}
