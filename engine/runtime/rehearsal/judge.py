"""Plays one test and says what is not as expected. Owns the verdict; how two values differ is differences.py's, and it prints nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from engine.core.commands import Call
from engine.core.scope import RunFacts
from engine.core.statuses import RunStatus
from engine.flow.model import Flow
from engine.flow.node import Node
from engine.runtime.manual import given_inputs
from engine.runtime.rehearsal.answers import Filling
from engine.runtime.rehearsal.cases import NOT_REACHED, NOT_STARTED, Case, Refusal
from engine.runtime.rehearsal.differences import Problem, compare, compare_message, shortened
from engine.runtime.rehearsal.paths import pattern_of, step_at, without_numbers
from engine.runtime.rehearsal.stage import Acted, Played, lookups, play
from engine.runtime.rehearsal.start import start
from engine.sdk.connector import Action, Connector
from engine.strictjson import Json, JsonObject


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What came of a test. ``played`` is None when no run started, or a step was called that has no mock."""

    case: Case
    problems: tuple[Problem, ...]
    played: Played | None = None

    @property
    def passed(self) -> bool:
        return not self.problems


class _Unmocked(Exception):
    def __init__(self, call: Call, why: str) -> None:
        super().__init__(why)
        self.call = call


def judge(flow: Flow, case: Case, catalogue: Mapping[str, Connector]) -> Verdict:
    """Play the test, and a second time with other made-up values when answers were completed: it must not depend on them."""
    played, problems = _round(flow, case, catalogue, Filling.ONE)
    left_out = _left_out(flow, case)
    if not problems and left_out and _round(flow, case, catalogue, Filling.OTHER)[1]:
        problems = (_depends(flow, case, left_out),)
    return Verdict(case=case, problems=problems, played=played)


def _round(
    flow: Flow, case: Case, catalogue: Mapping[str, Connector], filling: Filling
) -> tuple[Played | None, tuple[Problem, ...]]:
    inputs = given_inputs(flow, case.inputs)
    started = start(flow, case.delivered, inputs, catalogue)
    if not started.runs:
        return None, tuple(_not_started(case, started.reasons))
    facts = RunFacts(run_id=case.run_id, started_at=case.started_at, trigger=started.event, inputs=inputs)
    try:
        played = play(flow, facts, catalogue, _answering(case, filling))
    except _Unmocked as error:
        return None, (Problem(place=case.place, what=str(error), diff=(f"given {shortened(error.call.given)}",)),)
    return played, tuple(_Judge(flow, case, played).problems())


def _answering(case: Case, filling: Filling) -> Callable[[Call, Action], Json | Refusal]:
    def answer(call: Call, action: Action) -> Json | Refusal:
        mock = next((case.mocks[name] for name in lookups(call.path, call.step.id) if name in case.mocks), None)
        if mock is None:
            raise _Unmocked(
                call,
                f"the step {call.path} calls {call.step.uses}, but the test has no mock for it; add   mock: {{{call.step.id}: {{returns: {{…}}}}}}",
            )
        reply = mock.reply(call.attempt)
        if reply is None:
            raise _Unmocked(
                call,
                f"the step {call.path} makes attempt {call.attempt}, but its mock has {len(mock.replies)} answers; add another one",
            )
        return reply if isinstance(reply, Refusal) else reply.value(filling)

    return answer


def _left_out(flow: Flow, case: Case) -> list[str]:
    """The fields that were made up, as expressions would read them."""
    names: dict[str, None] = {}
    for name, mock in case.mocks.items():
        step = step_at(flow, name)
        for reply in mock.replies if step is not None else ():
            filled = () if isinstance(reply, Refusal) else reply.filled
            names.update(dict.fromkeys(f"steps.{step.id}.output.{path}" for path in filled if step is not None))
    return list(names)


def _depends(flow: Flow, case: Case, left_out: list[str]) -> Problem:
    read = [name for name in left_out if name in flow.source] or left_out
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


class _Judge:
    """Compares one played test."""

    def __init__(self, flow: Flow, case: Case, played: Played) -> None:
        self._flow = flow
        self._case = case
        self._played = played

    def problems(self) -> Iterator[Problem]:
        yield from self._status()
        if self._case.expect is None:
            return
        message, outputs = self._case.expect.child("message"), self._case.expect.child("outputs")
        if message is not None:
            yield from compare_message(message, self._said, "message")
        for name, node in _children(self._case.expect.optional("steps")):
            yield from self._step(name, node)
        if outputs is not None:
            yield from compare(outputs, self._played.ending.outputs, "outputs")
        not_called = self._case.expect.optional("not_called")
        for item in not_called.items("not_called: [step_id]") if not_called is not None else ():
            yield from self._not_called(item)

    @property
    def _said(self) -> str | None:
        ending = self._played.ending
        return ending.message or (ending.error.message if ending.error is not None else None)

    def _status(self) -> Iterator[Problem]:
        node = self._case.expect.child("status") if self._case.expect is not None else None
        expected = node.data if node is not None else RunStatus.SUCCEEDED.value
        ending = self._played.ending
        if ending.status == expected:
            return
        error = ending.error
        why = f"  {error.step}: {error.kind}: {error.message}" if error is not None else f"  {ending.message or ''}"
        place = [f"  {error.place}"] if error is not None and error.place else []
        diff = (f"- expected {expected}", f"+ happened {ending.status.value}", *([why] if why.strip() else []), *place)
        yield Problem(place=node.place if node is not None else self._case.place, what="status", diff=diff)

    def _step(self, name: str, node: Node) -> Iterator[Problem]:
        acted = self._acted(name)
        for key, child in _children(node):
            what = f"steps.{name}.{key}"
            if key == "status":
                yield from compare(child, acted.status.value if acted is not None else NOT_REACHED, what)
            elif key == "attempts":
                yield from compare(child, len(acted.tries) if acted is not None else 0, what)
            elif key == "error":
                error = acted.error if acted is not None else None
                yield from _error(child, error.to_json() if error is not None else None, what)
            else:
                yield from compare(child, _part(acted, key), what)

    def _acted(self, name: str) -> Acted | None:
        step = step_at(self._flow, name)
        path = name if step is None or "[" in name else pattern_of(self._flow, step)
        return self._played.steps.get(path)

    def _not_called(self, item: Node) -> Iterator[Problem]:
        step = step_at(self._flow, str(item.data))
        wanted = (
            str(item.data) if "[" in str(item.data) or step is None else pattern_of(self._flow, step).replace("[]", "")
        )
        called = [
            acted
            for path, acted in self._played.steps.items()
            if acted.tries and wanted in (path, without_numbers(path))
        ]
        if called:
            diff = [f"+ {acted.path} was given {shortened(acted.tries[0].given)}" for acted in called[:5]]
            yield Problem(place=item.place, what=f"{item.data} was called", diff=tuple(diff))


def _children(node: Node | None) -> Iterator[tuple[str, Node]]:
    if node is not None:
        yield from node.children()


def _part(acted: Acted | None, key: str) -> Json:
    if acted is None:
        return None
    if key == "input":
        return acted.tries[-1].given if acted.tries else None
    return acted.output


def _error(node: Node, actual: JsonObject | None, what: str) -> Iterator[Problem]:
    message = node.child("message")
    if message is not None and actual is not None:
        yield from compare_message(message, str(actual["message"]), f"{what}.message")
        actual = {**actual, "message": message.data}
    yield from compare(node, actual, what)
