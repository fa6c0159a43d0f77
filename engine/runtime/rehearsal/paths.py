"""Paths of steps as tests write them. Owns which step of a flow a path or an id means; knows no run.

A step's path names what it stands in: ``is_demo.mark`` in a branch, ``each[0].read`` in a foreach, ``mark.on_error.tell`` in a handler,
``on_error.tell`` in the flow's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from engine.flow.model import Flow, ForeachStep, IfStep, Step, all_steps

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
    return dict([*_under(flow.steps, ""), *_under(flow.on_error or (), "on_error.")])


def without_numbers(path: str) -> str:
    """``each[0].read`` as ``each.read``."""
    return _INDEX.sub("", path)


def _under(steps: Sequence[Step], prefix: str) -> Iterator[tuple[str, Step]]:
    for step in steps:
        path = f"{prefix}{step.id}"
        yield path, step
        if isinstance(step, IfStep):
            yield from _under((*step.then, *step.otherwise), f"{path}.")
        elif isinstance(step, ForeachStep):
            yield from _under(step.steps, f"{path}[].")
        if isinstance(step.on_error, tuple):
            yield from _under(step.on_error, f"{path}.on_error.")
