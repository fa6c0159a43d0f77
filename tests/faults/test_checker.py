"""The checker can fail: a small history that is in order is found so, and each way of spoiling it is found, under the right invariant."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.core.statuses import RunStatus, StepStatus
from engine.sdk import Window
from tests.faults.checker import LOST, Allowed, check
from tests.faults.client_log import Delivery
from tests.faults.history import Answer, History, LogLine, RunFact, StepFact
from tests.faults.witness import Call, Effect

T = 1_700_000_000_000

RUN = RunFact(
    id="r1",
    flow="f",
    digest="d",
    status=RunStatus.SUCCEEDED,
    subscription="s",
    event_key="e1",
    created_at=T,
    started_at=T,
    ended_at=T + 100,
)
FIRST = StepFact(
    run="r1",
    path="read",
    uses="faults.read",
    status=StepStatus.SUCCEEDED,
    name="r1.read",
    started_at=T + 10,
    ended_at=T + 20,
)
SECOND = StepFact(
    run="r1",
    path="fire",
    uses="faults.fire",
    status=StepStatus.SUCCEEDED,
    name="r1.fire",
    started_at=T + 30,
    ended_at=T + 40,
)
READ = Call(number=0, at=1.0, wall_ms=T + 15, method="GET", path="/things", name="r1.read", key="k1", connection="main")
SHOT = Call(
    number=1, at=1.02, wall_ms=T + 35, method="POST", path="/shots", name="r1.fire", key="k2", connection="main"
)
EFFECT = Effect(kind="POST /shots", name="r1.fire", key="", call=1)
SENT = Delivery(id="e1", url="http://h/hooks/s", body=b"{}", key="x", at=1.0, took=0.01, status=202)
STARTED = LogLine(process="worker-0", at=T / 1000, event="segment started", run="r1", claim=1)
ENDED = LogLine(process="worker-0", at=T / 1000 + 0.1, event="segment ended", run="r1")
PROMPT = Answer(path="/readyz", at=1.0, took=0.01, status=200)
GOOD = History(
    runs=[RUN],
    steps=[FIRST, SECOND],
    calls=[READ, SHOT],
    effects=[EFFECT],
    sent=[SENT],
    answers=[PROMPT],
    log=[STARTED, ENDED],
    listening={"s": frozenset({"f"})},
    orders={"d": ["read", "fire"]},
    budgets={"main": [Window(limit=2, seconds=1)]},
    secrets={"token": "canary"},
    places={"a log": b"nothing to see"},
    faults=["SIGKILL to worker-0"],
    now=T + 1000,
)
TAKEN_OVER = LogLine(process="worker-1", at=T / 1000 + 12, event="segment started", run="r1", claim=2)
LATE = LogLine(process="worker-0", at=T / 1000 + 20, event="segment ended", run="r1")
REFUSED = LogLine(process="worker-0", at=T / 1000 + 20, event=LOST, run="r1", claim=1)
UNCERTAIN = replace(SECOND, status=StepStatus.UNCERTAIN)


def broken(history: History, allowed: Allowed | None = None) -> set[str]:
    return {item.invariant for item in check(history, allowed).broken}


def test_a_history_in_order_breaks_nothing() -> None:
    assert broken(GOOD) == set()


SPOILT: dict[str, tuple[str, History]] = {
    "an accepted webhook has no run": ("I1", replace(GOOD, sent=[SENT, replace(SENT, id="e2")])),
    "one of two flows has no run": ("I1", replace(GOOD, listening={"s": frozenset({"f", "g"})})),
    "nobody listens any more": ("I1", replace(GOOD, listening={})),
    "a webhook started a flow twice": ("I1", replace(GOOD, runs=[RUN, replace(RUN, id="r2")], orders={})),
    "a webhook that was refused started twice": (
        "I1",
        replace(GOOD, sent=[], runs=[RUN, replace(RUN, id="r2")], orders={}),
    ),
    "a repeat was taken for something new": (
        "I1",
        replace(GOOD, runs=[RUN, replace(RUN, id="r2", event_key="e1-again")], orders={}),
    ),
    "a run was never ended": (
        "I1",
        replace(GOOD, runs=[replace(RUN, status=RunStatus.QUEUED, ended_at=None, due_at=T)]),
    ),
    "a second key for one step": ("I2", replace(GOOD, calls=[READ, replace(READ, number=2, key="other"), SHOT])),
    "a step was completed twice": ("I2", replace(GOOD, steps=[FIRST, replace(FIRST, attempt=2), SECOND])),
    "a completed step was tried again": (
        "I2",
        replace(GOOD, steps=[FIRST, replace(FIRST, attempt=2, status=StepStatus.FAILED), SECOND]),
    ),
    "an attempt was left open": (
        "I2",
        replace(GOOD, steps=[FIRST, replace(SECOND, status=StepStatus.RUNNING, ended_at=None)]),
    ),
    "an effect happened twice": ("I2", replace(GOOD, effects=[EFFECT, replace(EFFECT, call=2)])),
    "a completed write has no effect": ("I2", replace(GOOD, effects=[])),
    "a call came after its step was completed": (
        "I2",
        replace(GOOD, calls=[READ, SHOT, replace(READ, number=2, at=2.5, wall_ms=T + 90)]),
    ),
    "a call came before its attempt": ("I3", replace(GOOD, calls=[replace(READ, wall_ms=T + 5), SHOT])),
    "a call has no attempt": ("I3", replace(GOOD, steps=[FIRST], effects=[], orders={})),
    "the journal showed no attempt when the call came": (
        "I3",
        replace(GOOD, calls=[replace(READ, written_ahead=False), SHOT]),
    ),
    "a step began before the one before it was through": (
        "I4",
        replace(GOOD, steps=[replace(FIRST, ended_at=T + 31), SECOND]),
    ),
    "a step began although the one before it never ended": (
        "I4",
        replace(GOOD, steps=[replace(FIRST, status=StepStatus.RUNNING, ended_at=None), SECOND]),
    ),
    "a step began although the one before it never began": ("I4", replace(GOOD, steps=[SECOND], calls=[SHOT])),
    "an iteration began too early": (
        "I4",
        replace(GOOD, steps=[FIRST, replace(SECOND, path="fire[3].x", started_at=T + 19)]),
    ),
    "a final status changed": ("I4", replace(GOOD, taken_back=["run r1 had ended as failed, and then was running"])),
    "a run has ended and has no end": ("I4", replace(GOOD, runs=[replace(RUN, ended_at=None)])),
    "a segment ended after its claim was taken over": ("I5", replace(GOOD, log=[STARTED, TAKEN_OVER, LATE])),
    "two segments had one claim": ("I5", replace(GOOD, log=[STARTED, replace(STARTED, process="worker-1"), ENDED])),
    "three calls in a window of two": ("I6", replace(GOOD, calls=[READ, SHOT, replace(SHOT, number=2, at=1.99)])),
    "health was slow twice in a hundred": (
        "I7",
        replace(GOOD, answers=[*[PROMPT] * 98, *[replace(PROMPT, took=1.2)] * 2]),
    ),
    "ingest was slow twice in a hundred": (
        "I7",
        replace(GOOD, sent=[*[SENT] * 98, *[replace(SENT, took=1.2)] * 2]),
    ),
    "a webhook was accepted while the database was down": ("I7", replace(GOOD, down=[(0.5, 2.0)])),
    "health was fine while the database was down": ("I7", replace(GOOD, sent=[], down=[(0.5, 2.0)])),
    "it took long to say that the database was down": (
        "I7",
        replace(GOOD, sent=[replace(SENT, status=503, took=2.5)], answers=[], down=[(0.5, 9.0)]),
    ),
    "a secret in a log": ("I8", replace(GOOD, places={"a log": b"... canary ..."})),
}


@pytest.mark.parametrize(("invariant", "history"), SPOILT.values(), ids=SPOILT.keys())
def test_a_history_is_found_to_break_what_it_breaks(invariant: str, history: History) -> None:
    assert invariant in broken(history)


def test_every_invariant_is_broken_by_something_here() -> None:
    assert {invariant for invariant, _ in SPOILT.values()} == {f"I{number}" for number in range(1, 9)}


def test_a_breach_names_the_run_the_step_or_the_call() -> None:
    [found] = check(SPOILT["a step was completed twice"][1]).broken[:1]
    assert str(found) == "I2: read of run r1 was completed 2 times"
    [early] = check(SPOILT["a call came before its attempt"][1]).broken
    assert str(early) == "I3: call 0 (GET /things r1.read) arrived 5 ms before its attempt"


# What a test's faults make lawful is lawful then, and only then.


def test_a_rerun_does_not_count_as_a_second_run() -> None:
    assert broken(replace(GOOD, runs=[RUN, replace(RUN, id="r2", origin_run="r1")], orders={})) == set()


def test_what_a_test_stored_itself_may_have_been_sent_by_nobody() -> None:
    history = replace(GOOD, runs=[RUN, replace(RUN, id="r2", event_key="stored")], orders={})
    assert broken(history, Allowed(unsent=True)) == set()


def test_a_webhook_that_was_not_accepted_may_have_started_nothing() -> None:
    assert broken(replace(GOOD, sent=[SENT, replace(SENT, id="e2", status=None)])) == set()


def test_a_run_may_wait_where_the_test_says_so_and_only_parked_and_not_overdue() -> None:
    parked = replace(RUN, status=RunStatus.PARKED, ended_at=None, due_at=T + 60_000)
    waiting = Allowed(waiting={"f"})
    assert broken(replace(GOOD, runs=[parked]), waiting) == set()
    assert broken(replace(GOOD, runs=[parked])) == {"I1"}
    assert broken(replace(GOOD, runs=[replace(parked, due_at=T)]), waiting) == {"I1"}


def test_an_effect_may_be_there_twice_where_the_flow_says_so() -> None:
    history = replace(GOOD, effects=[EFFECT, replace(EFFECT, call=2)])
    assert broken(history, Allowed(twice={"POST /shots"})) == set()
    assert broken(history, Allowed(twice={"POST /marks"})) == {"I2"}


def test_a_step_of_unknown_outcome_may_have_had_its_effect_or_not() -> None:
    assert broken(replace(GOOD, steps=[FIRST, UNCERTAIN])) == set()
    assert broken(replace(GOOD, steps=[FIRST, UNCERTAIN], effects=[])) == set()


def test_a_pause_past_the_lease_must_have_been_refused_something() -> None:
    assert broken(GOOD, Allowed(paused=True)) == {"I5"}
    handed_over = replace(GOOD, log=[STARTED, TAKEN_OVER, REFUSED])
    assert broken(handed_over, Allowed(paused=True)) == set()


def test_a_handover_in_order_is_no_late_write() -> None:
    parked = replace(ENDED, at=TAKEN_OVER.at + 0.3)
    assert broken(replace(GOOD, log=[STARTED, TAKEN_OVER, parked])) == set()


def test_a_refusal_in_time_is_what_the_database_being_down_asks_for() -> None:
    refused = replace(GOOD, answers=[replace(GOOD.answers[0], status=503, took=1.6)], sent=[], down=[(0.5, 3.0)])
    assert broken(refused) == set()


def test_one_slow_answer_in_a_hundred_is_what_p99_allows() -> None:
    assert broken(replace(GOOD, answers=[*[PROMPT] * 99, replace(PROMPT, took=9.0)])) == set()


# A test in which nothing happened fails.


def test_nothing_is_proven_without_webhooks_faults_and_repetitions() -> None:
    again = check(replace(GOOD, calls=[READ, replace(READ, number=2, at=1.001, wall_ms=T + 16), SHOT], budgets={}))
    again.require(accepted=1, faults=1, retried=1)
    with pytest.raises(AssertionError, match="1 webhooks were accepted, wanted 2"):
        again.require(accepted=2, faults=1, retried=1)
    with pytest.raises(AssertionError, match="wanted 2 faults"):
        again.require(accepted=1, faults=2, retried=1)
    with pytest.raises(AssertionError, match="wanted 1 steps done again, had \\[\\]"):
        check(GOOD).require(accepted=1, faults=1, retried=1)


def test_a_test_of_promptness_must_have_asked_often() -> None:
    check(GOOD).require(accepted=1, faults=1, answered=1)
    with pytest.raises(AssertionError, match=r"wanted 100 answers of each, had \{'/readyz': 1, 'ingest': 1\}"):
        check(GOOD).require(accepted=1, faults=1, answered=100)


def test_a_breach_fails_whatever_else_happened() -> None:
    with pytest.raises(AssertionError, match="I8: the token stands in a log"):
        check(SPOILT["a secret in a log"][1]).require(accepted=0, faults=0)
