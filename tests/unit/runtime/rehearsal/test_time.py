"""Branches, limits, waits and loops on the virtual clock: what ends when, and what is cut."""

from __future__ import annotations

import pytest

from tests.unit.runtime.rehearsal.support import problems, verdict

HEAD = "id: a\nconnections: {crm: crm, shop: shop}\n"
RACE = (
    HEAD
    + """\
steps:
  - id: race
    parallel:
      left: [{id: l1, uses: crm.list_people}, {id: l2, uses: crm.list_people}]
      right: [{id: r1, uses: crm.list_people}, {id: pause, wait: {for: 8s}}]
    join: any
  - {id: after, set: {seen: "{{ steps.l1.status }} {{ steps.l2.status }} {{ steps.pause.status }}"}}
outputs: {seen: "{{ vars.seen }}", race: "{{ steps.race.output }}"}
"""
)
PEOPLE = "{returns: {email: e, name: n}"


def race(l1: str, l2: str, r1: str, expect: str, *, of: str = RACE) -> list[str]:
    mocks = ", ".join(f"{name}: {PEOPLE}, took: {took}}}" for name, took in (("l1", l1), ("l2", l2), ("r1", r1)))
    return problems(f"mock: {{{mocks}}}\nexpect: {expect}", of=of)


class TestParallel:
    """Each branch has its own time from the start of the step."""

    def test_the_branch_that_is_through_first_wins_and_the_step_ends_with_it(self) -> None:
        expect = "{took: 12s, outputs: {race: {right: {r1: {email: e}}}}, order: [r1, l1, pause, race]}"
        assert race("5s", "20s", "4s", expect) == []

    def test_a_call_that_is_under_way_when_another_branch_wins_is_seen_and_ends_nothing(self) -> None:
        expect = (
            "{took: 12s, outputs: {seen: succeeded succeeded succeeded}, steps: {l2: {attempts: 1, status: succeeded}}}"
        )
        assert race("5s", "20s", "4s", expect) == []

    def test_the_winner_is_who_is_first_on_the_clock_not_in_the_file(self) -> None:
        assert race("5s", "6s", "4s", "{took: 11s, outputs: {seen: succeeded succeeded cancelled}}") == []

    def test_a_tie_is_decided_by_the_order_of_the_file(self) -> None:
        found = "{took: 12s, outputs: {race: {left: {l1: {email: e}, l2: {}}}}}"
        assert race("6s", "6s", "4s", found) == []

    def test_a_branch_that_did_not_win_makes_no_further_call(self) -> None:
        expect = "{steps: {l2: {status: not_reached}, r1: {status: succeeded}}, not_called: [l2], took: 8s}"
        assert race("20s", "1s", "0s", expect) == []

    def test_all_is_through_with_the_last_one(self) -> None:
        text = RACE.replace("join: any", "join: all")
        expect = "{took: 25s, waited: 8s, steps: {race: {took: 25s, waited: 8s}, pause: {waited: 8s, took: 8s}, l2: {took: 20s}}}"
        assert race("5s", "20s", "4s", expect, of=text) == []

    def test_after_a_failure_who_must_wait_is_cut(self) -> None:
        text = RACE.replace("join: any", "join: all")
        test = f"mock: {{l1: {{error: {{kind: invalid}}, took: 5s}}, r1: {PEOPLE}, took: 1s}}}}\n"
        expect = "expect: {status: failed, took: 5s, steps: {pause: {status: cancelled, waited: 4s}}}"
        assert problems(test + expect, of=text) == []

    def test_any_fails_when_all_have_failed(self) -> None:
        test = (
            "mock: {l1: {error: {kind: invalid, message: one}, took: 5s}, r1: {error: {kind: server, message: two}}}\n"
        )
        assert problems(f"{test}expect: {{status: failed, message: one, took: 5s}}", of=RACE) == []

    def test_branches_in_branches_stand_on_the_same_clock(self) -> None:
        text = HEAD + (
            "steps:\n  - id: outer\n    join: any\n    parallel:\n"
            "      slow: [{id: inner, parallel: {x: [{id: x1, wait: {for: 3s}}], y: [{id: y1, wait: {for: 9s}}, {id: y2, uses: crm.list_people}]}}]\n"
            "      fast: [{id: f1, wait: {for: 5s}}]\n"
        )
        expect = (
            "{took: 5s, steps: {x1: {status: succeeded}, y1: {status: cancelled, waited: 5s}, f1: {status: succeeded}}}"
        )
        assert problems(f"expect: {expect}", of=text) == []


class TestLimits:
    """Time limits of groups, loops and runs, and requests to end a run."""

    GROUP = HEAD + (
        "steps:\n  - id: box\n    timeout: 10s\n    steps:\n      - {id: one, uses: crm.list_people}\n      - {id: two, uses: crm.list_people}\n"
        "    on_error: [{id: late, set: {why: '{{ error.kind }}'}}]\n"
    )

    def test_a_call_gets_no_more_time_than_is_left(self) -> None:
        test = f"mock: {{one: {PEOPLE}, took: 7s}}, two: {PEOPLE}, took: 7s}}}}\n"
        steps = "two: {status: failed, took: 3s, error: {kind: timeout}}, box: {status: failed}, late: {output: {why: timeout}}"
        assert problems(f"{test}expect: {{took: 10s, steps: {{{steps}}}}}", of=self.GROUP) == []

    def test_a_call_that_takes_longer_than_its_own_limit_times_out(self) -> None:
        test = f"mock: {{look: {PEOPLE}, took: 31s}}}}\nexpect: {{status: failed, took: 30s, steps: {{look: {{error: {{kind: timeout}}}}}}}}"
        assert problems(test, of=HEAD + "steps: [{id: look, uses: crm.list_people}]\n") == []

    def test_a_write_that_takes_too_long_is_uncertain(self) -> None:
        text = HEAD + "steps: [{id: note, uses: shop.write_note, with: {text: x}}]\n"
        test = "mock: {note: {returns: {uri: u}, took: 31s}}\nexpect: {status: uncertain, steps: {note: {status: uncertain}}}"
        assert problems(test, of=text) == []

    @pytest.mark.parametrize(
        ("on_uncertain", "expect"),
        [
            ("fail", "{status: uncertain, steps: {note: {attempts: 1}}}"),
            ("skip", "{status: succeeded, steps: {note: {status: uncertain, attempts: 1, output: null}}}"),
            ("retry", "{status: succeeded, steps: {note: {status: succeeded, attempts: 2}}}"),
        ],
    )
    def test_an_uncertain_outcome_is_followed_as_the_flow_says(self, on_uncertain: str, expect: str) -> None:
        text = HEAD + f"steps: [{{id: note, uses: shop.write_note, with: {{text: x}}, on_uncertain: {on_uncertain}}}]\n"
        mock = "[{uncertain: true}, {returns: {uri: u}}]"
        assert problems(f"mock: {{note: {mock}}}\nexpect: {expect}", of=text) == []

    def test_the_whole_run_can_run_out_of_time_and_its_end_still_runs(self) -> None:
        text = (
            HEAD
            + "timeout: 1h\nsteps: [{id: pause, wait: {for: 2h}}]\nfinally: [{id: last, set: {how: '{{ run.status }}'}}]\n"
        )
        expect = "{status: failed, took: 1h, message: not through within 1h, steps: {pause: {status: cancelled}, last: {output: {how: failed}}}}"
        assert problems(f"expect: {expect}", of=text) == []

    def test_a_run_can_be_asked_to_end(self) -> None:
        text = HEAD + "steps: [{id: pause, wait: {for: 2h}}]\nfinally: [{id: last, uses: crm.list_people}]\n"
        expect = (
            "{status: cancelled, took: 10m1s, steps: {pause: {status: cancelled, waited: 10m}, last: {attempts: 1}}}"
        )
        assert problems(f"cancel: {{at: 10m}}\nmock: {{last: {PEOPLE}, took: 1s}}}}\nexpect: {expect}", of=text) == []

    def test_a_call_that_is_under_way_ends_before_the_run_does(self) -> None:
        text = HEAD + "steps: [{id: one, uses: crm.list_people}, {id: two, uses: crm.list_people}]\n"
        test = f"cancel: {{at: 5s}}\nmock: {{one: {PEOPLE}, took: 20s}}}}\nexpect: {{status: cancelled, took: 20s, not_called: [two]}}"
        assert problems(test, of=text) == []


class TestLoops:
    """Rounds and iterations."""

    UNTIL = HEAD + (
        "steps:\n  - id: poll\n    until: steps.look.output.name == 'Ann'\n    max_iterations: 4\n    timeout: 1h\n    interval: 10m\n"
        "    steps: [{id: look, uses: crm.list_people}]\noutputs: {who: '{{ steps.poll.output.look.name }}'}\n"
    )

    def test_each_round_can_be_answered_by_itself(self) -> None:
        mock = '{look: {returns: {email: e, name: Bo}}, "poll[2].look": {returns: {email: e, name: Ann}}}'
        steps = '{"poll[2].look": {status: succeeded}, "poll[3].look": {status: not_reached}, poll: {waited: 20m}}'
        assert (
            problems(f"mock: {mock}\nexpect: {{outputs: {{who: Ann}}, took: 20m, steps: {steps}}}", of=self.UNTIL) == []
        )

    def test_rounds_are_limited(self) -> None:
        mock = "{look: {returns: {email: e, name: Bo}}}"
        expect = "{status: failed, took: 30m, steps: {poll: {error: {kind: limit}}}}"
        assert problems(f"mock: {mock}\nexpect: {expect}", of=self.UNTIL) == []

    def test_the_time_of_all_rounds_is_limited(self) -> None:
        text = self.UNTIL.replace("timeout: 1h", "timeout: 15m")
        mock = "{look: {returns: {email: e, name: Bo}}}"
        expect = "{status: failed, took: 15m, steps: {poll: {error: {kind: timeout}}}}"
        assert problems(f"mock: {mock}\nexpect: {expect}", of=text) == []

    def test_iterations_side_by_side_use_the_lane_that_is_free_first(self) -> None:
        text = HEAD + (
            "steps:\n  - id: each\n    foreach: '[1, 2, 3]'\n    max_parallel: 2\n    steps: [{id: look, uses: crm.list_people}]\n"
        )
        mock = f'look: {PEOPLE}, took: 10s}}, "each[0].look": {PEOPLE}, took: 25s}}'
        order = '["each[1].look", "each[2].look", "each[0].look"]'
        assert problems(f"mock: {{{mock}}}\nexpect: {{took: 25s, order: {order}}}", of=text) == []

    def test_ten_thousand_iterations_are_no_trouble(self) -> None:
        text = HEAD + (
            "inputs: {all: {type: list}}\nsteps:\n  - id: each\n    foreach: inputs.all\n    max_parallel: 20\n"
            "    steps: [{id: pause, wait: {for: 1m}}]\n"
        )
        items = ", ".join(map(str, range(10_000)))
        assert problems(f"inputs: {{all: [{items}]}}\nexpect: {{took: 8h20m}}", of=text) == []


class TestWaits:
    """Waits for time and for events."""

    WAIT = HEAD + (
        "steps:\n  - id: paid\n    wait: {event: {uses: shop.order, with: {events: [order.paid]}, if: event.payload.id == 'o-2'}, timeout: 1d}\n"
        "    on_error: continue\noutputs: {email: \"{{ steps.paid.output.payload.person.email if steps.paid.status == 'succeeded' else none }}\"}\n"
    )

    @staticmethod
    def paid(at: str, number: int, event: str = "order.paid") -> str:
        return f"{{at: {at}, event: {{event: {event}, payload: {{id: o-{number}, person: {{email: e{number}}}}}}}}}"

    def test_the_first_event_that_fits_ends_the_wait(self) -> None:
        events = ", ".join(
            [self.paid("3h", 2), self.paid("1h", 1), self.paid("2h", 2, "order.made"), self.paid("4h", 2)]
        )
        expect = "{waited: 3h, took: 3h, outputs: {email: e2}, steps: {paid: {waited: 3h}}}"
        assert problems(f"events: [{events}]\nexpect: {expect}", of=self.WAIT) == []

    def test_an_event_that_comes_too_late_is_not_waited_for(self) -> None:
        expect = "{took: 1d, outputs: {email: null}, steps: {paid: {status: failed, error: {kind: timeout}}}}"
        assert problems(f"events: [{self.paid('1d', 2)}]\nexpect: {expect}", of=self.WAIT) == []
        assert problems(f"expect: {expect}", of=self.WAIT) == []

    def test_an_event_that_came_before_the_wait_counts_and_each_counts_once(self) -> None:
        text = HEAD + (
            "steps:\n  - {id: pause, wait: {for: 1h}}\n"
            "  - {id: first, wait: {event: {uses: shop.order, with: {events: [order.paid]}}}}\n"
            "  - {id: second, wait: {event: {uses: shop.order, with: {events: [order.paid]}}}}\n"
        )
        events = f"events: [{self.paid('10m', 1)}, {self.paid('2h', 2)}]"
        steps = (
            "{first: {output: {payload: {id: o-1}}, waited: 0s}, second: {output: {payload: {id: o-2}}, waited: 1h}}"
        )
        assert problems(f"{events}\nexpect: {{took: 2h, steps: {steps}}}", of=text) == []
        (found,) = problems(f"events: [{self.paid('10m', 1)}]", of=text)
        assert found.startswith(
            "the step second waits for an event that does not come, and has no timeout; add   events:"
        )

    def test_an_instant_in_the_past_is_not_waited_for(self) -> None:
        text = HEAD + "steps: [{id: pause, wait: {until: inputs.at}}]\ninputs: {at: {type: string}}\n"
        for at, waited in (("2026-01-01T13:00:00+00:00", "1h"), ("2026-01-01T12:00:00+01:00", "0s")):
            assert problems(f'inputs: {{at: "{at}"}}\nexpect: {{took: {waited}, waited: {waited}}}', of=text) == []


def test_what_took_another_time_is_told_as_authors_write_it() -> None:
    text = HEAD + "steps: [{id: pause, wait: {for: 90m}}]\n"
    assert problems("expect: {took: 1h, steps: {pause: {waited: 2h}}, order: [pause]}", of=text) == [
        "took | - expected 1h | + happened 1h30m",
        "steps.pause.waited | - expected 2h | + happened 1h30m",
    ]


def test_steps_in_another_order_are_told() -> None:
    text = HEAD + "steps: [{id: x, set: {v: 1}}, {id: y, set: {v: 2}}, {id: z, if: false, set: {v: 3}}]\n"
    assert problems("expect: {order: [x, z]}", of=text) == []
    assert problems("expect: {order: [y, x]}", of=text) == ["order | - expected y, x | + happened x, y"]


def test_cases_of_a_switch_and_all_other_holders_can_be_named_by_id_or_path() -> None:
    text = HEAD + (
        "inputs: {kind: {type: string}}\nsteps:\n  - id: which\n    switch: inputs.kind\n    cases: {x: [{id: in_x, uses: crm.list_people}], y: [{id: in_y, set: {v: 1}}]}\n"
        "    default: [{id: other, stop: {status: cancelled, message: neither}}]\n"
    )
    steps = "{which: {output: x}, which.in_x: {attempts: 1}, in_y: {status: skipped}, which.other: {status: skipped}}"
    assert problems(f"inputs: {{kind: x}}\nmock: {{which.in_x: {PEOPLE}}}}}\nexpect: {{steps: {steps}}}", of=text) == []
    assert (
        problems("inputs: {kind: z}\nexpect: {status: cancelled, message: neither, not_called: [in_x]}", of=text) == []
    )


def test_a_played_run_says_what_it_waited_and_took() -> None:
    played = verdict("mock: {l1: {returns: {email: e}, took: 1m}, r1: {returns: {email: e}}}", of=RACE).played
    assert played is not None
    assert (played.waited_ms, played.took_ms) == (8_000, 8_000)
    assert (played.waited_in("race"), played.took_in("race"), played.took_in("nowhere")) == (8_000, 8_000, 0)
