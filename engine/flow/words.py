"""The words of the flow language. Owns which keys stand where; judges no value.

The tests hold the authors' guide to this file: every key here is documented there.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

RESERVED_STEP_IDS = frozenset({"on_error", "finally", "flow", "interval"})
"""Words of a step's path that are no step; branches of parallel cannot be called so either."""
MANUAL = "manual"
"""The trigger that belongs to no connector: a person starts the run."""
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
        "concurrency",
        "timeout",
        "defaults",
        "steps",
        "on_error",
        "finally",
        "outputs",
    ),
)
OWN_PREFIX = "x-"
"""Keys of the author's own, at the top of the file only."""
TRIGGER_KEYS = ("id", "uses", "with", "connection", "if", "split_on")
INPUT_KEYS = ("type", "default", "description")
INPUT_TYPES = ("string", "integer", "number", "boolean", "list", "object")
DEFAULTS_KEYS = ("timeout", "retry", "on_uncertain")
CONCURRENCY_KEYS = ("key", "limit", "on_limit", "max_queued")
ON_LIMIT = ("queue", "skip", "replace")
RETRY_KEYS = ("max_attempts", "backoff", "interval", "max_interval", "jitter", "if")
BACKOFFS = ("fixed", "exponential")
ON_UNCERTAIN = ("fail", "retry", "skip")
SECRETS = ("inputs", "outputs")
JOINS = ("all", "any")
WAIT_KEYS = ("for", "until", "event", "timeout")
EVENT_KEYS = ("uses", "with", "connection", "if")
STOP_KEYS = ("status", "message")
STOP_STATUSES = ("succeeded", "failed", "cancelled")

STEP_KEYS = ("id", "if", "on_error", "secure")
KIND_KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "uses": ("uses", "with", "connection", "retry", "timeout", "idempotency_key", "on_uncertain"),
        "then": ("then", "else"),
        "switch": ("switch", "cases", "default"),
        "foreach": ("foreach", "as", "max_parallel", "steps"),
        "until": ("until", "max_iterations", "timeout", "interval", "steps"),
        "parallel": ("parallel", "join"),
        "steps": ("steps", "timeout"),
        "set": ("set",),
        "wait": ("wait",),
        "flow": ("flow", "with", "wait"),
        "stop": ("stop",),
    }
)
"""The kinds of step by the key that makes a step one of them, with the keys that only some kinds have. A step with ``steps`` is a group
unless it has ``foreach`` or ``until``; one with ``wait`` waits unless it has ``flow``."""
STEP_LISTS = frozenset({"triggers", "steps", "then", "else", "default", "on_error", "finally"})
STEP_LISTS_BY_NAME = frozenset({"cases", "parallel"})
"""The keys under which lists of steps stand, and those under which a list stands for each name."""
DATA = frozenset({"with", "set", "variables", "outputs", "inputs"})
"""The keys under which data stand, whose own keys are no words of the language."""


def takes_any_key(path: tuple[str | int, ...]) -> bool:
    """Whether the mapping at that path of a flow file takes keys that are no text: the cases of a switch."""
    return path[-1:] == ("cases",) and not any(key in DATA for key in path)


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
        "while": "until",
        "case": "cases",
        "branches": "parallel",
        "delay": "wait",
        "sleep": "wait",
        "pause": "wait",
        "call_flow": "flow",
        "subflow": "flow",
        "sub_flow": "flow",
        "workflow": "flow",
        "catch": "on_error",
        "rescue": "on_error",
        "on_failure": "on_error",
        "always": "finally",
        "ensure": "finally",
        "splitOn": "split_on",
        "max_loops": "max_iterations",
        "limit": "max_iterations",
        "required": "default",
    }
)
"""What authors bring from other systems, to what it is called here; used when the suggested key can stand at that place."""
