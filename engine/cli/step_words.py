"""What a rehearsed step did, in words. Owns these words for every kind of step that calls no action; prints nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import assert_never

from engine.core.statuses import StepStatus
from engine.core.times import instant_ms, lasting
from engine.flow.model import (
    ActionStep,
    FlowStep,
    ForeachStep,
    GroupStep,
    IfStep,
    ParallelStep,
    SetStep,
    Step,
    StopStep,
    SwitchStep,
    UntilStep,
    WaitStep,
)
from engine.runtime.rehearsal.played import Acted, Played
from engine.strictjson import dump

MOST_ROUNDS = 3
"""Of a loop so many iterations stand on the page, and how many more there would be."""


def is_shown(path: str) -> bool:
    """Whether a step stands on the page: not inside of a later iteration."""
    return all(int(index) < MOST_ROUNDS for index in re.findall(r"\[(\d+)\]", path))


def told(step: Step, acted: Acted, played: Played) -> Iterator[str]:
    """What a reader wants to know besides the status; nothing for a step that was skipped, and for what shows its calls."""
    if acted.status is StepStatus.SKIPPED:
        return
    match step:
        case ActionStep() | FlowStep() | StopStep():
            pass
        case IfStep():
            yield f"{step.condition.text}: {'then' if acted.output else 'else'}"
        case SwitchStep():
            yield f"{step.value.text}: {'default' if acted.output is None else f'case {acted.output}'}"
        case ForeachStep() | UntilStep():
            yield from _rounds(step, acted, played)
        case ParallelStep():
            yield from _branches(step, acted)
        case GroupStep():
            if step.timeout_ms is not None:
                yield f"takes {lasting(played.took_in(acted.path))} of at most {lasting(step.timeout_ms)}"
        case SetStep():
            for name, value in acted.output.items() if isinstance(acted.output, Mapping) else ():
                yield f"{name} = {dump(value)}"
        case WaitStep():
            yield _wait(step, acted, played)
        case _:
            assert_never(step)


def _rounds(step: ForeachStep | UntilStep, acted: Acted, played: Played) -> Iterator[str]:
    own = re.compile(re.escape(acted.path) + r"\[(\d+)\]")
    seen = {int(found[1]) for path in played.steps if (found := own.match(path))}
    count = len(acted.output) if isinstance(step, ForeachStep) and isinstance(acted.output, list) else len(seen)
    word = "iteration" if isinstance(step, ForeachStep) else "round"
    more = f", of which the first {MOST_ROUNDS} are shown" if count > MOST_ROUNDS else ""
    yield f"{count} {word}{'' if count == 1 else 's'}{more}"


def _branches(step: ParallelStep, acted: Acted) -> Iterator[str]:
    listed = ", ".join(step.branches)
    if step.join == "all":
        yield f"waits for all of {listed}"
    elif isinstance(acted.output, Mapping) and acted.output:
        yield f"{next(iter(acted.output))} is through first, of {listed}"
    else:
        yield f"none of {listed} gets through"


def _wait(step: WaitStep, acted: Acted, played: Played) -> str:
    waited = lasting(played.waits.get(acted.path, 0))
    if step.event is not None:
        most = f", at most {lasting(step.timeout_ms)}" if step.timeout_ms is not None else ", without a limit"
        return f"would wait for {step.event.uses}{most}"
    until = acted.output.get("until") if isinstance(acted.output, Mapping) else None
    if not isinstance(until, str):
        return f"would wait {waited}, and is cut then" if acted.status is StepStatus.CANCELLED else "would wait"
    past = instant_ms(until) < acted.begun_at
    return f"would not wait: {until} has passed" if past else f"would wait {waited} until {until}"
