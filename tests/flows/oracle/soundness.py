"""What the checker lets through does not fail on data of the right shape. Owns trying that on flows and data made at random.

python -m tests.flows.oracle.soundness FIRST COUNT     flows by their seeds; prints every failure with the smallest flow that shows it
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from engine.check.rules import check_flow
from engine.core.commands import AwaitEvent, Call, StartFlow
from engine.core.scope import RunFacts
from engine.errors import Finding
from engine.flow.load import read_flow
from engine.flow.model import Flow
from engine.runtime.rehearsal.answering import Answered, Child
from engine.runtime.rehearsal.cases import RUN_ID, STARTED_AT, Arrival, Delivered, Refusal
from engine.runtime.rehearsal.deliveries import manual_event
from engine.runtime.rehearsal.stage import play
from engine.runtime.rehearsal.start import start
from engine.runtime.starting import Refused, defaults, lane_of
from engine.sdk.connector import Action, Connector
from engine.sdk.errors import Kind
from engine.sdk.installed import installed_connectors
from engine.strictjson import Json
from tests.flows.oracle.flows import Author, Slot, written
from tests.flows.oracle.values import Data

ROUNDS, PLAYS = 12, 6
INNER = re.compile(r"'(?:[^'\\]|\\.)*'")
KNOWN = {
    r"division by zero": "values of numbers are not types",
    r"has no element \d+|is a list of \d+|the list is empty|the text is empty|text of \d+": "how many items a list has is not a type",
    r"cannot read|must be a resource URI|is no time|is not a time|must be a time|layout": "what a text says is not a type",
    r"not a fraction": "whole numbers of a service may come as numbers",
    r"vars\.\w+ is missing|\bvars\.": "what a variable holds that is set on one way only, in a loop or in a group that failed is not known",
    r"(must be|needs?|has no such method|no order|cannot join|can be summed|cannot be compared|is not a).* not (?!null$)|has no such method|no order|cannot join|but .* is (?!null)": "a kind is wrong only when no alternative fits",
}
"""What the checker by design cannot know or does not tell, by the words of the failure."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """An expression that failed although the checker had nothing against the flow."""

    flow: dict[str, Any]
    message: str
    place: str

    @property
    def word(self) -> str:
        """The line of the flow that failed."""
        line = int(self.place.split(":")[1]) if self.place.count(":") > 1 else 0
        return written(self.flow)[0].splitlines()[line - 1].strip() if line else ""


class RandomAnswers:
    """Answers everything at random, as the schemas have it; the same for the same dice and call."""

    def __init__(self, seed: str, catalogue: Mapping[str, Connector], flow: Flow) -> None:
        self._seed, self._catalogue, self._flow = seed, catalogue, flow

    def _dice(self, *parts: object) -> Random:
        return Random(hashlib.sha256(repr((self._seed, *parts)).encode()).digest())

    def call(self, call: Call, action: Action) -> Answered:
        dice = self._dice(call.path, call.attempt)
        took = dice.choice([0, 0, 1_000, 50_000, 400_000])
        if dice.random() < 0.25:
            kind = dice.choice([each.value for each in Kind])
            return Answered(answer=Refusal(kind=kind, message="no", status=dice.choice([None, 500])), took_ms=took)
        found: dict[str, Json] = Data(dice).of(action.output.model_json_schema())
        response = call.given.get("response")
        if isinstance(response, Mapping):
            found |= {"json": Data(dice).of(response)}
        return Answered(answer=found, took_ms=took)

    def flow(self, start: StartFlow) -> Answered | Child:
        dice = self._dice(start.path)
        if dice.random() < 0.3:
            return Answered(answer=Refusal(kind="expression", message="no", step="x"))
        return Answered(answer=Data(dice).of({"type": "object", "properties": {"a": {"type": "string"}}}))

    def arrivals(self, awaiting: AwaitEvent, now: int) -> tuple[Arrival, ...]:
        dice = self._dice(awaiting.path, "event")
        event = awaiting.step.event
        assert event is not None
        if dice.random() < 0.3:
            return ()
        connector, _, name = event.uses.partition(".")
        trigger = self._catalogue[connector].triggers[name]
        return tuple(
            Arrival(at_ms=now + 60_000 * at, event=Data(dice).delivery(trigger, event.given), connector=connector)
            for at in (1, 2)
        )


class Trial:
    """One flow made at random, until the checker has nothing against it, and what its runs do."""

    def __init__(self, catalogue: Mapping[str, Connector]) -> None:
        self.catalogue = catalogue

    def accepted(self, seed: int) -> dict[str, Any] | None:
        """A flow that the checker accepts; None when the dice want none."""
        author = Author(Random(seed), self.catalogue)
        flow = author.flow()
        for round_ in range(ROUNDS):
            errors, where = self.errors(flow)
            if not errors:
                return flow
            for finding in errors:
                container, key = where.get(finding.place.line, ({}, ""))
                value = container.get(key) if isinstance(container, dict) else container[key]
                if not isinstance(value, Slot):
                    return None
                renewed = Slot(value.again() if round_ < ROUNDS - 3 else value.safe)
                renewed.again, renewed.safe = value.again, value.safe
                container[key] = renewed
        return None

    def errors(self, flow: dict[str, Any]) -> tuple[list[Finding], dict[int, tuple[Any, Any]]]:
        text, where = written(flow)
        read = read_flow(text, "flow.yaml")
        found = [*read.findings]
        if read.flow is not None:
            found += check_flow(read.flow, self.catalogue)
        return [finding for finding in found if finding.is_error], where

    def failures(
        self, flow: dict[str, Any], seed: object, plays: int = PLAYS, *, inputs_too: bool = False
    ) -> Iterator[Failure]:
        """What failed in so many plays. ``inputs_too``: also what actions refuse to take."""
        read = read_flow(written(flow)[0], "flow.yaml")
        assert read.flow is not None
        for number in range(plays):
            for message, place in self._played(read.flow, f"{seed}-{number}", inputs_too):
                yield Failure(flow=flow, message=message, place=place)

    def _played(self, flow: Flow, seed: str, inputs_too: bool) -> Iterator[tuple[str, str]]:
        dice = Random(seed)
        inputs = defaults(flow.inputs)
        # By hand beside other triggers, a person gives an event of theirs.
        trigger = dice.choice([each for each in flow.triggers if each.uses != "manual"] or flow.triggers)
        if trigger.uses == "manual":
            delivered = Delivered(event=manual_event(STARTED_AT), manual=True)
        else:
            connector, _, name = trigger.uses.partition(".")
            given = Data(dice).delivery(self.catalogue[connector].triggers[name], trigger.given)
            delivered = Delivered(event=given, connector=connector)
        started = start(flow, delivered, inputs, self.catalogue)
        for reason in started.reasons:
            if "failed:" in reason:
                yield _told(reason)
        for event in started.events[:2]:
            try:
                lane_of(flow, event, inputs)
            except Refused as refused:
                yield _told(refused.reason)
            facts = RunFacts(run_id=RUN_ID, started_at=STARTED_AT, trigger=event, inputs=inputs)
            played = play(flow, facts, self.catalogue, RandomAnswers(seed, self.catalogue, flow))
            errors = [acted.error for acted in played.steps.values()] + [played.ending.error]
            for error in errors:
                if error is None or error.message.endswith(": no"):
                    continue
                if error.kind in ("expression", "internal") or (inputs_too and error.message.startswith("with.")):
                    yield error.message, error.place or ""


def _told(reason: str) -> tuple[str, str]:
    message, _, place = reason.rpartition(" (")
    return message, place.rstrip(")")


def smallest(trial: Trial, failure: Failure, seed: object) -> Failure:
    """The failure in a flow from which everything is cut that it does not need."""
    best, changed = failure, True
    pattern = INNER.sub("", failure.message)[-40:]
    while changed:
        changed = False
        for smaller in _cuts(best.flow):
            try:
                if trial.errors(smaller)[0]:
                    continue
                found = next(
                    (one for one in trial.failures(smaller, seed, 40) if INNER.sub("", one.message)[-40:] == pattern),
                    None,
                )
            except Exception:  # a cut may leave no flow at all
                continue
            if found is not None:
                best, changed = found, True
                break
    return best


def _cuts(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Flows with one thing less."""
    paths = list(_paths(value, ()))
    for path in paths:
        copied = copy.deepcopy(_plain(value))
        at = copied
        for key in path[:-1]:
            at = at[key]
        if (
            path[-1] == "else"
            or path[-1] == "default"
            or isinstance(at, list)
            or path[-1] not in ("steps", "id", "then", "with", "uses")
        ):
            del at[path[-1]]
            yield copied
    for path in paths:
        copied = copy.deepcopy(_plain(value))
        at = copied
        for key in path[:-1]:
            at = at[key]
        inner = at[path[-1]]
        if isinstance(at, list) and isinstance(inner, dict):
            for key in ("steps", "then", "else"):
                if isinstance(inner.get(key), list) and "foreach" not in inner and "until" not in inner:
                    at[path[-1] : path[-1] + 1] = inner[key]
                    yield copied
                    break


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, str) else value


def _paths(value: Any, at: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        if at[-1:] != ("inputs",) and key not in ("inputs", "connections", "triggers"):
            yield (*at, key)
            yield from _paths(item, (*at, key))


def _shown(flow: dict[str, Any]) -> str:
    return json.dumps({key: value for key, value in _plain(flow).items() if key not in ("id", "connections", "inputs")})


def main(first: int, count: int) -> None:
    trial = Trial(installed_connectors())
    kinds: Counter[str] = Counter()
    accepted = 0
    shown: set[str] = set()
    for seed in range(first, first + count):
        flow = trial.accepted(seed)
        accepted += flow is not None
        for failure in trial.failures(flow, seed) if flow is not None else ():
            if any(re.search(pattern, failure.message) for pattern in KNOWN) and "-v" not in sys.argv:
                continue
            kind = INNER.sub("…", failure.message)
            kind = re.sub(r"(trigger|steps|vars|item\d*|inputs|event|error|each)[\w.\[\]]*", "P", kind)
            kinds[kind] += 1
            if kind not in shown:
                shown.add(kind)
                small = smallest(trial, failure, seed)
                print(
                    f"seed {seed}: {small.message} ({small.place})\n   {small.word}\n{_shown(small.flow)}", flush=True
                )
    print(f"{accepted} of {count} flows accepted")
    for kind, number in kinds.most_common():
        print(number, kind)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
