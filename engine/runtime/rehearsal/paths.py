"""Paths of steps as tests write them. Owns which step of a flow a path or an id means; knows no run.

A step's path names what it stands in: ``is_demo.mark`` in a branch, ``side.left.mark`` in a branch of a parallel, ``each[0].read`` in a loop,
``mark.on_error.tell`` in a handler, ``on_error.tell`` and ``finally.tell`` in the flow's own. The steps of a flow that is called and executed
for real stand behind its caller: ``call_other.read``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.core.interpreter import HANDLER, LASTLY
from engine.flow.model import Flow, FlowStep, ForeachStep, Step, UntilStep, all_steps, inner_lists

_INDEX = re.compile(r"\[\d+\]")


def step_at(flow: Flow, name: str) -> Step | None:
    """The step that a path (with or without numbers of iterations) or an id means."""
    paths = patterns(flow)
    if name in paths:
        return paths[name]
    bare = _INDEX.sub("", name)
    by_bare = {_INDEX.sub("", pattern.replace("[]", "")): (pattern, step) for pattern, step in paths.items()}
    if bare in by_bare:
        pattern, step = by_bare[bare]
        return step if name == bare or _INDEX.sub("[]", name) == pattern else None
    return next((step for step in all_steps(flow) if step.id == name), None)


def pattern_of(flow: Flow, step: Step) -> str:
    """The path of a step, with ``[]`` for the number of an iteration."""
    return next(pattern for pattern, each in patterns(flow).items() if each is step)


def patterns(flow: Flow) -> Mapping[str, Step]:
    """Every step by its path, with ``[]`` for the number of an iteration."""
    handler, lastly = _under(flow.on_error or (), f"{HANDLER}."), _under(flow.lastly, f"{LASTLY}.")
    return dict([*_under(flow.steps, ""), *handler, *lastly])


@dataclass(frozen=True, kw_only=True, slots=True)
class Located:
    """A step that a name means. ``pattern``: its path in the run, with ``[]`` for the number of an iteration; ``flow``: whose step it is."""

    flow: Flow
    step: Step
    pattern: str


def located(flow: Flow, name: str, children: Mapping[str, Flow]) -> Located | None:
    """As ``step_at``, also in those of the flows that are called which ``children`` holds by id."""
    step = step_at(flow, name)
    if step is not None:
        return Located(flow=flow, step=step, pattern=pattern_of(flow, step))
    parts = name.split(".")
    for end in range(len(parts) - 1, 0, -1):
        caller = step_at(flow, ".".join(parts[:end]))
        if isinstance(caller, FlowStep) and caller.flow in children:
            inside = located(children[caller.flow], ".".join(parts[end:]), children)
            if inside is None:
                return None
            return Located(flow=inside.flow, step=inside.step, pattern=f"{pattern_of(flow, caller)}.{inside.pattern}")
    return None


def without_numbers(path: str) -> str:
    """``each[0].read`` as ``each.read``."""
    return _INDEX.sub("", path)


def _under(steps: Sequence[Step], prefix: str) -> Iterator[tuple[str, Step]]:
    for step in steps:
        path = f"{prefix}{step.id}"
        yield path, step
        number = "[]" if isinstance(step, ForeachStep | UntilStep) else ""
        for suffix, inner in inner_lists(step):
            yield from _under(inner, f"{path}{number}{suffix}.")
        if isinstance(step.on_error, tuple):
            yield from _under(step.on_error, f"{path}.on_error.")
