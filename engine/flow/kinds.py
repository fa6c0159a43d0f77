"""Which kind a step is, and which keys may stand in it. Owns the findings about keys that are missing, misplaced or do not go together."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.flow import codes, words
from engine.flow.node import Node

NAMES: Mapping[str, str] = MappingProxyType(
    {
        **{kind: kind for kind in words.KIND_KEYS},
        "then": "if with then",
        "steps": "steps (a group)",
    }
)
_WANTED = (
    "a step is one of: uses: <connector>.<action> | if: with then: | switch: with cases: | foreach: with steps: | until: with steps: | "
    "parallel: with branches | steps: (a group) | wait: | flow: (another flow) | set: | stop:"
)
_SIGNS: Mapping[str, str] = MappingProxyType(
    {"else": "then", "cases": "switch", "default": "switch", "max_iterations": "until", "interval": "until"}
)
"""Keys that tell a step's kind although the kind's own key is missing, so that the finding is about that one."""
_REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        "timeout": "; to limit the time of other steps, put them into a group: timeout: and steps:",
        "interval": "; between the attempts of an action it stands under retry",
        "max_parallel": "; the branches of parallel all run side by side",
        "default": "; the other branch of an if is else",
        "else": "; the other cases of a switch are its default",
    }
)
_INSIDE_OF_WAIT = frozenset({*words.WAIT_KEYS, *words.EVENT_KEYS}) - {"if"}


def kind_of(node: Node) -> str | None:
    """The kind's key, after findings about keys that cannot stand together; None when the step is of no kind, or of several."""
    kinds = _kinds(node)
    if len(kinds) == 1:
        _check_keys(node, kinds[0])
        return kinds[0]
    if len(kinds) > 1:
        names = " and ".join(NAMES[kind] for kind in kinds)
        said = f"this step has {names}; make two steps of it"
        node.refuse(codes.ONE_KIND, said, (node.child(kinds[1]) or node).key_place)
    else:
        _check_keys(node, None)
        node.refuse(codes.ONE_KIND, _nothing_to_do(node))
    return None


def _kinds(node: Node) -> list[str]:
    kinds = [kind for kind in words.KIND_KEYS if node.child(kind) is not None]
    if "steps" in kinds and ("foreach" in kinds or "until" in kinds):
        kinds.remove("steps")
    if "wait" in kinds and "flow" in kinds:
        kinds.remove("wait")
    if "wait" in kinds and "until" in kinds and node.child("steps") is None:
        kinds.remove("until")
    for sign, kind in _SIGNS.items():
        if node.child(sign) is not None and (not kinds or (kind == "until" and kinds == ["steps"])):
            return [kind]
    return kinds


def _nothing_to_do(node: Node) -> str:
    if node.child("if") is not None:
        return "this step has an if, but nothing to do; add then: with a list of steps, or uses:"
    return f"this step does nothing; {_WANTED}"


def _check_keys(node: Node, kind: str | None) -> None:
    own = words.KIND_KEYS[kind] if kind else tuple(words.KIND_KEYS)
    allowed = (*words.STEP_KEYS, *own)
    inside = _INSIDE_OF_WAIT if kind == "wait" else frozenset()
    misplaced = [key for key, _ in node.children() if key not in allowed and (_owners(key) or key in inside)]
    for key in misplaced:
        child = node.child(key)
        if child is not None:
            child.refuse(codes.UNKNOWN_KEY, _misplaced(key, kind), child.key_place)
    node.keys_are(f"a step with {NAMES[kind]}" if kind else "a step", allowed, ignored=misplaced)


def _misplaced(key: str, kind: str | None) -> str:
    if kind == "wait" and key in words.EVENT_KEYS:
        return f"{key} stands inside of event; write   wait: {{event: {{{key}: …}}}}"
    if kind == "wait" and key in words.WAIT_KEYS:
        beside = "event: {…}, " if key == "timeout" else ""
        return f"{key} stands inside of wait; write   wait: {{{beside}{key}: …}}"
    *others, last = _owners(key)
    owners = f"{', '.join(others)} or {last}" if others else last
    return f"{key} belongs to a step with {owners}{_REMEDIES.get(key, '')}"


def _owners(key: str) -> list[str]:
    return [NAMES[kind] for kind, keys in words.KIND_KEYS.items() if key in keys]
