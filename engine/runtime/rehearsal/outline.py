"""A rehearsal without expectations: what a flow would do with an event, step by step. Owns where each answer comes from; prints nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.core.commands import Call
from engine.core.scope import RunFacts
from engine.errors import FlowFileError
from engine.flow.document import Findings
from engine.flow.model import Flow
from engine.flow.node import Node
from engine.flow.yaml import read_yaml
from engine.runtime.rehearsal.answers import placeholder
from engine.runtime.rehearsal.cases import RUN_ID, STARTED_AT, Delivered, Mocks, Refusal
from engine.runtime.rehearsal.mocks import mocks_of
from engine.runtime.rehearsal.stage import Played, lookups, play
from engine.runtime.rehearsal.start import Started, start
from engine.sdk.connector import Action, Connector
from engine.strictjson import Json, JsonObject


class Source(StrEnum):
    """Where a rehearsed call's answer comes from."""

    MOCK = "mock"
    COMPLETED = "mock, completed with made-up values"
    PLACEHOLDER = "made up from the action's output schema"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outline:
    """``played`` is None when no run would start. ``sources``: by (path, attempt)."""

    started: Started
    played: Played | None
    sources: Mapping[tuple[str, int], Source]


def outline(
    flow: Flow, delivered: Delivered, inputs: JsonObject, mocks: Mocks, catalogue: Mapping[str, Connector]
) -> Outline:
    """Walk the flow for the event. ``inputs``: with their defaults. An action without a mock returns what its schema says."""
    started = start(flow, delivered, inputs, catalogue)
    sources: dict[tuple[str, int], Source] = {}
    if not started.runs:
        return Outline(started=started, played=None, sources=sources)

    def answer(call: Call, action: Action) -> Json | Refusal:
        found = next((mocks[name] for name in lookups(call.path, call.step.id) if name in mocks), None)
        reply = found.reply(call.attempt) if found is not None else None
        if reply is None:
            sources[call.path, call.attempt] = Source.PLACEHOLDER
            return placeholder(action.output).one
        if isinstance(reply, Refusal):
            sources[call.path, call.attempt] = Source.MOCK
            return reply
        sources[call.path, call.attempt] = Source.COMPLETED if reply.filled else Source.MOCK
        return reply.one

    facts = RunFacts(run_id=RUN_ID, started_at=STARTED_AT, trigger=started.event, inputs=inputs)
    return Outline(started=started, played=play(flow, facts, catalogue, answer), sources=sources)


def read_mocks(text: str | bytes, file: str, flow: Flow, catalogue: Mapping[str, Connector]) -> Mocks:
    """A file of mocks, in the form that stands under ``mock`` in a test. Raises FlowFileError with its findings."""
    findings = Findings()
    document = read_yaml(text, file, findings)
    found: Mocks = {}
    if document is not None:
        root = Node(document=document, findings=findings, path=(), data=document.data)
        found = mocks_of(root, flow, catalogue)
    if findings.found:
        raise FlowFileError(findings.in_order())
    return found
