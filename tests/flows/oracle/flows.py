"""Flows at random over the whole language. Owns which steps stand where and what each can name; the expressions are expressions.py's.

Expressions are placed as slots, so that one that the checker refuses can be written anew and the flow around it stays.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from engine.sdk.connector import Connector
from tests.flows.oracle.expressions import Writer
from tests.flows.oracle.paths import Known, known
from tests.flows.oracle.schemas import (
    ANSWER,
    BODY,
    ERROR,
    EVENTS,
    INPUT_SCHEMAS,
    INPUTS,
    NOTHING_OR_ERROR,
    NULLABLE,
    STATUS,
    TEXT,
)


class Slot(str):
    """An expression at its place; ``again`` writes another one."""

    again: Callable[[], str]
    safe: str

    @classmethod
    def of(cls, again: Callable[[], str], safe: str) -> Slot:
        found = cls(again())
        found.again, found.safe = again, safe
        return found


class Place:
    """What can be named somewhere. ``steps``: schemas of outputs by id; ``hot``: what conditions around have tested."""

    def __init__(self, roots: Mapping[str, Any], hot: tuple[str, ...] = ()) -> None:
        self.roots = dict(roots)
        self.hot = hot

    def inner(self, hot: tuple[str, ...] = (), /, **roots: Any) -> Place:
        return Place({**self.roots, **roots}, (*self.hot, *hot))

    def paths(self) -> list[Known]:
        return [
            one
            for path, schema in self.roots.items()
            for one in known(path, schema)
            if one.path not in ("inputs", "vars")
        ]


def step_roots(step_id: str, output: Any, *, nullable: bool = True) -> dict[str, Any]:
    whole = output.get("$defs", {})
    told = {"anyOf": [{key: item for key, item in output.items() if key != "$defs"}, {"type": "null"}], "$defs": whole}
    return {
        f"steps.{step_id}.output": told,
        f"steps.{step_id}.status": STATUS,
        f"steps.{step_id}.error": NOTHING_OR_ERROR,
    }


class Author:
    """Writes one flow; the same for the same dice."""

    def __init__(self, dice: Random, catalogue: Mapping[str, Connector]) -> None:
        self.dice = dice
        self._catalogue = catalogue
        self._count = 0
        self._budget = dice.randint(3, 14)

    def flow(self) -> dict[str, Any]:
        dice = self.dice
        triggers, roots = self._triggers()
        place = Place(
            {**roots, **{f"inputs.{name}": schema for name, schema in INPUT_SCHEMAS.items()}, "flow.id": TEXT}
        )
        running = place.inner(**{"run.id": TEXT, "run.started_at": {"type": "string"}})
        flow: dict[str, Any] = {
            "id": "random",
            "connections": {"calendly": "calendly", "http": "http"},
            "inputs": INPUTS,
            "triggers": triggers,
        }
        for trigger in triggers:
            if dice.random() < 0.4 and trigger["uses"] != "manual":
                place, trigger["if"] = self._conditioned(place)
                running = running.inner(place.hot)
        if dice.random() < 0.15:
            flow["concurrency"] = {"key": self._slot(place, "value", "flow.id")}
        variables = {}
        for _ in range(dice.choice([0, 0, 1, 2])):
            name = f"v{self._next()}"
            variables[name] = self._slot(running, "template", "x")
            running = running.inner(**{f"vars.{name}": {}})
        if variables:
            flow["variables"] = variables
        if dice.random() < 0.15:
            flow["timeout"] = dice.choice(["40m", "3h"])
        flow["steps"], end = self.steps(running, 0)
        if dice.random() < 0.3:
            handled = dice.random() < 0.3
            flow["on_error"] = "continue" if handled else self.steps(end.inner(error=ERROR), 2)[0]
        if dice.random() < 0.3:
            flow["finally"], _ = self.steps(end.inner(error=NOTHING_OR_ERROR, **{"run.status": STATUS}), 2, lastly=True)
        flow["outputs"] = {f"o{number}": self._slot(end, "template", "x") for number in range(dice.randint(1, 3))}
        return flow

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _slot(self, place: Place, kind: str, safe: str) -> Slot:
        paths = place.paths()
        return Slot.of(lambda: getattr(Writer(self.dice, paths, place.hot), kind)(), safe)

    def _conditioned(self, place: Place) -> tuple[Place, Slot]:
        writer = Writer(self.dice, place.paths(), place.hot)
        slot = Slot.of(writer.condition, "true")
        return place.inner(tuple(writer.tested)), slot

    def _triggers(self) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        dice, roots = self.dice, {}
        triggers: list[dict[str, Any]] = []
        for uses in dice.sample(
            [
                "calendly.invitee",
                "calendly.invitee",
                "calendly.routing_form_submission",
                "schedule.cron",
                "http.request",
                "manual",
            ],
            dice.choice([1, 1, 1, 2]),
        ):
            given: dict[str, Any] = {}
            if uses == "calendly.invitee":
                given = {"events": dice.sample(EVENTS, dice.randint(1, 3))}
            elif uses == "schedule.cron":
                given = {"cron": "0 9 * * 1-5"}
            elif uses == "http.request":
                given = {"auth": "token", "body": BODY}
            trigger: dict[str, Any] = {"uses": uses, **({"with": given} if given else {})}
            triggers.append({"id": f"t{len(triggers)}", **trigger})
            schema = self._delivery(uses, given)
            roots[f"trigger@{uses}"] = schema
            if uses in ("calendly.invitee", "http.request") and dice.random() < 0.15:
                items = "questions_and_answers" if uses == "calendly.invitee" else "items"
                triggers[-1]["split_on"] = f"trigger.payload.{items}"
        return triggers, self._trigger_roots(roots, triggers)

    def _delivery(self, uses: str, given: dict[str, Any]) -> dict[str, Any]:
        if uses == "manual":
            return {
                "type": "object",
                "properties": {
                    "event": TEXT,
                    "payload": {"type": "object"},
                    "created_at": TEXT,
                    "created_by": NULLABLE,
                },
            }
        connector, _, name = uses.partition(".")
        return dict(self._catalogue[connector].triggers[name].delivery_schema(given))

    def _trigger_roots(self, roots: dict[str, Any], triggers: list[dict[str, Any]]) -> dict[str, Any]:
        """One of the triggers' deliveries; the other's fields are the checker's to refuse."""
        found: dict[str, Any] = {}
        schema = self.dice.choice(list(roots.values()))
        found["trigger"] = schema
        found["trigger.event"] = {
            "enum": [event for each in triggers for event in each.get("with", {}).get("events", [])] or ["manual"]
        }
        if any("split_on" in each for each in triggers):
            found["trigger.item"] = {}
            if triggers[0]["uses"] == "calendly.invitee" and "split_on" in triggers[0]:
                found["trigger.item"] = {"type": "object", "properties": {"question": TEXT, "answer": NULLABLE}}
            found["trigger.index"] = {"type": "integer"}
        return found

    def steps(
        self, place: Place, depth: int, *, parallel: bool = False, lastly: bool = False
    ) -> tuple[list[Any], Place]:
        found = []
        for _ in range(self.dice.randint(1, 4 if depth == 0 else 2)):
            step, place = self._step(place, depth, parallel=parallel, lastly=lastly)
            found.append(step)
            self._budget -= 1
            if self._budget < 0:
                break
        return found, place

    def _step(self, place: Place, depth: int, *, parallel: bool, lastly: bool) -> tuple[dict[str, Any], Place]:
        dice, step_id = self.dice, f"s{self._next()}"
        kinds = (
            ["action", "action", "action", "wait"]
            + ([] if parallel else ["set", "set"])
            + (["flow"] if dice.random() < 0.3 else [])
        )
        if depth < 3 and self._budget > 0:
            kinds += ["if", "if", "switch", "foreach", "foreach", "until", "parallel", "group"]
        if not lastly and dice.random() < 0.2:
            kinds += ["stop"]
        kind = dice.choice(kinds)
        common: dict[str, Any] = {"id": step_id}
        outside = place
        if dice.random() < 0.25 and kind != "if":
            place, common["if"] = self._conditioned(place)
        written, inner, output = getattr(self, f"_{kind}")(step_id, place, depth, parallel)
        after = Place({**outside.roots, **inner.roots}, outside.hot)
        after = after.inner(**step_roots(step_id, output))
        if kind != "stop" and dice.random() < 0.3:
            common["on_error"] = "continue"
            if dice.random() < 0.5 and self._budget > 0:
                common["on_error"], handled = self.steps(
                    Place({**after.roots, "error": ERROR}, outside.hot), depth + 2, parallel=parallel
                )
                handled.roots.pop("error")
                after = Place({**after.roots, **handled.roots}, outside.hot)
        for name in outside.roots:
            after.roots.setdefault(name, outside.roots[name])
        return {**common, **written}, after

    def _action(self, step_id: str, place: Place, depth: int, parallel: bool) -> tuple[dict[str, Any], Place, Any]:
        dice = self.dice
        actions: list[tuple[str, dict[str, Any]]] = [
            ("calendly.get_event_type", {"uuid": self._slot(place, "template", "u")}),
            ("calendly.get_event_types", {"active": dice.random() < 0.5}),
            ("calendly.create_invitee_no_show", {"invitee": self._slot(place, "template", "u")}),
            ("log.write", {"message": self._slot(place, "template", "x")}),
            ("http.request", {"path": "/x", "query": {"a": self._slot(place, "template", "x")}, "response": ANSWER}),
            (
                "http.request",
                {
                    "method": "POST",
                    "path": "/x",
                    "json": {"a": self._slot(place, "template", "x"), "b": [self._slot(place, "template", "x")]},
                },
            ),
        ]
        uses, given = dice.choice(actions)
        connector, _, name = uses.partition(".")
        output = dict(self._catalogue[connector].actions[name].output.model_json_schema())
        if "response" in given:
            output = {**output, "properties": {**output["properties"], "json": ANSWER}}
        step: dict[str, Any] = {"uses": uses, "with": given}
        if dice.random() < 0.2:
            step["retry"] = {"max_attempts": 2}
            if dice.random() < 0.5:
                step["retry"]["if"] = self._slot(place.inner(error=ERROR), "condition", "true")
        if dice.random() < 0.15:
            step["on_uncertain"] = dice.choice(["retry", "skip", "fail"])
        return step, place, output

    def _set(self, step_id: str, place: Place, depth: int, parallel: bool) -> tuple[dict[str, Any], Place, Any]:
        name = self.dice.choice(["v1", "n", "m", f"w{self._next()}"])
        slot = self._slot(place, "template", "x")
        return (
            {"set": {name: slot}},
            place.inner(**{f"vars.{name}": {"type": ["string", "null", "array"]}}),
            {"type": "object", "properties": {name: {}}},
        )

    def _wait(self, step_id: str, place: Place, depth: int, parallel: bool) -> tuple[dict[str, Any], Place, Any]:
        if self.dice.random() < 0.5:
            return {"wait": {"for": "5m"}}, place, {"type": "object", "properties": {"until": TEXT}}
        events = self.dice.sample(EVENTS, self.dice.randint(1, 2))
        schema = self._delivery("calendly.invitee", {"events": events})
        event: dict[str, Any] = {"uses": "calendly.invitee", "with": {"events": events}}
        if self.dice.random() < 0.6:
            event["if"] = self._slot(place.inner(event=schema), "condition", "true")
        return {"wait": {"event": event, "timeout": "10m"}}, place, schema

    def _flow(self, step_id: str, place: Place, depth: int, parallel: bool) -> tuple[dict[str, Any], Place, Any]:
        return {"flow": "other", "with": {"name": self._slot(place, "template", "x")}}, place, {}

    def _stop(self, step_id: str, place: Place, depth: int, parallel: bool) -> tuple[dict[str, Any], Place, Any]:
        status = self.dice.choice(["succeeded", "failed", "cancelled"])
        return {"stop": {"status": status, "message": self._slot(place, "template", "x")}}, place, {}

    def _if(self, step_id: str, place: Place, depth: int, parallel: bool) -> tuple[dict[str, Any], Place, Any]:
        inner, condition = self._conditioned(place)
        then, one = self.steps(inner, depth + 1, parallel=parallel)
        step: dict[str, Any] = {"if": condition, "then": then}
        if self.dice.random() < 0.5:
            step["else"], other = self.steps(inner, depth + 1, parallel=parallel)
            one = Place({**other.roots, **one.roots}, place.hot)
        return step, one, {"type": "boolean"}

    def _switch(self, step_id: str, place: Place, depth: int, parallel: bool) -> tuple[dict[str, Any], Place, Any]:
        subject = Writer(self.dice, place.paths(), place.hot).path("text", "boolean", "null", "number")
        words = [str(word) for word in subject.constants] or ["a", "demo", "null", "true", "1"]
        inner, roots, cases = place.inner((subject.path,)), dict(place.roots), {}
        for word in self.dice.sample(words, min(len(words), self.dice.randint(1, 3))):
            cases[word], end = self.steps(inner, depth + 1, parallel=parallel)
            roots |= end.roots
        step: dict[str, Any] = {"switch": Slot.of(lambda: subject.path, "'a'"), "cases": cases}
        if self.dice.random() < 0.5:
            step["default"], end = self.steps(inner, depth + 1, parallel=parallel)
            roots |= end.roots
        return step, Place(roots, place.hot), NULLABLE

    def _foreach(self, step_id: str, place: Place, depth: int, parallel: bool) -> tuple[dict[str, Any], Place, Any]:
        one = Writer(self.dice, place.paths(), place.hot).path("list")
        item, name = {**(one.items or {}), "$defs": (one.whole or {}).get("$defs", {})}, f"item{self._next()}"
        source = Slot.of(lambda: one.path, "[]") if self.dice.random() < 0.6 else self._slot(place, "items", "[]")
        side = self.dice.random() < 0.3
        inner = place.inner(**{name: item, "loop.index": {"type": "integer"}})
        steps, end = self.steps(inner, depth + 1, parallel=parallel or side)
        outputs = {step["id"]: end.roots.get(f"steps.{step['id']}.output", {}) for step in steps}
        own = {key: schema for key, schema in end.roots.items() if key.startswith("vars.")}
        step = {"foreach": source, "as": name, "steps": steps, **({"max_parallel": 3} if side else {})}
        return step, place.inner(**own), self._record_list(outputs)

    def _record_list(self, outputs: dict[str, Any]) -> dict[str, Any]:
        definitions = {key: one for schema in outputs.values() for key, one in schema.get("$defs", {}).items()}
        return {
            "type": "array",
            "items": {"type": "object", "required": list(outputs), "properties": outputs},
            "$defs": definitions,
        }

    def _record(self, outputs: dict[str, Any]) -> dict[str, Any]:
        listed = self._record_list(outputs)
        return {**listed["items"], "$defs": listed["$defs"]}

    def _until(self, step_id: str, place: Place, depth: int, parallel: bool) -> tuple[dict[str, Any], Place, Any]:
        steps, end = self.steps(place.inner(**{"loop.index": {"type": "integer"}}), depth + 1, parallel=parallel)
        writer = Writer(self.dice, end.paths(), place.hot)
        outputs = {step["id"]: end.roots.get(f"steps.{step['id']}.output", {}) for step in steps}
        own = {key: schema for key, schema in end.roots.items() if key.startswith("vars.")}
        condition = Slot.of(
            lambda: f"{writer.condition()} or loop.index > 0" if self.dice.random() < 0.5 else writer.condition(),
            "loop.index > 0",
        )
        return (
            {"until": condition, "max_iterations": 3, "timeout": "1h", "steps": steps},
            place.inner(tuple(writer.tested), **own),
            self._record(outputs),
        )

    def _parallel(self, step_id: str, place: Place, depth: int, parallel: bool) -> tuple[dict[str, Any], Place, Any]:
        branches, roots, outputs = {}, dict(place.roots), {}
        for name in ("left", "right"):
            branches[name], end = self.steps(place, depth + 1, parallel=True)
            roots |= end.roots
            outputs[name] = self._record(
                {step["id"]: end.roots.get(f"steps.{step['id']}.output", {}) for step in branches[name]}
            )
        return (
            {"parallel": branches, "join": self.dice.choice(["all", "any"])},
            Place(roots, place.hot),
            self._record(outputs),
        )

    def _group(self, step_id: str, place: Place, depth: int, parallel: bool) -> tuple[dict[str, Any], Place, Any]:
        steps, end = self.steps(place, depth + 1, parallel=parallel)
        outputs = {step["id"]: end.roots.get(f"steps.{step['id']}.output", {}) for step in steps}
        return {"steps": steps, **({"timeout": "4m"} if self.dice.random() < 0.3 else {})}, end, self._record(outputs)


def written(flow: Mapping[str, Any]) -> tuple[str, dict[int, tuple[Any, Any]]]:
    """The flow as YAML, every scalar on a line of its own, and what stands on each line as (container, key)."""
    lines: list[str] = []
    where: dict[int, tuple[Any, Any]] = {}

    def write(container: Any, key: Any, indent: str, head: str) -> None:
        value = container[key]
        if isinstance(value, dict) and value:
            lines.append(f"{indent}{head}{{")
            for name in value:
                write(value, name, indent + " ", f"{json.dumps(name)}: ")
            lines.append(f"{indent}}},")
        elif isinstance(value, list) and value:
            lines.append(f"{indent}{head}[")
            for index in range(len(value)):
                write(value, index, indent + " ", "")
            lines.append(f"{indent}],")
        else:
            lines.append(f"{indent}{head}{json.dumps(value, ensure_ascii=False)},")
            where[len(lines)] = (container, key)

    write({"flow": flow}, "flow", "", "")
    lines[-1] = "}"
    return "\n".join(lines) + "\n", where
