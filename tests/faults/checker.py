"""The verdict: the invariants I1 to I8 over a history, after the faults have stopped and everything is quiet.

Owns what each invariant means and naming the run, step or call that breaks it. It reads nothing but the history it is given, and does not
trust the engine's own words where the witness or the client can say it: what was sent is the client's word, what was done the witness's.

    check(site.history()).require(accepted=20, faults=1, retried=1)

    I1  every accepted webhook has exactly one run for each flow that listens; each run has ended, or waits by design
    I2  per run, step and item: one idempotency key at the witness, one completed attempt, one effect, and none of it again
    I3  no call without an attempt that was committed before it arrived
    I4  no step begins before those before it are through; what is final stays as it is
    I5  nothing is written under an old claim; where a worker was paused, refusals were counted
    I6  no sliding window at the witness holds more calls than the budget allows
    I7  ingest and health answer in less than 1 s (p99); with the database down, 503 in less than 2 s
    I8  no canary secret is anywhere
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from engine.core.statuses import RUN_FINAL, STEP_OPEN, RunStatus, StepStatus
from tests.faults.client_log import Delivery
from tests.faults.history import Answer, History, LogLine, RunFact, StepFact
from tests.faults.witness import Call

CLOCK_MS = 1.0
"""The database counts whole milliseconds and the witness finer ones, on the same machine's clock."""
LOGGED_WITHIN = 2.0
"""Seconds. A claim is lost a lease (10 s) after its worker's last word at the earliest, so that a handover in order is never taken for a late write."""
ANSWERED_WITHIN = 1.0
REFUSED_WITHIN = 2.0
LOST = "the claim was lost; another worker goes on with the run"
WRITES = frozenset({"faults.put", "faults.pay", "faults.mark", "faults.fire"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Broken:
    """One breach. ``what`` names the run, step or call."""

    invariant: str
    what: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.what}"


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """What this test's faults make lawful.

    ``waiting``: flows whose runs may still be parked. ``twice``: places at the witness (``POST /shots``) whose effect may be there again, for the
    flow says so (``on_uncertain: retry``). ``late``: a paused worker may send a call that is safe to repeat after another one finished the step.
    ``paused``: claims must have been refused. ``slower``: how many times slower answers may be, on a machine that does other work too.
    """

    waiting: Collection[str] = ()
    twice: Collection[str] = ()
    late: bool = False
    paused: bool = False
    slower: float = 1.0


class Verdict:
    """What was found. ``require`` fails with every breach, and when nothing happened."""

    def __init__(self, history: History, broken: Sequence[Broken]) -> None:
        self.history = history
        self.broken = broken

    def require(self, *, accepted: int, faults: int, retried: int = 0) -> None:
        """At least so many accepted webhooks, faults that were really applied, and steps that were really called or tried again."""
        assert not self.broken, "\n".join(map(str, self.broken[:30]))
        found = len({delivery.id for delivery in self.history.sent if delivery.accepted})
        assert found >= accepted, f"nothing is proven: {found} webhooks were accepted, wanted {accepted}"
        assert len(self.history.faults) >= faults, (
            f"nothing is proven: wanted {faults} faults, had {self.history.faults}"
        )
        again = retried_steps(self.history)
        assert len(again) >= retried, f"nothing is proven: wanted {retried} steps done again, had {sorted(again)}"


def check(history: History, allowed: Allowed | None = None) -> Verdict:
    """Judge everything."""
    allowed = allowed or Allowed()
    found = [
        *one_run_each(history, allowed),
        *one_key_and_one_completion(history, allowed),
        *written_ahead(history),
        *in_order_and_final(history),
        *fenced(history, allowed),
        *within_budget(history),
        *prompt(history, allowed),
        *no_secret(history),
    ]
    return Verdict(history, found)


def retried_steps(history: History) -> frozenset[str]:
    """Names of what was called more than once, or tried more than once."""
    calls = Counter((call.name, call.place) for call in history.calls if call.name)
    again = {name for (name, _), count in calls.items() if count > 1}
    return frozenset(again | {f"{row.run} {row.path}" for row in history.steps if row.attempt > 1})


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
    for (_, event_id, flow), ids in runs.items():
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
                what=f"{_words(call)} came {call.wall_ms - max(known):.0f} ms after its step was completed",
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
            yield Broken(invariant="I3", what=f"{_words(call)} arrived, and the journal showed no attempt")
        elif call.name not in started:
            yield Broken(invariant="I3", what=f"{_words(call)} has no attempt at all")
        elif started[call.name] > call.wall_ms + CLOCK_MS:
            yield Broken(
                invariant="I3",
                what=f"{_words(call)} arrived {started[call.name] - call.wall_ms:.0f} ms before its attempt",
            )


# I4


def in_order_and_final(history: History) -> Iterator[Broken]:
    for what in history.taken_back:
        yield Broken(invariant="I4", what=what)
    by_run: dict[str, list[StepFact]] = defaultdict(list)
    for row in history.steps:
        by_run[row.run].append(row)
    for run in history.runs:
        yield from _order(run, by_run[run.id], history.orders.get(run.digest, ()))
        if (run.status in RUN_FINAL) != (run.ended_at is not None):
            yield Broken(invariant="I4", what=f"run {run.id} is {run.status} and ended at {run.ended_at}")


def _order(run: RunFact, rows: Sequence[StepFact], order: Sequence[str]) -> Iterator[Broken]:
    parts: dict[str, list[StepFact]] = defaultdict(list)
    for row in rows:
        parts[_top(row.path)].append(row)
    through: float = -math.inf
    gap: str | None = None
    for step_id in order:
        begun = [row.started_at for row in parts[step_id] if row.started_at is not None]
        if begun and gap is not None:
            yield Broken(invariant="I4", what=f"{step_id} of run {run.id} began, and {gap} before it is not through")
        if begun and min(begun) < through:
            yield Broken(
                invariant="I4",
                what=f"{step_id} of run {run.id} began {through - min(begun):.0f} ms before what precedes it was through",
            )
        ends = [row.ended_at for row in parts[step_id]]
        if not ends or None in ends:
            gap = gap or step_id
        through = max([through, *(end for end in ends if end is not None)])


def _top(path: str) -> str:
    return path.split(".")[0].split("[")[0]


# I5


def fenced(history: History, allowed: Allowed) -> Iterator[Broken]:
    """A segment that parks or ends its run says so in its worker's log, after the write; one whose write was refused says that.

    A worker that says it of a claim after another one had claimed the run has written under an old number.
    """
    claims: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for line in history.log:
        if line.event == "segment started" and line.run is not None and line.claim is not None:
            claims[line.run].append((line.claim, line.at))
    holds: dict[tuple[str, str], int] = {}
    for line in history.log:
        if line.run is None:
            continue
        if line.event == "segment started" and line.claim is not None:
            holds[line.process, line.run] = line.claim
        if line.event == "segment ended":
            yield from _late(line, holds.get((line.process, line.run), 0), claims[line.run])
    numbers = Counter((run, number) for run, found in claims.items() for number, _ in found)
    for (run, number), count in numbers.items():
        if count > 1:
            yield Broken(invariant="I5", what=f"claim {number} of run {run} was held by {count} segments")
    if allowed.paused and not refusals(history):
        yield Broken(invariant="I5", what="a worker was paused past its lease, and no write was refused")


def _late(line: LogLine, mine: int, claims: Iterable[tuple[int, float]]) -> Iterator[Broken]:
    for number, at in claims:
        if number > mine and line.at > at + LOGGED_WITHIN:
            what = f"{line.process} wrote under claim {mine} of run {line.run}, {line.at - at:.1f} s after claim {number} began"
            yield Broken(invariant="I5", what=what)


def refusals(history: History) -> int:
    """Segments that were told that their claim is lost."""
    return sum(line.event == LOST for line in history.log)


# I6


def within_budget(history: History) -> Iterator[Broken]:
    by_label: dict[str, list[Call]] = defaultdict(list)
    for call in sorted(history.calls, key=lambda call: call.at):
        by_label[call.connection].append(call)
    for label, windows in history.budgets.items():
        calls = by_label[label]
        for window in windows:
            for first, beyond in zip(calls, calls[window.limit :], strict=False):
                if beyond.at - first.at < window.seconds:
                    what = f"{window.limit + 1} calls on {label} within {beyond.at - first.at:.3f} s, allowed are {window}: {_words(first)} to {_words(beyond)}"
                    yield Broken(invariant="I6", what=what)


# I7


def prompt(history: History, allowed: Allowed) -> Iterator[Broken]:
    up = [answer for answer in _answers(history) if answer.status is not None and not _was_down(history, answer)]
    for path in sorted({answer.path for answer in up}):
        took = sorted(answer.took for answer in up if answer.path == path)
        p99 = took[max(0, math.ceil(len(took) * 0.99) - 1)]
        if p99 >= ANSWERED_WITHIN * allowed.slower:
            yield Broken(invariant="I7", what=f"{path} answered in {p99:.2f} s (p99 of {len(took)})")
    for answer in _answers(history):
        # One that began before the database went away, or ended after it came back, may have been served.
        if not _was_down(history, answer) or answer.path == "/healthz":
            continue
        if answer.status != 503:
            yield Broken(invariant="I7", what=f"{answer.path} was answered {answer.status} while the database was down")
        if answer.took >= REFUSED_WITHIN * allowed.slower:
            yield Broken(
                invariant="I7", what=f"{answer.path} took {answer.took:.2f} s to say that the database is down"
            )


def _answers(history: History) -> Sequence[Answer]:
    sent = [Answer(path="ingest", at=item.at, took=item.took, status=item.status) for item in history.sent]
    return [*history.answers, *sent]


def _was_down(history: History, answer: Answer) -> bool:
    return any(begin <= answer.at and answer.at + answer.took <= end for begin, end in history.down)


# I8


def no_secret(history: History) -> Iterator[Broken]:
    for name, secret in history.secrets.items():
        for place, content in history.places.items():
            if secret.encode() in content:
                yield Broken(invariant="I8", what=f"the {name} stands in {place}")


def _words(call: Call) -> str:
    return f"call {call.number} ({call.place} {call.name})"
