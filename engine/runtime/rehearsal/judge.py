"""Plays one test and says what is not as expected. Owns the verdict; how a played run is compared is compared.py's, and it prints nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.core.scope import RunFacts
from engine.core.statuses import RunStatus
from engine.flow.model import Flow
from engine.flow.node import Node
from engine.runtime.manual import given_inputs
from engine.runtime.rehearsal.answers import Filling
from engine.runtime.rehearsal.cases import NOT_STARTED, Case, Refusal
from engine.runtime.rehearsal.compared import Comparison
from engine.runtime.rehearsal.differences import Problem, compare_message, shortened
from engine.runtime.rehearsal.mocked import Mocked, Unmocked
from engine.runtime.rehearsal.paths import located
from engine.runtime.rehearsal.played import Played
from engine.runtime.rehearsal.stage import play
from engine.runtime.rehearsal.start import Started, start
from engine.sdk.connector import Connector
from engine.strictjson import JsonObject


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What came of a test. ``plays``: the runs that started and could be played, in the order of the items of ``split_on``."""

    case: Case
    problems: tuple[Problem, ...]
    plays: tuple[Played, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.problems

    @property
    def played(self) -> Played | None:
        """The only run, or the first one."""
        return self.plays[0] if self.plays else None

    @property
    def waited_ms(self) -> int:
        return sum(played.waited_ms for played in self.plays)


def judge(flow: Flow, case: Case, catalogue: Mapping[str, Connector]) -> Verdict:
    """Play the test, and a second time with other made-up values when answers were completed: it must not depend on them."""
    plays, problems = _Round(flow, case, catalogue, Filling.ONE).result()
    left_out = _left_out(flow, case)
    if not problems and left_out and _Round(flow, case, catalogue, Filling.OTHER).result()[1]:
        problems = (_depends(flow, case, left_out),)
    return Verdict(case=case, problems=problems, plays=plays)


class _Round:
    """One time through the test."""

    def __init__(self, flow: Flow, case: Case, catalogue: Mapping[str, Connector], filling: Filling) -> None:
        self._flow = flow
        self._case = case
        self._catalogue = catalogue
        self._answers = Mocked(case.mocks, filling, case.children)
        self._inputs = given_inputs(flow, case.inputs)

    def result(self) -> tuple[tuple[Played, ...], tuple[Problem, ...]]:
        started = start(self._flow, self._case.delivered, self._inputs, self._catalogue)
        if not started.runs:
            return (), tuple(_not_started(self._case, started.reasons))
        expected = self._case.expect.child("runs") if self._case.expect is not None else None
        chosen = self._chosen(started, expected)
        if isinstance(chosen, Problem):
            return (), (chosen,)
        nodes: Sequence[Node | None] = (
            [self._case.expect] if expected is None else expected.items("runs: [{status: …}]")
        )
        plays: list[Played] = []
        problems: list[Problem] = []
        for event, node in zip(chosen, nodes, strict=True):
            played = self._played(event)
            if isinstance(played, Problem):
                return (), (played,)
            plays.append(played)
            problems += Comparison(self._flow, self._case, node, played).problems()
        return tuple(plays), tuple(problems)

    def _chosen(self, started: Started, expected: Node | None) -> Sequence[JsonObject] | Problem:
        """The ``trigger`` of the runs that are to be played, as many as expectations; or why that cannot be said."""
        events, item = started.events, self._case.item
        if item is not None:
            found = [event for event in events if event.get("index") == item]
            words = "; ".join(started.reasons) or f"there are {len(events)}, and the first is item 0"
            return found or Problem(place=self._case.place, what=f"item {item} starts no run", diff=(f"  {words}",))
        if expected is None:
            if len(events) == 1:
                return events
            hint = "say which one it is about, with   item: 0   or tell of each, with   expect: {runs: [{…}, …]}"
            return Problem(place=self._case.place, what=f"the event starts {len(events)} runs; {hint}")
        count = len(expected.data) if isinstance(expected.data, list) else 0
        if count == len(events):
            return events
        diff = (f"- expected {count}", f"+ happened {len(events)}", *(f"  {reason}" for reason in started.reasons))
        return Problem(place=expected.place, what="number of runs", diff=diff)

    def _played(self, event: JsonObject) -> Played | Problem:
        case = self._case
        facts = RunFacts(run_id=case.run_id, started_at=case.started_at, trigger=event, inputs=self._inputs)
        try:
            played = play(
                self._flow, facts, self._catalogue, self._answers, events=case.events, cancel_ms=case.cancel_ms
            )
        except Unmocked as error:
            return Problem(place=case.place, what=str(error), diff=(f"given {shortened(error.given)}",))
        if played.ending.status is RunStatus.PARKED and played.ending.error is not None:
            what = f"the step {played.ending.error.step} waits for an event that does not come, and has no timeout"
            return Problem(place=case.place, what=f"{what}; add   events: [{{at: 1h, sample: …}}]")
        return played


def _left_out(flow: Flow, case: Case) -> list[str]:
    """The fields that were made up, as expressions would read them."""
    names: dict[str, None] = {}
    for name, mock in case.mocks.items():
        found = located(flow, name, case.children)
        for reply in mock.replies if found is not None else ():
            filled = () if isinstance(reply.answer, Refusal) else reply.answer.filled
            names.update(dict.fromkeys(f"steps.{found.step.id}.output.{path}" for path in filled if found is not None))
    return list(names)


def _depends(flow: Flow, case: Case, left_out: list[str]) -> Problem:
    source = "\n".join((flow.source, *(child.source for child in case.children.values())))
    read = [name for name in left_out if name in source] or left_out
    listed = ", ".join(read[:8]) + (", …" if len(read) > 8 else "")
    return Problem(
        place=case.place,
        what=f"how this test ends depends on a value that its mocks leave out; name it under returns: {listed}",
    )


def _not_started(case: Case, reasons: tuple[str, ...]) -> Iterator[Problem]:
    words = "; ".join(reasons)
    status = case.expect.child("status") if case.expect is not None else None
    expected = status.data if status is not None else RunStatus.SUCCEEDED.value
    if expected != NOT_STARTED:
        diff = (f"- expected {expected}", f"+ happened {NOT_STARTED}", f"  {words}")
        yield Problem(place=status.place if status is not None else case.place, what="status", diff=diff)
        return
    message = case.expect.child("message") if case.expect is not None else None
    if message is not None:
        yield from compare_message(message, words, "message")
