"""Answers a played flow from a test's mocks. Owns which mock counts for a step and what happens when there is none."""

from __future__ import annotations

from collections.abc import Mapping

from engine.core.commands import AwaitEvent, Call, StartFlow
from engine.flow.model import Flow
from engine.runtime.rehearsal.answering import Answered, Child
from engine.runtime.rehearsal.answers import Filling
from engine.runtime.rehearsal.cases import Arrival, Mock, Mocks, Refusal
from engine.runtime.rehearsal.paths import without_numbers
from engine.sdk.connector import Action
from engine.strictjson import JsonObject


class Unmocked(Exception):
    """A step is called that has no mock, or no further one. ``given``: what it is called with."""

    def __init__(self, given: JsonObject, why: str) -> None:
        super().__init__(why)
        self.given = given


def lookups(path: str, step_id: str) -> tuple[str, ...]:
    """The names under which something is told about a step, most exact first: ``each[0].read``, ``each.read``, ``read``."""
    return tuple(dict.fromkeys((path, without_numbers(path), step_id)))


def found_mock(mocks: Mocks, prefixes: tuple[str, ...], path: str, step_id: str) -> Mock | None:
    """The mock of a step of a flow whose steps stand behind ``prefixes``."""
    names = (f"{prefix}{name}" for prefix in prefixes for name in lookups(path, step_id))
    return next((mocks[name] for name in names if name in mocks), None)


class Mocked:
    """The answers of one test. ``children``: the flows that are executed for real, by id; ``prefixes``: names of the caller, of a child."""

    def __init__(
        self, mocks: Mocks, filling: Filling, children: Mapping[str, Flow], prefixes: tuple[str, ...] = ("",)
    ) -> None:
        self._mocks = mocks
        self._filling = filling
        self._children = children
        self._prefixes = prefixes

    def call(self, call: Call, action: Action) -> Answered:
        mock = found_mock(self._mocks, self._prefixes, call.path, call.step.id)
        name = f"{self._prefixes[-1]}{call.step.id}"
        if mock is None:
            why = f"the step {self._prefixes[0]}{call.path} calls {call.step.uses}, but the test has no mock for it"
            raise Unmocked(call.given, f"{why}; add   mock: {{{name}: {{returns: {{…}}}}}}")
        return self._reply(mock, call.attempt, f"{self._prefixes[0]}{call.path}", call.given)

    def flow(self, start: StartFlow) -> Answered | Child:
        mock = found_mock(self._mocks, self._prefixes, start.path, start.step.id)
        if mock is not None:
            return self._reply(mock, 1, f"{self._prefixes[0]}{start.path}", start.given)
        child = self._children.get(start.step.flow)
        if child is not None:
            inside = tuple(
                f"{prefix}{name}." for prefix in self._prefixes for name in lookups(start.path, start.step.id)
            )
            return Child(flow=child, answers=Mocked(self._mocks, self._filling, self._children, inside))
        if not start.step.wait:
            # Nothing of it comes back, so that there is nothing to say; what it is given can be expected.
            return Answered(answer={"run": f"rehearsal-{start.path}"})
        why = f"the step {self._prefixes[0]}{start.path} calls the flow {start.step.flow}, but the test has no mock for it"
        name = f"{self._prefixes[-1]}{start.step.id}"
        raise Unmocked(start.given, f"{why}; add   mock: {{{name}: {{returns: {{…}}}}}}   or   flows: real")

    def arrivals(self, awaiting: AwaitEvent, now: int) -> tuple[Arrival, ...]:
        return ()

    def _reply(self, mock: Mock, attempt: int, path: str, given: JsonObject) -> Answered:
        reply = mock.reply(attempt)
        if reply is None:
            why = f"the step {path} makes attempt {attempt}, but its mock has {len(mock.replies)} answers; add another one"
            raise Unmocked(given, why)
        answer = reply.answer
        value = answer if isinstance(answer, Refusal) else answer.value(self._filling)
        return Answered(answer=value, took_ms=reply.took_ms)
