"""What a test of a flow proves: it passes when everything is as expected, and each thing that is not is told at its place."""

from __future__ import annotations

from engine.core.statuses import RunStatus
from tests.unit.runtime.rehearsal.support import EVENT, FLOW, problems, verdict

LINES = "{event: order.made, payload: {id: o-1, person: {email: e}, lines: [{sku: a}, {sku: b}]}}"
FOUND = "look: {returns: {email: ann@guests.example, name: Ann}}"


def test_a_test_passes_when_all_is_as_expected() -> None:
    found = verdict(f"""
        trigger: {LINES}
        inputs: {{stars: 3}}
        mock: {{{FOUND}, note: {{returns: {{uri: n-1}}}}}}
        expect:
          status: succeeded
          steps:
            look: {{status: succeeded, attempts: 1, output: {{name: Ann}}}}
            "each[1].note": {{input: {{text: b, stars: 3}}}}
            known.nobody: {{status: skipped, attempts: 0}}
            each: {{output: [{{note: {{uri: n-1}}}}, {{}}]}}
          outputs: {{name: Ann, seen: 2}}
        """)
    assert found.problems == ()
    assert found.played is not None
    assert found.played.ending.status is RunStatus.SUCCEEDED


def test_every_difference_is_told_with_what_was_expected_and_what_happened() -> None:
    assert problems(f"""
        trigger: {LINES}
        mock: {{{FOUND}, note: {{returns: {{uri: n-1}}}}}}
        expect:
          status: failed
          message: no
          steps:
            look: {{attempts: 2, error: {{kind: server}}, output: {{name: Bo, vat: x}}}}
            "each[0].note": {{status: failed, input: {{stars: true}}}}
            "each[7].note": {{status: succeeded}}
          outputs: {{seen: "2"}}
          not_called: [look, note, "each[0].note"]
        """) == [
        "status | - expected failed | + happened succeeded",
        'message | - expected "no" | + happened null',
        "steps.look.attempts | - expected 2 | + happened 1",
        'steps.look.error | - expected {"kind":"server"} | + happened null',
        'steps.look.output.name | - expected "Bo" | + happened "Ann"',
        'steps.look.output.vat | - expected "x" | + happened (no such field)',
        'steps.each[0].note.status | - expected "failed" | + happened "succeeded"',
        "steps.each[0].note.input.stars | - expected true | + happened 2",
        'steps.each[7].note.status | - expected "succeeded" | + happened "not_reached"',
        'outputs.seen | - expected "2" | + happened 2',
        "look was called | + look was given {}",
        'note was called | + each[0].note was given {"text":"a","stars":2} | + each[1].note was given {"text":"b","stars":2}',
        'each[0].note was called | + each[0].note was given {"text":"a","stars":2}',
    ]


def test_a_difference_stands_at_its_place_in_the_file() -> None:
    (problem,) = verdict(f"""
        trigger: {EVENT}
        mock: {{{FOUND}}}
        expect:
          outputs: {{name: Ann, seen: 5}}
        """).problems
    assert str(problem.place) == "a.test.yaml:7:34"


def test_long_values_are_compared_line_by_line() -> None:
    (found,) = problems(f"""
        trigger: {EVENT}
        mock: {{look: {{returns: {{email: e, name: "one\\ntwo\\nthree"}}}}}}
        expect: {{outputs: {{name: "one\\ntoo\\nthree"}}}}
        """)
    assert found.split(" | ") == ["outputs.name", "  one", "- too", "+ two", "  three"]


def test_a_test_that_expects_nothing_expects_success() -> None:
    test = f"trigger: {EVENT}\nmock: {{look: {{returns: {{email: e, name: null}}}}}}"
    assert problems(test) == ["status | - expected succeeded | + happened failed |   stop: stopped: nobody is called e"]
    assert problems(f"{test}\nexpect: {{status: failed, message: nobody is called}}") == []


def test_a_step_that_is_called_without_a_mock_fails_the_test_reads_too() -> None:
    (found,) = problems(f"trigger: {EVENT}")
    assert found.startswith("the step look calls crm.list_people, but the test has no mock for it; add   mock: {look: ")


def test_a_mock_by_attempt_that_has_too_few_answers_fails_the_test() -> None:
    (found,) = problems(f"trigger: {EVENT}\nmock: {{look: [{{error: {{kind: server}}}}]}}")
    assert found.startswith("the step look makes attempt 2, but its mock has 1 answers")


def test_the_most_exact_mock_counts() -> None:
    assert (
        problems(f"""
        trigger: {LINES}
        mock:
          {FOUND}
          note: {{returns: {{uri: by-id}}}}
          each[0].note: {{returns: {{uri: by-path}}}}
        expect: {{steps: {{each: {{output: [{{note: {{uri: by-path}}}}, {{note: {{uri: by-id}}}}]}}}}}}
        """)
        == []
    )


class TestTime:
    """Waits move a clock that is not this machine's."""

    def test_retries_cost_no_time_and_can_be_seen(self) -> None:
        found = verdict(f"""
            trigger: {EVENT}
            mock: {{look: [{{error: {{kind: throttled, status: 429}}}}, {{error: {{kind: timeout}}}}, {{returns: {{email: e, name: Ann}}}}]}}
            expect: {{steps: {{look: {{attempts: 3}}}}}}
            """)
        assert found.problems == ()
        assert found.played is not None
        assert [tried.waited_ms for tried in found.played.steps["look"].tries] == [0, 10_000, 20_000]
        assert (found.played.waited_ms, found.played.took_ms) == (30_000, 30_000)

    def test_side_by_side_iterations_take_as_long_as_the_slowest_lane(self) -> None:
        text = (
            "id: a\nconnections: {crm: crm}\nsteps:\n  - id: each\n    foreach: '[1, 2, 3]'\n    max_parallel: 2\n"
            "    steps: [{id: look, uses: crm.list_people, retry: {max_attempts: 2, interval: 10s, jitter: false}}]\n"
        )
        mock = "mock: {look: [{error: {kind: server}}, {returns: {email: e}}]}"
        played = verdict(mock, of=text).played
        assert played is not None
        assert (played.waited_ms, played.took_ms) == (30_000, 20_000)

    def test_the_instant_at_which_a_run_starts_and_its_id_can_be_set(self) -> None:
        text = 'id: a\nsteps: [{id: s, set: {v: 1}}]\noutputs: {at: "{{ run.started_at }}", id: "{{ run.id }}"}\n'
        expect = 'expect: {outputs: {at: "2026-05-01T10:00:00.500000Z", id: r-1}}'
        assert problems(f'run: {{id: r-1, started_at: "2026-05-01T10:00:00.5Z"}}\n{expect}', of=text) == []
        assert len(problems(expect, of=text)) == 2


class TestStart:
    """The triggers are asked as when an event arrives."""

    def test_an_event_that_starts_no_run_says_why(self) -> None:
        event, reason = (
            "{event: order.made, payload: {id: o-0, person: {email: e}}}",
            "if was false: trigger.payload.id != 'o-0'",
        )
        refused = f"trigger: {event}\nexpect: {{status: not_started, message: "
        assert problems(f'{refused}"{reason}"}}') == []
        assert problems(f"{refused}something else}}")[0].startswith("message | - expected")
        (found,) = problems(f"trigger: {event}")
        assert found.startswith("status | - expected succeeded | + happened not_started | ")
        assert reason in found

    def test_a_condition_that_fails_starts_no_run(self) -> None:
        text = FLOW.replace("trigger.payload.id != 'o-0'", "trigger.payload.parent.id == 'x'")
        expect = "expect: {status: not_started, message: if failed}"
        assert problems(f"trigger: {EVENT}\n{expect}", of=text) == []

    def test_inputs_are_seen_by_conditions(self) -> None:
        text = FLOW.replace("trigger.payload.id != 'o-0'", "inputs.stars > 4")
        assert problems(f"trigger: {EVENT}\nexpect: {{status: not_started}}", of=text) == []
        assert problems(f"trigger: {EVENT}\ninputs: {{stars: 5}}\nmock: {{{FOUND}}}", of=text) == []

    def test_a_run_by_hand_asks_no_trigger(self) -> None:
        event = "{event: order.made, payload: {id: o-0, person: {email: e}}}"
        assert problems(f"manual: true\ntrigger: {event}\nmock: {{{FOUND}}}") == []


class TestMadeUpValues:
    """Fields that a mock leaves out are made up, and no test may depend on them."""

    def test_a_required_field_may_be_left_out_when_nothing_depends_on_it(self) -> None:
        assert (
            problems(
                f"trigger: {EVENT}\nmock: {{look: {{returns: {{name: Ann}}}}}}\nexpect: {{outputs: {{name: Ann}}}}"
            )
            == []
        )

    def test_a_test_that_depends_on_a_made_up_value_fails_and_names_it(self) -> None:
        text = FLOW.replace("steps.look.output.name is none", "steps.look.output.email == '‹email›'")
        mock = "mock: {look: {returns: {name: Ann}}}"
        assert problems(f"trigger: {EVENT}\n{mock}\nexpect: {{status: failed}}", of=text) == [
            "how this test ends depends on a value that its mocks leave out; name it under returns: steps.look.output.email"
        ]

    def test_a_wrong_input_fails_the_step_as_it_would_in_a_run(self) -> None:
        test = f"trigger: {LINES}\ninputs: {{stars: 9}}\nmock: {{{FOUND}, note: {{returns: {{uri: u}}}}}}\n"
        expect = 'expect: {status: failed, steps: {"each[0].note": {error: {kind: invalid, message: with.stars}}}}'
        assert problems(test + expect) == []


def test_a_lost_answer_ends_the_run_as_uncertain() -> None:
    test = f"trigger: {LINES}\nmock: {{{FOUND}, note: {{error: {{kind: unknown_outcome}}}}}}\n"
    assert problems(f'{test}expect: {{status: uncertain, steps: {{"each[0].note": {{status: uncertain}}}}}}') == []
