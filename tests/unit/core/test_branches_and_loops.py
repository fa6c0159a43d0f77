"""Switch, until, parallel and groups, played through the interpreter with scripted answers and a clock of the play's own."""

from __future__ import annotations

from engine.core.statuses import RunStatus, StepStatus
from tests.unit.core.play import Play, failure


def get(step_id: str, extra: str = "") -> str:
    return f"{{id: {step_id}, uses: calendly.get_event_type, with: {{uuid: u}}{extra}}}"


SWITCH = (
    "steps:\n  - id: route\n    switch: trigger.kind\n    cases:\n"
    f"      demo: [{get('a')}]\n      2: [{get('b')}]\n      null: [{get('c')}]\n    default: [{get('d')}]\n"
    "outputs: {taken: '{{ steps.route.output }}', a: '{{ steps.a.status }}', d: '{{ steps.d.status }}'}\n"
)


def test_a_switch_takes_the_case_that_equals_the_value_and_skips_the_others() -> None:
    play = Play()
    ending = play.run(SWITCH, trigger={"kind": "demo"})
    assert play.paths == ["route.a"]
    assert ending.outputs == {"taken": "demo", "a": "succeeded", "d": "skipped"}
    assert [play.notes[f"route.{i}"].status for i in "bcd"] == [StepStatus.SKIPPED] * 3


def test_a_switch_compares_numbers_and_null_by_their_json_text() -> None:
    for value, path in (
        (2, "route.b"),
        (None, "route.c"),
        ("2", "route.b"),
        (2.0, "route.b"),
        (2.5, "route.d"),
        (True, "route.d"),
    ):
        play = Play()
        play.run(SWITCH, trigger={"kind": value})
        assert play.paths == [path], value


def test_a_switch_without_a_matching_case_takes_its_default_and_says_null() -> None:
    ending = Play().run(SWITCH, trigger={"kind": "else"})
    assert ending.outputs == {"taken": None, "a": "skipped", "d": "succeeded"}


def test_a_switch_over_a_list_fails_at_the_expression() -> None:
    ending = Play().run(SWITCH, trigger={"kind": []})
    assert ending.error is not None
    assert "switch needs text, a number, a boolean or null, but trigger.kind is a list" in ending.error.message


UNTIL = (
    "steps:\n  - id: poll\n    until: steps.look.output.done\n    max_iterations: 3\n    timeout: 1h\n    interval: 10m\n"
    f"    steps: [{get('look')}]\n"
    "outputs: {last: '{{ steps.poll.output }}'}\n"
)


def test_an_until_repeats_with_its_interval_until_the_condition_of_a_round_is_true() -> None:
    play = Play({"poll[0].look": {"done": False}, "poll[1].look": {"done": True}})
    ending = play.run(UNTIL)
    assert play.paths == ["poll[0].look", "poll[1].look"]
    assert [wait.at for wait in play.waits] == [600_000]
    assert ending.outputs == {"last": {"look": {"done": True}}}


def test_an_until_fails_after_its_most_rounds() -> None:
    play = Play({f"poll[{index}].look": {"done": False} for index in range(3)})
    ending = play.run(UNTIL)
    assert ending.error is not None
    assert (ending.error.kind, ending.error.step) == ("limit", "poll")
    assert "steps.look.output.done was still not true after 3 rounds" in ending.error.message
    assert len(play.calls) == 3


def test_an_until_is_cut_when_its_time_is_up() -> None:
    play = Play({f"poll[{i}].look": {"done": False} for i in range(3)}, took={"poll[0].look": 55 * 60_000})
    ending = play.run(UNTIL)
    assert ending.error is not None
    assert (ending.error.kind, ending.error.message) == ("timeout", "steps.look.output.done was not true within 1h")
    assert play.paths == ["poll[0].look"], "the second round would begin after the hour"
    assert play.now == 3_600_000


def test_rounds_share_variables_so_that_a_counter_counts() -> None:
    ending = Play().run(
        "variables: {n: 0}\nsteps:\n  - id: count\n    until: vars.n == 3\n    max_iterations: 9\n    timeout: 1m\n"
        "    steps: [{id: add, set: {n: '{{ vars.n + 1 }}'}}]\noutputs: {n: '{{ vars.n }}', at: '{{ steps.count.output }}'}\n"
    )
    assert ending.outputs == {"n": 3, "at": {"add": {"n": 3}}}


def test_an_until_whose_condition_fails_says_where() -> None:
    ending = Play().run(
        "steps:\n  - id: poll\n    until: steps.look.output.absent\n    max_iterations: 2\n    timeout: 1m\n"
        f"    steps: [{get('look')}]\n"
    )
    assert ending.error is not None
    assert (ending.error.kind, ending.error.step, ending.error.place) == ("expression", "poll", "t.yaml:6:30")


PARALLEL = (
    "steps:\n  - id: both\n    join: {join}\n    parallel:\n"
    f"      left: [{get('a')}, {get('b')}]\n      right: [{get('c')}]\n"
    "outputs: {out: '{{ steps.both.output }}', b: '{{ steps.b.status }}', c: '{{ steps.c.status }}'}\n"
)


def parallel(join: str) -> str:
    return PARALLEL.replace("{join}", join)


def test_parallel_branches_are_joined_with_an_output_each() -> None:
    play = Play({"both.left.a": 1, "both.left.b": 2, "both.right.c": 3})
    ending = play.run(parallel("all"))
    assert play.paths == ["both.left.a", "both.left.b", "both.right.c"]
    assert ending.outputs == {"out": {"left": {"a": 1, "b": 2}, "right": {"c": 3}}, "b": "succeeded", "c": "succeeded"}


def test_a_failure_in_one_branch_fails_a_join_of_all() -> None:
    ending = Play({"both.left.b": failure("invalid")}).run(parallel("all"))
    assert ending.error is not None
    assert ending.error.step == "both.left.b"


def test_the_first_branch_that_is_through_wins_a_join_of_any() -> None:
    play = Play({"both.left.a": 1, "both.left.b": 2})
    ending = play.run(parallel("any"))
    assert play.paths == ["both.left.a", "both.left.b"]
    assert ending.outputs == {"out": {"left": {"a": 1, "b": 2}}, "b": "succeeded", "c": "cancelled"}


def test_a_join_of_any_fails_only_when_every_branch_has_failed() -> None:
    one = Play({"both.left.b": failure("invalid"), "both.right.c": 3}).run(parallel("any"))
    assert one.outputs == {"out": {"right": {"c": 3}}, "b": "failed", "c": "succeeded"}
    both = Play({"both.left.a": failure("invalid"), "both.right.c": failure("server")}).run(parallel("any"))
    assert both.error is not None
    assert (both.status, both.error.step) == (RunStatus.FAILED, "both.left.a")


def test_a_stop_in_a_branch_ends_the_run() -> None:
    for join in ("all", "any"):
        ending = Play().run(
            f"steps:\n  - id: both\n    join: {join}\n    parallel:\n      left: [{{id: halt, stop: {{status: cancelled, message: enough}}}}]\n"
            f"      right: [{get('c')}]\n  - {get('after')}\n"
        )
        assert (ending.status, ending.message) == (RunStatus.CANCELLED, "enough")


GROUP = (
    "steps:\n  - id: work\n    timeout: 1m\n    on_error: [{id: tell, set: {why: '{{ error.kind }} {{ error.step }}: {{ error.message }}'}}]\n"
    f"    steps: [{get('a')}, {get('b')}]\n"
    "outputs: {why: '{{ vars.why | default(none) }}', b: '{{ steps.b.status }}', out: '{{ steps.work.output }}'}\n"
)


def test_a_group_that_is_through_has_the_outputs_of_its_steps() -> None:
    ending = Play({"work.a": 1, "work.b": 2}).run(GROUP)
    assert ending.outputs == {"why": None, "b": "succeeded", "out": {"a": 1, "b": 2}}


def test_a_group_is_cut_before_its_next_call_when_its_time_is_up_and_its_handler_knows() -> None:
    play = Play(took={"work.a": 61_000})
    ending = play.run(GROUP)
    assert play.paths == ["work.a"]
    assert ending.outputs == {
        "why": "timeout work: the group was not through within 1m",
        "b": "cancelled",
        "out": None,
    }


def test_a_failure_inside_a_group_comes_to_its_handler_with_its_own_path() -> None:
    ending = Play({"work.b": failure("invalid")}).run(GROUP)
    assert ending.outputs is not None
    assert ending.outputs["why"] == "invalid work.b: it was invalid"


def test_the_inner_limit_of_two_is_reached_first_and_the_outer_one_still_holds() -> None:
    play = Play({"outer.inner.a": failure("server")}, took={"outer.slow": 400_000})
    ending = play.run(
        "steps:\n  - id: outer\n    timeout: 5m\n    steps:\n      - id: inner\n        timeout: 1m\n        on_error: continue\n"
        f"        steps: [{get('a', ', retry: {max_attempts: 9, interval: 2m, jitter: false}')}]\n"
        f"      - {get('slow')}\n      - {get('never')}\n"
    )
    assert play.paths == ["outer.inner.a", "outer.slow"], "the retry would come after the inner minute"
    assert ending.error is not None
    assert (ending.error.kind, ending.error.step) == ("timeout", "outer")
    assert play.notes["outer.inner"].cut == "timeout"
