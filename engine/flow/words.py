"""The words of the flow language. Owns which keys stand where, and which belong to the language but not to this release; judges no value.

The tests hold the authors' guide to this file: every key here is documented there.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

RESERVED_STEP_IDS = frozenset({"on_error"})
CONTEXTS = frozenset({"trigger", "inputs", "vars", "steps", "loop", "error", "run", "flow"})
RESERVED_VARIABLES = CONTEXTS | {
    *(
        "and",
        "or",
        "not",
        "in",
        "is",
        "if",
        "else",
        "true",
        "false",
        "none",
        "null",
        "True",
        "False",
        "None",
        "self",
        "super",
    ),
}

FLOW_KEYS = (
    *(
        "id",
        "name",
        "description",
        "labels",
        "connections",
        "inputs",
        "variables",
        "triggers",
        "steps",
        "on_error",
        "outputs",
    ),
)
TRIGGER_KEYS = ("id", "uses", "with", "connection", "if")
INPUT_KEYS = ("type", "default", "description")
INPUT_TYPES = ("string", "integer", "number", "boolean", "list", "object")
RETRY_KEYS = ("max_attempts", "backoff", "interval", "max_interval", "jitter", "if")
BACKOFFS = ("fixed", "exponential")
STOP_KEYS = ("status", "message")
STOP_STATUSES = ("succeeded", "failed", "cancelled")

STEP_KEYS = ("id", "if", "on_error")
KIND_KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "uses": ("uses", "with", "connection", "retry", "timeout"),
        "then": ("then", "else"),
        "foreach": ("foreach", "as", "max_parallel", "steps"),
        "set": ("set",),
        "stop": ("stop",),
    }
)
"""The kinds of step by the key that makes a step one of them, with the keys that belong to that kind only."""

NOTHING: Mapping[str, str] = MappingProxyType({})
FLOW_NOT_YET: Mapping[str, str] = MappingProxyType(
    {
        "defaults": "defaults for all steps",
        "timeout": "a time limit for the whole run",
        "concurrency": "concurrency",
        "finally": "finally",
    }
)
TRIGGER_NOT_YET: Mapping[str, str] = MappingProxyType({"split_on": "one run per item (split_on)"})
STEP_NOT_YET: Mapping[str, str] = MappingProxyType(
    {
        "switch": "switch (use if, then and else)",
        "cases": "switch with cases (use if, then and else)",
        "default": "switch with a default (use if, then and else)",
        "until": "a loop with until",
        "max_iterations": "a loop with until",
        "interval": "a loop with until",
        "parallel": "parallel branches (foreach with max_parallel runs side by side)",
        "join": "parallel branches",
        "wait": "wait",
        "flow": "a sub-flow",
        "idempotency_key": "an idempotency key of your own (the engine makes one)",
        "on_uncertain": "on_uncertain (an uncertain step fails)",
        "secure": "secure",
    }
)
GROUP_NOT_YET = "a group of steps without foreach"
GROUP_TIMEOUT_NOT_YET = "a timeout around several steps"

HINTS: Mapping[str, str] = MappingProxyType(
    {
        "on": "triggers",
        "trigger": "triggers",
        "event": "triggers",
        "when": "if",
        "condition": "if",
        "conditions": "if",
        "jobs": "steps",
        "actions": "steps",
        "sequence": "steps",
        "do": "steps",
        "action": "uses",
        "service": "uses",
        "run": "uses",
        "call": "uses",
        "params": "with",
        "parameters": "with",
        "args": "with",
        "data": "with",
        "inputs": "with",
        "for_each": "foreach",
        "for": "foreach",
        "loop": "foreach",
        "items": "foreach",
        "repeat": "foreach",
        "vars": "variables",
        "env": "variables",
        "tags": "labels",
        "title": "name",
        "alias": "name",
        "continue_on_error": "on_error",
        "continue-on-error": "on_error",
        "retries": "retry",
        "timeout-minutes": "timeout",
        "concurrency": "max_parallel",
        "elif": "else",
        "required": "default",
    }
)
"""What authors bring from other systems, to what it is called here; used when the suggested key can stand at that place."""
