"""Flows of every construct, made at random, and the dice that answer their calls. Owns both; runs nothing."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from hypothesis import strategies as st

from engine.core.commands import Call, Outcome, StepError
from engine.core.statuses import StepStatus

KINDS = ("server", "invalid", "timeout", "unknown_outcome")


def dice(seed: int, *parts: object) -> int:
    """0 … 99, the same for the same question."""
    return hashlib.sha256(repr((seed, *parts)).encode()).digest()[0] * 100 // 256


def answer(seed: int, call: Call | str) -> Outcome:
    path, attempt = (call, 1) if isinstance(call, str) else (call.path, call.attempt)
    rolled = dice(seed, path, attempt)
    if rolled < 75:
        return Outcome(status=StepStatus.SUCCEEDED, output={"n": rolled})
    kind = KINDS[rolled % len(KINDS)]
    status = StepStatus.UNCERTAIN if kind == "unknown_outcome" else StepStatus.FAILED
    return Outcome(status=status, error=StepError(step=path, kind=kind, message=kind, attempt=attempt))


LEAVES: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {"uses": "calendly.get_event_type", "with": {"uuid": "u"}},
        {"uses": "calendly.get_event_type", "with": {"uuid": "u"}, "retry": {"max_attempts": 3, "interval": "40s"}},
        {"uses": "calendly.create_invitee_no_show", "with": {"invitee": "u"}, "on_uncertain": "retry"},
        {"uses": "calendly.create_invitee_no_show", "with": {"invitee": "u"}, "on_uncertain": "skip"},
        {"set": {"n": "{{ vars.n + 1 }}"}},
        {"wait": {"for": "3m"}},
        {
            "wait": {
                "event": {"uses": "calendly.invitee", "with": {"events": ["invitee.created"]}, "if": "event.n > 300"},
                "timeout": "10m",
            }
        },
        {"flow": "other", "with": {}},
        {"stop": {"status": "succeeded"}, "if": "vars.n > 2"},
    ]
)
CALMS = st.sampled_from([{}, {}, {"on_error": "continue"}, {"if": "vars.n < 3"}])


def lists(steps: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(steps, min_size=1, max_size=3)


def held(steps: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    inner = lists(steps)
    pure = inner.map(_without_set)
    return st.one_of(
        st.builds(lambda a, b: {"if": "vars.n % 2 == 0", "then": a, "else": b}, inner, inner),
        st.builds(lambda a, b: {"switch": "vars.n", "cases": {"0": a, "1": b}, "default": a[:0]}, inner, inner),
        st.builds(lambda a: {"foreach": "[1, 2, 3]", "steps": a}, inner),
        st.builds(lambda a: {"foreach": "[1, 2, 3]", "max_parallel": 2, "steps": a}, pure),
        st.builds(
            lambda a: {"until": "vars.n > 1", "max_iterations": 3, "timeout": "8m", "interval": "1m", "steps": a}, inner
        ),
        st.builds(
            lambda a, b, j: {"parallel": {"x": a, "y": b}, "join": j}, pure, pure, st.sampled_from(["all", "any"])
        ),
        st.builds(lambda a, t: {"steps": a, **t}, inner, st.sampled_from([{}, {"timeout": "2m"}])),
        st.builds(lambda a: {"steps": a, "on_error": a[:1]}, inner),
    )


def _without_set(steps: list[Any]) -> list[Any]:
    """``set`` is refused in parallel branches."""
    text = json.dumps(steps).replace('"set": {"n": "{{ vars.n + 1 }}"}', '"wait": {"for": "1m"}')
    changed: list[Any] = json.loads(text)
    return changed


STEPS = st.recursive(
    st.builds(lambda leaf, calm: {**leaf, **calm} if "if" not in leaf else leaf, LEAVES, CALMS), held, max_leaves=8
)
FLOWS = st.builds(
    lambda steps, handler, lastly, timeout: {
        "variables": {"n": 0},
        "steps": steps,
        **({"on_error": handler} if handler else {}),
        **({"finally": lastly} if lastly else {}),
        **timeout,
    },
    lists(STEPS),
    st.lists(LEAVES, max_size=1),
    st.lists(LEAVES.filter(lambda leaf: "stop" not in leaf), max_size=1),
    st.sampled_from([{}, {"timeout": "9m"}]),
)


def written(flow: dict[str, Any]) -> str:
    """The flow as text, with an id for every step."""
    count = 0

    def named(value: Any) -> Any:
        nonlocal count
        if isinstance(value, list):
            return [named(item) for item in value]
        if not isinstance(value, dict):
            return value
        found = {key: item if key in ("wait", "with") else named(item) for key, item in value.items()}
        if any(
            key in value
            for key in (
                "uses",
                "set",
                "wait",
                "flow",
                "stop",
                "then",
                "switch",
                "foreach",
                "until",
                "parallel",
                "steps",
            )
        ):
            count += 1
            found = {"id": f"s{count}", **found, **({"as": f"item{count}"} if "foreach" in value else {})}
        return found

    body = {key: named(value) if key in ("steps", "on_error", "finally") else value for key, value in flow.items()}
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in body.items())
