"""A rehearsal without expectations: what a flow would do with an event, step by step. Owns where each answer comes from; prints nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.core.commands import AwaitEvent, Call, StartFlow
from engine.core.scope import RunFacts
from engine.errors import FlowFileError
from engine.flow.document import Findings
from engine.flow.model import Flow
from engine.flow.node import Node
from engine.flow.yaml import read_yaml
from engine.runtime.rehearsal.answering import Answered
from engine.runtime.rehearsal.answers import made_up_text, placeholder
from engine.runtime.rehearsal.cases import RUN_ID, STARTED_AT, Arrival, Delivered, Mocks, Refusal, Reply
from engine.runtime.rehearsal.mocked import found_mock
from engine.runtime.rehearsal.mocks import MockReader
from engine.runtime.rehearsal.played import Played
from engine.runtime.rehearsal.stage import play
from engine.runtime.rehearsal.start import Started, fits_wait, start
from engine.sdk.connector import Action, Connector
from engine.strictjson import Json, JsonObject


class Source(StrEnum):
    """Where a rehearsed call's answer comes from."""

    MOCK = "mock"
    COMPLETED = "mock, completed with made-up values"
    PLACEHOLDER = "made up from the action's output schema"
    OUTPUTS = "made up from the other flow's outputs"
    UNKNOWN = "empty, because the other flow's file does not stand beside"
    SAMPLE = "as if this sample came at once"
    NOT_WAITED = "not waited for"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outline:
    """``played`` is None when no run would start; of several (``split_on``) it is the first. ``sources``: by (path, attempt)."""

    started: Started
    played: Played | None
    sources: Mapping[tuple[str, int], Source]


def outline(
    flow: Flow,
    delivered: Delivered,
    inputs: JsonObject,
    mocks: Mocks,
    catalogue: Mapping[str, Connector],
    called: Mapping[str, Flow],
) -> Outline:
    """Walk the flow for the event. ``inputs``: with their defaults. ``called``: flows that stand beside, by id.

    An action without a mock returns what its schema says, an event that is waited for comes at once as one of the connector's samples.
    """
    started = start(flow, delivered, inputs, catalogue)
    answers = _Rehearsed(mocks, catalogue, called)
    if not started.runs:
        return Outline(started=started, played=None, sources=answers.sources)
    facts = RunFacts(run_id=RUN_ID, started_at=STARTED_AT, trigger=started.events[0], inputs=inputs)
    return Outline(started=started, played=play(flow, facts, catalogue, answers), sources=answers.sources)


class _Rehearsed:
    def __init__(self, mocks: Mocks, catalogue: Mapping[str, Connector], called: Mapping[str, Flow]) -> None:
        self._mocks = mocks
        self._catalogue = catalogue
        self._called = called
        self.sources: dict[tuple[str, int], Source] = {}

    def call(self, call: Call, action: Action) -> Answered:
        reply = self._reply(call.path, call.step.id, call.attempt)
        if reply is not None:
            return self._mocked(reply, call.path, call.attempt)
        self.sources[call.path, call.attempt] = Source.PLACEHOLDER
        return Answered(answer=placeholder(action.output).one)

    def flow(self, start: StartFlow) -> Answered:
        reply = self._reply(start.path, start.step.id, 1)
        if reply is not None:
            return self._mocked(reply, start.path, 1)
        if not start.step.wait:
            self.sources[start.path, 1] = Source.NOT_WAITED
            return Answered(answer={"run": made_up_text("run")})
        child = self._called.get(start.step.flow)
        self.sources[start.path, 1] = Source.UNKNOWN if child is None else Source.OUTPUTS
        outputs: dict[str, Json] = {name: made_up_text(name) for name in child.outputs} if child is not None else {}
        return Answered(answer=outputs)

    def arrivals(self, awaiting: AwaitEvent, now: int) -> tuple[Arrival, ...]:
        """The first of the connector's samples that the step waits for, if there is one."""
        awaited = awaiting.step.event
        connector = self._catalogue.get(awaited.uses.partition(".")[0]) if awaited is not None else None
        for sample in connector.samples.values() if connector is not None else ():
            arrival = Arrival(at_ms=now, event=sample, connector=connector.name if connector is not None else None)
            if fits_wait(awaiting, arrival, self._catalogue):
                self.sources[awaiting.path, 1] = Source.SAMPLE
                return (arrival,)
        return ()

    def _reply(self, path: str, step_id: str, attempt: int) -> Reply | None:
        found = found_mock(self._mocks, ("",), path, step_id)
        return found.reply(attempt) if found is not None else None

    def _mocked(self, reply: Reply, path: str, attempt: int) -> Answered:
        answer = reply.answer
        if isinstance(answer, Refusal):
            self.sources[path, attempt] = Source.MOCK
            return Answered(answer=answer, took_ms=reply.took_ms)
        self.sources[path, attempt] = Source.COMPLETED if answer.filled else Source.MOCK
        return Answered(answer=answer.one, took_ms=reply.took_ms)


def read_mocks(
    text: str | bytes, file: str, flow: Flow, catalogue: Mapping[str, Connector], called: Mapping[str, Flow]
) -> Mocks:
    """A file of mocks, in the form that stands under ``mock`` in a test. Raises FlowFileError with its findings."""
    findings = Findings()
    document = read_yaml(text, file, findings)
    found: Mocks = {}
    if document is not None:
        root = Node(document=document, findings=findings, path=(), data=document.data)
        found = MockReader(flow, catalogue, called, {}).mocks(root)
    if findings.found:
        raise FlowFileError(findings.in_order())
    return found
