"""Rule: what stands under ``with`` is what the action or trigger takes. Owns asking the input model and placing its answers.

The model itself judges, so that the checker cannot disagree with the run. What it says about a part that holds an expression is not
known before the run and is left out; names are known, and are judged always.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from engine.check import codes
from engine.check.hints import did_you_mean
from engine.errors import Finding, Place
from engine.expressions.render import holds_expression
from engine.flow.model import ActionStep, AwaitedEvent, Flow, Trigger, WaitStep, all_steps
from engine.sdk.connector import Connector
from engine.strictjson import Json


def check(flow: Flow, catalogue: Mapping[str, Connector]) -> Iterator[Finding]:
    listeners: list[Trigger | AwaitedEvent] = [*flow.triggers]
    listeners += [step.event for step in all_steps(flow) if isinstance(step, WaitStep) and step.event is not None]
    for trigger in listeners:
        connector, _, name = trigger.uses.partition(".")
        declared = catalogue[connector].triggers.get(name) if connector in catalogue else None
        if declared is not None:
            given = _Given(uses=trigger.uses, value=trigger.given, places=trigger.places, place=trigger.place)
            yield from given.findings(declared.given)
    for step in all_steps(flow):
        if isinstance(step, ActionStep) and step.connector in catalogue:
            action = catalogue[step.connector].actions.get(step.action)
            if action is not None:
                given = _Given(uses=step.uses, value=step.given.source, places=step.places, place=step.place)
                yield from given.findings(action.given)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Given:
    """What one step or trigger gives: ``value`` as it stands in the file."""

    uses: str
    value: Json
    places: Mapping[str, Place]
    place: Place

    def findings(self, model: type[BaseModel]) -> Iterator[Finding]:
        try:
            model.model_validate(self.value)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                finding = self._finding(detail, model)
                if finding is not None:
                    yield finding

    def _finding(self, detail: ErrorDetails, model: type[BaseModel]) -> Finding | None:
        kind = detail["type"]
        if kind == "missing":
            return self._missing(detail["loc"])
        path = _in_data(detail["loc"], self.value)
        if kind == "extra_forbidden":
            known = [field.alias or name for name, field in model.model_fields.items()] if len(path) == 1 else []
            message = f"{self._named(path[:-1])} has no input {path[-1]!r}{did_you_mean(str(path[-1]), known)}"
            return Finding(place=self._at(path, key=True), code=codes.UNKNOWN_GIVEN, message=message)
        if _has_expression(_part(self.value, path)):
            return None
        words = detail["msg"].removeprefix("Value error, ")
        message = f"{self._named(path)}: {words[:1].lower()}{words[1:]}"
        return Finding(place=self._at(path), code=codes.WRONG_GIVEN, message=message)

    def _missing(self, location: Sequence[str | int]) -> Finding | None:
        parent = _in_data(location[:-1], self.value)
        if _has_expression_itself(_part(self.value, parent)):
            return None
        message = f"{self._named(parent)} needs {location[-1]}"
        return Finding(place=self._at(parent), code=codes.MISSING_GIVEN, message=message)

    def _named(self, path: Sequence[str | int]) -> str:
        return f"{'.'.join(map(str, path))} of {self.uses}" if path else self.uses

    def _at(self, path: Sequence[str | int], *, key: bool = False) -> Place:
        """The place of the value at ``path`` (or of its key), or of the nearest thing around it that stands in the file."""
        name = ".".join(map(str, ("with", *path)))
        for found in (f"{name}:" if key else name, name):
            if found in self.places:
                return self.places[found]
        if path:
            return self._at(path[:-1], key=key)
        return self.places.get("uses", self.place)


def _in_data(location: Sequence[str | int], value: Json) -> tuple[str | int, ...]:
    """The part of pydantic's location that leads through the data; the rest names union members and validators."""
    path: list[str | int] = []
    for key in location:
        if (isinstance(value, Mapping) and key in value) or (
            isinstance(value, list | tuple) and isinstance(key, int) and key < len(value)
        ):
            path.append(key)
            value = value[key]  # type: ignore[index]
    return tuple(path)


def _part(value: Json, path: Sequence[str | int]) -> Json:
    for key in path:
        value = value[key]  # type: ignore[index]
    return value


def _has_expression_itself(value: Json) -> bool:
    return isinstance(value, str) and holds_expression(value)


def _has_expression(value: Json) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_expression, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_expression, value))
    return _has_expression_itself(value)
