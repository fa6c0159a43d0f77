"""I1 to I3: one run for each webhook, one completion and one effect for each step, no call without its attempt."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from engine.core.statuses import RUN_FINAL, STEP_OPEN, RunStatus, StepStatus
from tests.faults.breaches import Allowed, Broken, words
from tests.faults.client_log import Delivery
from tests.faults.history import History, RunFact, StepFact
from tests.faults.witness import Call

CLOCK_MS = 1.0
"""The database counts whole milliseconds and the witness finer ones, on the same machine's clock."""
WRITES = frozenset({"faults.put", "faults.pay", "faults.mark", "faults.fire"})


# I1


def one_run_each(history: History, allowed: Allowed) -> Iterator[Broken]:
    runs: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for run in history.runs:
        if (
            run.origin_run is None
            and run.parent_run is None
            and run.subscription is not None
            and run.trigger_index is None
        ):
            runs[run.subscription, run.event_key, run.flow].add(run.id)
    accepted: dict[tuple[str, str], Delivery] = {
        (item.subscription, item.id): item for item in history.sent if item.accepted
    }
    for (subscription, event_id), delivery in accepted.items():
        wanted = delivery.starts if delivery.starts is not None else history.listening.get(subscription, frozenset())
        if not wanted and delivery.starts is None:
            yield Broken(
                invariant="I1", what=f"{event_id} was accepted, and no flow listens to subscription {subscription}"
            )
        for flow in sorted(wanted):
            if not runs.get((subscription, event_id, flow)):
                yield Broken(invariant="I1", what=f"{event_id} was accepted, and {flow} has no run for it")
    sent = {(item.subscription, item.id) for item in history.sent}
    told_of = {subscription for subscription, _ in sent}
    for (subscription, event_id, flow), ids in runs.items():
        if subscription in told_of and (subscription, event_id) not in sent and not allowed.unsent:
            yield Broken(invariant="I1", what=f"{event_id} started {flow}, and nobody sent it: runs {sorted(ids)}")
        if len(ids) > 1:
            yield Broken(invariant="I1", what=f"{event_id} started {flow} {len(ids)} times: runs {sorted(ids)}")
    for run in history.runs:
        if (why := _unfinished(run, history.now, allowed)) is not None:
            yield Broken(invariant="I1", what=f"run {run.id} of {run.flow} {why}")


def _unfinished(run: RunFact, now: int, allowed: Allowed) -> str | None:
    if run.status in RUN_FINAL:
        return None
    if run.flow not in allowed.waiting:
        return f"is {run.status}, waiting for {run.waiting_for}, although everything is quiet"
    if run.status is not RunStatus.PARKED or run.due_at is None or run.due_at < now:
        return f"may wait, but is {run.status} and was due at {run.due_at}; it is {now}"
    return None


# I2


def one_key_and_one_completion(history: History, allowed: Allowed) -> Iterator[Broken]:
    attempts: dict[tuple[str, str], list[StepFact]] = defaultdict(list)
    about: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in history.steps:
        attempts[row.run, row.path].append(row)
        if row.name is not None:
            about[row.name].add((row.run, row.path))
    ended = {run.id for run in history.runs if run.status in RUN_FINAL}
    for (run, path), rows in attempts.items():
        yield from _completions(run, path, rows, is_over=run in ended)
    yield from _keys(history.calls, about)
    yield from _effects(history, allowed)
    if not allowed.late:
        yield from _calls_after_the_end(history, attempts, about)


def _completions(run: str, path: str, rows: Sequence[StepFact], *, is_over: bool) -> Iterator[Broken]:
    done = [row for row in rows if row.status is StepStatus.SUCCEEDED]
    if len(done) > 1:
        yield Broken(invariant="I2", what=f"{path} of run {run} was completed {len(done)} times")
    for row in rows:
        if done and row.attempt > done[0].attempt:
            yield Broken(
                invariant="I2", what=f"{path} of run {run} was completed, and then tried again ({row.attempt})"
            )
        if is_over and row.status in STEP_OPEN:
            yield Broken(invariant="I2", what=f"{path} of run {run} is {row.status}, and the run has ended")


def _keys(calls: Iterable[Call], about: dict[str, set[tuple[str, str]]]) -> Iterator[Broken]:
    keys: dict[str, set[str]] = defaultdict(set)
    for call in calls:
        if call.name:
            keys[call.name].add(call.key)
    for name, found in keys.items():
        # A run that does another again takes over what the steps before were given: one key for each of the two.
        if len(found) > max(1, len(about.get(name, ()))):
            yield Broken(invariant="I2", what=f"{name} was called with {len(found)} keys: {sorted(found)}")


def _effects(history: History, allowed: Allowed) -> Iterator[Broken]:
    made = Counter((effect.kind, effect.name) for effect in history.effects if effect.name)
    for (kind, name), count in made.items():
        if count > 1 and kind not in allowed.twice:
            yield Broken(invariant="I2", what=f"{name} has {count} effects of {kind} at the witness")
    there = {name for _, name in made}
    for row in history.steps:
        if row.status is StepStatus.SUCCEEDED and row.uses in WRITES and row.name is not None and row.name not in there:
            yield Broken(
                invariant="I2",
                what=f"{row.path} of run {row.run} is completed, and {row.name} has no effect at the witness",
            )


def _calls_after_the_end(
    history: History, attempts: dict[tuple[str, str], list[StepFact]], about: dict[str, set[tuple[str, str]]]
) -> Iterator[Broken]:
    for call in history.calls:
        places = about.get(call.name, set())
        ends = [row.ended_at for place in places for row in attempts[place] if row.status is StepStatus.SUCCEEDED]
        known = [end for end in ends if end is not None]
        if places and len(known) == len(places) and call.wall_ms > max(known) + CLOCK_MS:
            yield Broken(
                invariant="I2",
                what=f"{words(call)} came {call.wall_ms - max(known):.0f} ms after its step was completed",
            )


# I3


def written_ahead(history: History) -> Iterator[Broken]:
    """The witness looks into the journal at each call, where a test asked for that: what it did not see was not committed.

    Otherwise the attempt's ``started_at`` must not lie behind the call's arrival. It is taken in the transaction that writes the attempt, so
    this is necessary and not sufficient: it finds a call that went ahead of its row, and not one whose commit was still under way.
    """
    started: dict[str, float] = {}
    for row in history.steps:
        if row.name is not None and row.started_at is not None:
            started[row.name] = min(row.started_at, started.get(row.name, math.inf))
    for call in history.calls:
        if not call.name:
            continue
        if call.written_ahead is False:
            yield Broken(invariant="I3", what=f"{words(call)} arrived, and the journal showed no attempt")
        elif call.name not in started:
            yield Broken(invariant="I3", what=f"{words(call)} has no attempt at all")
        elif started[call.name] > call.wall_ms + CLOCK_MS:
            yield Broken(
                invariant="I3",
                what=f"{words(call)} arrived {started[call.name] - call.wall_ms:.0f} ms before its attempt",
            )
