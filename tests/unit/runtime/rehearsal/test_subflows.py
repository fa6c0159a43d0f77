"""Sub-flows and split triggers in tests: mocked, checked against the other flow's file, or executed for real."""

from __future__ import annotations

from tests.unit.runtime.rehearsal.support import findings, problems, verdict, whole

CALLER = """\
id: a
connections: {crm: crm}
steps:
  - id: ask
    flow: child
    with: {name: Ann}
  - {id: tell, flow: other, wait: false, with: {text: "{{ steps.ask.output.greeting }}"}}
outputs: {greeting: "{{ steps.ask.output.greeting }}"}
"""
CHILD = """\
id: child
connections: {crm: crm}
inputs: {name: {type: string}}
steps:
  - {id: find, uses: crm.list_people, retry: {max_attempts: 2, interval: 10s, jitter: false}}
  - {id: pause, wait: {for: 1h}}
outputs:
  greeting: "{{ trigger.created_by }} greets {{ inputs.name }}, {{ steps.find.output.email }}"
  late: "{{ run.started_at }}"
"""
OTHER = "id: other\ninputs: {text: {type: string}}\nsteps: [{id: long, wait: {for: 30d}}]\n"
BESIDE = {"child": CHILD, "other": OTHER}


class TestMocked:
    """A mock stands for the whole other flow."""

    def test_a_mock_gives_the_outputs_and_what_is_not_waited_for_needs_none(self) -> None:
        expect = "{outputs: {greeting: hi}, steps: {ask: {input: {name: Ann}, took: 2s}, tell: {input: {text: hi}}}}"
        assert problems(f"mock: {{ask: {{returns: {{greeting: hi}}, took: 2s}}}}\nexpect: {expect}", of=CALLER) == []

    def test_a_failure_carries_the_path_of_the_step_inside(self) -> None:
        test = "mock: {ask: {error: {kind: not_found, step: find, message: gone}}}\n"
        expect = 'expect: {status: failed, message: "child: find: gone", steps: {ask: {error: {kind: not_found, step: ask/find}}}}'
        assert problems(test + expect, of=CALLER) == []

    def test_outputs_are_checked_when_the_file_stands_beside(self) -> None:
        (found,) = findings(whole("mock: {ask: {returns: {greting: hi}}}"), of=CALLER, beside=BESIDE)
        assert (found.code, found.message) == ("E262", "child has no output 'greting'; did you mean 'greeting'?")
        assert verdict("mock: {ask: {returns: {greeting: hi}}}", of=CALLER, beside=BESIDE).case.remarks == ()

    def test_that_outputs_are_not_checked_is_said(self) -> None:
        remarks = verdict("mock: {ask: {returns: {greting: hi}}}\nexpect: {status: failed}", of=CALLER).case.remarks
        assert remarks == ("ask: what child returns is not checked, because its file does not stand beside",)

    def test_a_test_may_not_depend_on_an_output_that_is_left_out(self) -> None:
        (found,) = problems(
            "mock: {ask: {returns: {late: x}}}\nexpect: {outputs: {greeting: ‹greeting›}}", of=CALLER, beside=BESIDE
        )
        assert found.endswith("name it under returns: steps.ask.output.greeting")

    def test_a_call_without_a_mock_says_both_ways_out(self) -> None:
        (found,) = problems("expect: {status: succeeded}", of=CALLER)
        assert found.startswith(
            "the step ask calls the flow child, but the test has no mock for it; add   mock: {ask: "
        )
        assert "flows: real" in found


class TestReal:
    """``flows: real`` executes the other flow within the test."""

    def test_the_other_flow_is_executed_on_the_same_clock(self) -> None:
        mock = "{ask.find: [{error: {kind: server}}, {returns: {email: e}, took: 5s}]}"
        steps = "{ask.find: {attempts: 2}, ask.pause: {waited: 1h}, tell.long: {status: succeeded}, ask: {took: 1h15s}}"
        outputs = '{greeting: "a greets Ann, e"}'
        test = f"flows: real\nmock: {mock}\nexpect: {{took: 1h15s, outputs: {outputs}, steps: {steps}, order: [ask.find, ask, tell]}}"
        assert problems(test, of=CALLER, beside=BESIDE) == []

    def test_its_failure_is_carried_up_with_its_path(self) -> None:
        test = "flows: real\nmock: {ask.find: {error: {kind: not_found, message: gone}}}\n"
        expect = 'expect: {status: failed, message: "child: find: gone", steps: {ask: {error: {kind: not_found, step: ask/find}}}}'
        assert problems(test + expect, of=CALLER, beside=BESIDE) == []

    def test_its_inputs_are_checked(self) -> None:
        text = CALLER.replace("{name: Ann}", "{nam: Ann}")
        expect = "expect: {status: failed, message: no input 'nam', steps: {ask: {error: {kind: invalid}}}}"
        assert problems(f"flows: real\n{expect}", of=text, beside=BESIDE) == []

    def test_one_of_the_calls_can_be_mocked_all_the_same(self) -> None:
        test = (
            "flows: real\nmock: {ask: {returns: {greeting: hi}}}\nexpect: {took: 0s, steps: {tell.long: {waited: 30d}}}"
        )
        assert problems(test, of=CALLER, beside=BESIDE) == []

    def test_its_steps_need_mocks_too_and_are_named_behind_the_caller(self) -> None:
        (found,) = problems("flows: real", of=CALLER, beside=BESIDE)
        assert "the step ask.find calls crm.list_people" in found
        assert "mock: {ask.find: {returns: {…}}}" in found

    def test_flows_that_call_each_other_end_at_the_deepest_caller(self) -> None:
        text = "id: a\nsteps: [{id: again, flow: a, with: {}}]\n"
        (found,) = problems("flows: real", of=text)
        assert "more than 8 deep" in found

    def test_without_the_file_there_is_nothing_to_execute(self) -> None:
        (found,) = findings(whole("flows: ^real".replace("^", "")), of=CALLER)
        assert (found.code, found.message[:35]) == ("E268", "no file beside holds child, other, ")


class TestSplit:
    """An event that starts a run for each of its items."""

    SPLIT = """\
id: a
triggers: [{uses: shop.order, with: {events: [order.made]}, split_on: trigger.payload.lines, if: trigger.item.sku != 'none'}]
steps: [{id: s, set: {v: 1}}]
outputs: {sku: "{{ trigger.item.sku }}", index: "{{ trigger.index }}"}
"""
    EVENT = "trigger: {event: order.made, payload: {id: o-1, person: {email: e}, lines: [{sku: x}, {sku: none}, {sku: z}]}}\n"

    def test_each_run_is_told_of(self) -> None:
        runs = "[{outputs: {sku: x, index: 0}}, {status: succeeded, outputs: {sku: z, index: 2}}]"
        found = verdict(f"{self.EVENT}expect: {{runs: {runs}}}", of=self.SPLIT)
        assert (found.problems, len(found.plays)) == ((), 2)

    def test_one_of_them_is_told_of(self) -> None:
        assert problems(f"{self.EVENT}item: 2\nexpect: {{outputs: {{sku: z}}}}", of=self.SPLIT) == []
        (found,) = problems(f"{self.EVENT}item: 1", of=self.SPLIT)
        assert found.startswith("item 1 starts no run | ")
        assert "if was false" in found

    def test_a_test_says_which_of_several_runs_it_is_about(self) -> None:
        (found,) = problems(self.EVENT, of=self.SPLIT)
        assert found.startswith("the event starts 2 runs; say which one it is about, with   item: 0")
        (found,) = problems(f"{self.EVENT}expect: {{runs: [{{status: succeeded}}]}}", of=self.SPLIT)
        assert found.startswith("number of runs | - expected 1 | + happened 2")

    def test_a_difference_in_the_second_run_is_told(self) -> None:
        runs = "[{status: succeeded}, {outputs: {sku: y}}]"
        assert problems(f"{self.EVENT}expect: {{runs: {runs}}}", of=self.SPLIT) == [
            'outputs.sku | - expected "y" | + happened "z"'
        ]

    def test_no_item_starts_no_run(self) -> None:
        event = "trigger: {event: order.made, payload: {id: o-1, person: {email: e}, lines: []}}\n"
        assert problems(f"{event}expect: {{status: not_started, message: found no item}}", of=self.SPLIT) == []
