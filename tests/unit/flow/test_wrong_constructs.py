"""What can be wrong with each construct is said at the exact word, with what to write instead."""

from __future__ import annotations

import pytest

from engine.flow import codes
from tests.unit.flow.reading import brief, findings_of, flow, only, step

INNER = "steps: [{id: c, uses: log.write}]"
LIMITS = ("max_iterations: 3", "timeout: 1h")
UNTIL = ("until: vars.done", *LIMITS)

STEPS: tuple[tuple[tuple[str, ...], str, str, str], ...] = (
    # switch
    (("switch: inputs.x",), "3:5", codes.MISSING_KEY, "cases is missing; write   cases: followed by   value: and a list of steps"),
    (("cases: {a: []}",), "3:5", codes.MISSING_KEY, "switch is missing; write   switch: trigger.event"),
    (("switch: 3", "cases: {a: []}"), "4:13", codes.WRONG_TYPE, "switch must be an expression, not 3; write   switch: trigger.event"),
    (("switch: inputs.x", "cases: [a]"), "5:12", codes.WRONG_TYPE, "cases must be keys and values, not a list"),
    (("switch: inputs.x", "cases: {}"), "5:12", codes.WRONG_TYPE, "cases must be keys and values, not an empty mapping"),
    (("switch: inputs.x", "cases: {a: {set: {x: 1}}}"), "5:16", codes.WRONG_TYPE, "a must be a list, not keys and values; write   a: followed by a list of steps"),
    (("switch: inputs.x", "cases:", "  a:", "  b: []"), "6:7", codes.WRONG_TYPE, "a is empty; write a list of steps, each beginning with '- id: …', or   a: []   for nothing to do"),
    (("switch: inputs.x", "cases: {a: []}", "default:"), "6:5", codes.WRONG_TYPE, "default is empty"),
    (("switch: inputs.x", "cases: {'{{ inputs.y }}': []}"), "5:13", codes.NOT_CONSTANT, "a case is a constant"),
    (("switch: inputs.x", "cases: {1: [], '1': []}"), "5:20", codes.DUPLICATE_KEY, "'1' stands here again"),
    (("switch: inputs.x", "case: {a: []}"), "5:5", codes.UNKNOWN_KEY, "a step with switch has no key 'case'; did you mean 'cases'?"),
    (("switch: inputs.x", "cases: {a: []}", "else: []"), "6:5", codes.UNKNOWN_KEY, "else belongs to a step with if with then; the other cases of a switch are its default"),
    (("if: inputs.x", "then: [{id: c, uses: a.b}]", "default: []"), "6:5", codes.UNKNOWN_KEY, "default belongs to a step with switch; the other branch of an if is else"),
    # until
    (("until: vars.done", "timeout: 1h", INNER), "4:5", codes.MISSING_KEY, "max_iterations is missing; until needs max_iterations and timeout, so that it cannot run for ever; write   max_iterations: 20"),
    (("until: vars.done", "max_iterations: 3", INNER), "4:5", codes.MISSING_KEY, "timeout is missing; until needs max_iterations and timeout, so that it cannot run for ever; write   timeout: 1h"),
    ((*LIMITS, INNER), "3:5", codes.MISSING_KEY, "until is missing; write   until: steps.look.output.status == 'done'"),
    (UNTIL, "3:5", codes.MISSING_KEY, "steps is missing"),
    (("until: vars.done", "max_iterations: 10001", "timeout: 1h", INNER), "5:21", codes.BAD_CHOICE, "max_iterations is 10001, but must be a whole number from 1 to 10000"),
    (("until: vars.done", "max_iterations: 3", "timeout: 60", INNER), "6:14", codes.DURATION, "timeout: a duration needs a unit; did you mean 60s?"),
    ((*UNTIL, INNER, "interval: 0s"), "8:15", codes.DURATION, "longer than zero"),
    (("while: vars.busy", *LIMITS, INNER), "4:5", codes.UNKNOWN_KEY, "did you mean 'until'?"),
    (("foreach: inputs.x", "until: vars.done", INNER), "5:5", codes.ONE_KIND, "this step has foreach and until; make two steps of it"),
    # parallel
    (("parallel: {}",), "4:15", codes.WRONG_TYPE, "parallel must be keys and values, not an empty mapping; write   parallel: followed by   name: and a list of steps, for each branch"),
    (("parallel: [{id: c, uses: a.b}]",), "4:15", codes.WRONG_TYPE, "parallel must be keys and values, not a list"),
    (("parallel: {one: []}",), "4:21", codes.WRONG_TYPE, "one must be a list, not an empty list"),
    (("parallel: {One: [{id: c, uses: a.b}]}",), "4:16", codes.BAD_ID, '"One" cannot be the id of a branch'),
    (("parallel: {finally: [{id: c, uses: a.b}]}",), "4:16", codes.RESERVED_ID, "the branch name finally is reserved; choose another"),
    (("parallel: {a: [{id: c, uses: a.b}], a: [{id: d, uses: a.b}]}",), "4:41", codes.DUPLICATE_KEY, "'a' stands here again"),
    (("parallel: {a: [{id: c, uses: a.b}]}", "join: al"), "5:11", codes.BAD_CHOICE, 'join is "al", but must be one of all, any; did you mean \'all\'?'),
    (("parallel: {a: [{id: c, uses: a.b}]}", "max_parallel: 2"), "5:5", codes.UNKNOWN_KEY, "max_parallel belongs to a step with foreach; the branches of parallel all run side by side"),
    (("parallel: {a: [{id: c, uses: a.b}]}", INNER), "5:5", codes.ONE_KIND, "this step has parallel and steps (a group); make two steps of it"),
    (("parallel: {" + ", ".join(f"b{n}: [{{id: s{n}, uses: a.b}}]" for n in range(21)) + "}",), "4:5", codes.BAD_CHOICE, "parallel has 21 branches, but may have at most 20"),
    (("join: any",), "3:5", codes.ONE_KIND, "this step does nothing"),
    # set where steps run side by side
    (("parallel: {a: [{id: c, foreach: inputs.x, steps: [{id: d, set: {x: 1}}]}]}",), "4:63", codes.PARALLEL_SET, "set cannot stand in the parallel b, whose branches run side by side: who ends last would decide"),
    (("foreach: inputs.x", "max_parallel: 2", "steps: [{id: c, if: item, then: [{id: d, set: {x: 1}}]}]"), "6:46", codes.PARALLEL_SET, "set cannot stand in the foreach b, whose iterations run side by side (max_parallel: 2)"),
    (("parallel: {a: [{id: c, uses: a.b, on_error: [{id: d, set: {x: 1}}]}]}",), "4:58", codes.PARALLEL_SET, "the parallel b"),
    # groups
    (("steps: []",), "4:12", codes.WRONG_TYPE, "steps must be a list, not an empty list"),
    ((INNER, "timeout: soon"), "5:14", codes.DURATION, "not a duration"),
    ((INNER, "uses: a.b"), "4:5", codes.ONE_KIND, "this step has uses and steps (a group); make two steps of it"),
    (("foreach: inputs.x", INNER, "timeout: 5m"), "6:5", codes.UNKNOWN_KEY, "timeout belongs to a step with uses, until or steps (a group); to limit the time of other steps, put them into a group: timeout: and steps:"),
    (("if: inputs.x", "then: [{id: c, uses: a.b}]", "timeout: 5m"), "6:5", codes.UNKNOWN_KEY, "put them into a group"),
    ((INNER, "retry: {max_attempts: 2}"), "5:5", codes.UNKNOWN_KEY, "retry belongs to a step with uses"),
    # writes
    (("flow: other", "idempotency_key: x"), "5:5", codes.UNKNOWN_KEY, "idempotency_key belongs to a step with uses"),
    (("set: {x: 1}", "on_uncertain: retry"), "5:5", codes.UNKNOWN_KEY, "on_uncertain belongs to a step with uses"),
    (("uses: a.b", "on_uncertain: again"), "5:19", codes.BAD_CHOICE, 'on_uncertain is "again", but must be one of fail, retry, skip'),
    (("uses: a.b", "idempotency_key: 3"), "5:22", codes.WRONG_TYPE, "idempotency_key must be text, not 3"),
    (("uses: a.b", "idempotency_key: ''"), "5:23", codes.WRONG_TYPE, "idempotency_key must be text"),
    (("uses: a.b", "secure: true"), "5:13", codes.WRONG_TYPE, "secure must be a list, not true; write   secure: [inputs, outputs]"),
    (("uses: a.b", "secure: [input]"), "5:14", codes.BAD_CHOICE, "secure is \"input\", but must be one of inputs, outputs; did you mean 'inputs'?"),
    # wait
    (("wait: 90m",), "4:11", codes.WRONG_TYPE, 'wait takes keys and values; write   wait: {for: "90m"}'),
    (("wait: '2026-12-24T18:00:00Z'",), "4:12", codes.WRONG_TYPE, 'write   wait: {until: "2026-12-24T18:00:00Z"}'),
    (("wait: true",), "4:11", codes.WRONG_TYPE, "wait: true belongs to a step with flow"),
    (("wait: 5",), "4:11", codes.WRONG_TYPE, "wait must be keys and values, not 5; write   wait: {for: 90m}"),
    (("wait: {timeout: 1h}",), "4:11", codes.ONE_KIND, "wait does not say for what"),
    (("wait: {for: 1h, until: vars.x}",), "4:21", codes.ONE_KIND, "wait has for and until, but takes one of them; make two steps of it"),
    (("wait: {for: 90}",), "4:17", codes.DURATION, "for: a duration needs a unit; did you mean 90s?"),
    (("wait: {for: 400d}",), "4:17", codes.DURATION, "longer than a year"),
    (("wait: {for: '{{ 1 + }}m'}",), "4:23", "E220", "unexpected"),
    (("wait: {for: 1h, timeout: 2h}",), "4:21", codes.NO_EFFECT, "timeout limits the wait for an event, and there is none here"),
    (("wait: {fro: 1h}",), "4:12", codes.UNKNOWN_KEY, "wait has no key 'fro'; did you mean 'for'?"),
    (("wait: {for: 1h}", "timeout: 2h"), "5:5", codes.UNKNOWN_KEY, "timeout stands inside of wait; write   wait: {event: {…}, timeout: …}"),
    (("wait: {event: {uses: a.b}}", "until: vars.x"), "5:5", codes.UNKNOWN_KEY, "until stands inside of wait"),
    (("wait: {event: {uses: a.b}}", "connection: x"), "5:5", codes.UNKNOWN_KEY, "connection stands inside of event; write   wait: {event: {connection: …}}"),
    (("wait: {until: 2026-12-24T18:00:00}",), "4:19", codes.INSTANT, '"2026-12-24T18:00:00" has no offset, so that it is another instant in every time zone; write   until: 2026-12-24T18:00:00+01:00 (or 2026-12-24T18:00:00Z for UTC)'),
    (("wait: {until: '2026-12-24'}",), "4:20", codes.INSTANT, "write   until: 2026-12-24T00:00:00+01:00"),
    (("wait: {until: 2026-13-24T18:00:00Z}",), "4:19", codes.INSTANT, "is not an instant"),
    (("wait: {until: 3}",), "4:19", codes.WRONG_TYPE, "until must be an expression, not 3; write   until: trigger.payload.scheduled_event.start_time"),
    (("wait: {event: calendly.invitee}",), "4:19", codes.WRONG_TYPE, "event must be keys and values"),
    (("wait: {event: {if: event.x}}",), "4:19", codes.MISSING_KEY, "uses is missing"),
    (("wait: {event: {uses: manual}}",), "4:26", codes.BAD_USES, "manual is no event that can be awaited"),
    (("wait: {event: {uses: a.b, with: {x: '{{ inputs.x }}'}}}",), "4:42", codes.NOT_CONSTANT, "with takes constants only"),
    (("wait: {event: {uses: a.b, connection: x}}",), "4:43", codes.UNDECLARED, "not declared"),
    (("wait: {event: {uses: a.b, timeout: 1h}}",), "4:31", codes.UNKNOWN_KEY, "timeout stands beside event, not in it; move it one level up"),
    (("wait: {event: {uses: a.b, split_on: x}}",), "4:31", codes.UNKNOWN_KEY, "event has no key 'split_on'; it has uses, with, connection, if"),
    (("foreach: inputs.x", "as: event", "steps: [{id: c, wait: {event: {uses: a.b}}}]"), "6:28", codes.RESERVED_ID, "the loop around this calls its variable event"),
    (("delay: 5m",), "4:5", codes.UNKNOWN_KEY, "did you mean 'wait'?"),
    # sub-flows
    (("flow: Other",), "4:11", codes.BAD_ID, '"Other" cannot be the name of a flow; use 1 to 64 of a-z, 0-9, - and _; for instance other'),
    (("flow: other", "with: [1]"), "5:11", codes.WRONG_TYPE, "with must be keys and values, not a list"),
    (("flow: other", "wait: {for: 1h}"), "5:11", codes.WRONG_TYPE, "wait is keys and values, but must be true or false; to wait for a time or an event, make a step of its own"),
    (("flow: other", "inputs: {x: 1}"), "5:5", codes.UNKNOWN_KEY, "did you mean 'with'?"),
    (("flow: other", "connection: x"), "5:5", codes.UNKNOWN_KEY, "connection belongs to a step with uses"),
    (("flow: other", "uses: a.b"), "4:5", codes.ONE_KIND, "this step has uses and flow; make two steps of it"),
    (("set: {x: 1}", "with: {}"), "5:5", codes.UNKNOWN_KEY, "with belongs to a step with uses or flow"),
    # own keys
    (("uses: a.b", "x-note: mine"), "5:5", codes.UNKNOWN_KEY, "keys of your own (x-note) can only stand at the top of the file, beside id:"),
)  # fmt: skip

FLOWS: tuple[tuple[str, str, str, str], ...] = (
    ("defaults: {timeout: 30}", "3:21", codes.DURATION, "did you mean 30s?"),
    ("defaults: {if: x}", "3:12", codes.UNKNOWN_KEY, "defaults has no key 'if'; it has timeout, retry, on_uncertain"),
    ("defaults: {retry: {max_attempts: 0}}", "3:34", codes.BAD_CHOICE, "from 1 to 100"),
    ("defaults: {retry: {interval: 5m, max_interval: 1m}}", "3:19", codes.BAD_CHOICE, "max_interval is shorter than interval"),
    ("defaults: {on_uncertain: again}", "3:26", codes.BAD_CHOICE, "one of fail, retry, skip"),
    ("defaults: 30s", "3:11", codes.WRONG_TYPE, "write   defaults: {timeout: 30s"),
    ("timeout: 3600", "3:10", codes.DURATION, "did you mean 3600s?"),
    ("finally: continue", "3:10", codes.WRONG_TYPE, "finally must be a list"),
    ("finaly: []", "3:1", codes.UNKNOWN_KEY, "did you mean 'finally'?"),
    ("on_error: ignore", "3:11", codes.BAD_CHOICE, 'on_error is "ignore", but must be fail, continue or a list of steps'),
    ("concurrency: 1", "3:14", codes.WRONG_TYPE, "write   concurrency: {limit: 1, on_limit: queue}"),
    ("concurrency: {limit: 0}", "3:22", codes.BAD_CHOICE, "limit is 0, but must be a whole number from 1 to 10000"),
    ("concurrency: {on_limit: wait}", "3:25", codes.BAD_CHOICE, "one of queue, skip, replace"),
    ("concurrency: {on_limit: skip, max_queued: 3}", "3:31", codes.NO_EFFECT, "max_queued has no effect with on_limit: skip, where no run waits"),
    ("concurrency: {max_queued: 0}", "3:27", codes.BAD_CHOICE, "from 1 to 100000"),
    ("concurrency: {key: 3}", "3:20", codes.WRONG_TYPE, "write   key: trigger.payload.email"),
    ("concurrency: {group: x}", "3:15", codes.UNKNOWN_KEY, "it has key, limit, on_limit, max_queued"),
    ("catch: []", "3:1", codes.UNKNOWN_KEY, "did you mean 'on_error'?"),
    ("concurency: {limit: 1}", "3:1", codes.UNKNOWN_KEY, "did you mean 'concurrency'?"),
    ("triggers: [{uses: manual, with: {a: 1}}]", "3:27", codes.NO_EFFECT, "uses: manual belongs to no connector and takes no with; leave it out"),
    ("triggers: [{uses: a.b, split_on: [1]}]", "3:34", codes.WRONG_TYPE, "split_on must be an expression"),
    ("triggers: [{uses: webhook}]", "3:19", codes.BAD_USES, "or   uses: manual   for runs that a person starts"),
    ("triggers: [{uses: a.b, x-y: 1}]", "3:24", codes.UNKNOWN_KEY, "keys of your own (x-y) can only stand at the top of the file"),
    ("inputs: {n: {type: list, default: {}}}", "3:35", codes.BAD_DEFAULT, "not of type list"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "place", "code", "words"), STEPS, ids=[" | ".join(lines)[:70] for lines, *_ in STEPS]
)
def test_a_step(lines: tuple[str, ...], place: str, code: str, words: str) -> None:
    found = {
        f"{found.place.line}:{found.place.column} {found.code}": found for found in findings_of(step("id: b", *lines))
    }
    assert f"{place} {code}" in found, list(map(str, found.values()))
    assert words in found[f"{place} {code}"].message


@pytest.mark.parametrize(("line", "place", "code", "words"), FLOWS, ids=[line for line, *_ in FLOWS])
def test_a_key_of_the_flow(line: str, place: str, code: str, words: str) -> None:
    found = only(flow(line))
    assert (f"{found.place.line}:{found.place.column}", found.code) == (place, code)
    assert words in found.message


ALONE = [
    case for case in STEPS if case[0] not in {("while: vars.busy", *LIMITS, INNER), ("join: any",), ("delay: 5m",)}
]


@pytest.mark.parametrize(
    ("lines", "place", "code", "words"), ALONE, ids=[" | ".join(lines)[:70] for lines, *_ in ALONE]
)
def test_one_mistake_is_one_finding(lines: tuple[str, ...], place: str, code: str, words: str) -> None:
    assert len(brief(step("id: b", *lines))) == (2 if words.startswith("a step with switch has no key") else 1)


def test_both_limits_of_until_are_asked_for_at_once() -> None:
    assert brief(step("id: b", "until: vars.done", INNER)) == [f"4:5 {codes.MISSING_KEY}"] * 2


@pytest.mark.parametrize("name", ["on_error", "finally", "flow"])
def test_words_of_paths_are_no_step_ids(name: str) -> None:
    found = only(step(f"id: {name}", "uses: a.b"))
    assert (found.code, found.place.column) == (codes.RESERVED_ID, 9)


def test_ids_are_unique_over_all_constructs() -> None:
    source = """\
id: a
steps:
  - id: one
    switch: inputs.x
    cases: {a: [{id: two, uses: a.b}], b: [{id: two, uses: a.b}]}
    default: [{id: two, uses: a.b}]
  - {id: three, until: vars.x, max_iterations: 3, timeout: 1h, steps: [{id: one, uses: a.b}]}
  - {id: four, parallel: {l: [{id: five, uses: a.b}], r: [{id: five, uses: a.b}]}}
  - {id: six, steps: [{id: four, uses: a.b}]}
finally: [{id: three, uses: a.b}]
"""
    assert brief(source) == [f"{place} {codes.TAKEN_ID}" for place in ("5:49", "6:20", "7:77", "8:64", "9:28", "10:16")]


def test_a_variable_may_be_set_around_what_runs_side_by_side() -> None:
    source = """\
id: a
steps:
  - id: one
    parallel: {l: [{id: two, uses: a.b}]}
    on_error: [{id: three, set: {x: 1}}]
  - {id: four, foreach: inputs.x, max_parallel: 1, steps: [{id: five, set: {x: 1}}]}
  - {id: six, foreach: inputs.x, max_parallel: 2, steps: [{id: seven, uses: a.b}]}
  - {id: eight, set: {x: 1}}
"""
    assert brief(source) == []


@pytest.mark.parametrize("key", ["1", "true", "~", "1.5"])
@pytest.mark.parametrize(
    "line",
    ["variables: {a: {cases: {%s: x}}}", "outputs: {%s: x}", "inputs: {%s: {type: string}}", "x-a: {%s: 1}"],
)
def test_numbers_are_keys_under_cases_only(line: str, key: str) -> None:
    assert codes.KEY_NOT_TEXT in {found.code for found in findings_of(flow(line % key))}
