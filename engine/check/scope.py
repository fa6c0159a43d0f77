"""What an expression can see at a place of a flow. Owns the scope and what it grows by; judges nothing.

It mirrors engine.core.scope, which builds the real context: an id is visible after its step, ids inside of a foreach inside only,
those of branches and handlers after them too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from engine.check.schema import ANYTHING, Shape, from_schema
from engine.expressions.references import Path


@dataclass(frozen=True, slots=True)
class Source:
    """One thing that a name can stand for: several when several triggers start the flow. ``label``: how messages name it."""

    label: str
    shape: Shape


ANY_SOURCE = (Source("", ANYTHING),)
_TEXT = {"type": "string"}
ERROR = from_schema(
    {
        "type": "object",
        "properties": {
            "step": _TEXT,
            "kind": _TEXT,
            "message": _TEXT,
            "status": {"type": "integer"},
            "attempt": {"type": "integer"},
            "place": _TEXT,
        },
    }
)
RUN = from_schema({"type": "object", "properties": {"id": _TEXT, "started_at": _TEXT, "attempt": {"type": "integer"}}})
FLOW = from_schema({"type": "object", "properties": {"id": _TEXT, "version": _TEXT}})
LOOP = from_schema({"type": "object", "properties": {"index": {"type": "integer"}}})
STEP_PARTS: Mapping[str, Shape] = {"status": from_schema(_TEXT), "error": ERROR}


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """What is known at one place.

    ``names``: the words that an expression may begin with, apart from steps, inputs and vars. ``steps``: the outputs of the steps that
    are visible. ``other_branch``: ids that are skipped whenever this place is reached. ``inside_of``: the ids of the loops around it.
    ``has_steps``: whether a run exists (not so in a trigger's if).
    """

    names: Mapping[str, tuple[Source, ...]]
    inputs: Mapping[str, Shape]
    steps: Mapping[str, tuple[Source, ...]] = field(default_factory=dict)
    variables: frozenset[str] = frozenset()
    other_branch: frozenset[str] = frozenset()
    inside_of: tuple[str, ...] = ()
    has_steps: bool = True

    def with_name(self, name: str, sources: tuple[Source, ...]) -> Scope:
        return replace(self, names={**self.names, name: sources})

    def with_step(self, step_id: str, output: Shape, label: str) -> Scope:
        return replace(self, steps={**self.steps, step_id: (Source(label, output),)})

    def with_variables(self, names: Iterable[str]) -> Scope:
        return replace(self, variables=self.variables | set(names))

    def knows(self, root: str) -> bool:
        return root in self.names or (root in ("steps", "vars") and self.has_steps) or root == "inputs"

    def locate(self, path: Path) -> tuple[tuple[Source, ...], int]:
        """What the longest known beginning of ``path`` stands for, and how many parts that beginning has."""
        root, rest = path[0], path[1:]
        if root == "steps":
            return self._locate_step(rest)
        if root == "inputs" and rest and isinstance(rest[0], str) and rest[0] in self.inputs:
            return (Source("", self.inputs[rest[0]]),), 2
        if isinstance(root, str) and root in self.names:
            return self.names[root], 1
        return ANY_SOURCE, len(path)

    def _locate_step(self, rest: Path) -> tuple[tuple[Source, ...], int]:
        if len(rest) < 2 or not isinstance(rest[0], str) or rest[0] not in self.steps:
            return ANY_SOURCE, len(rest) + 1
        if rest[1] == "output":
            return self.steps[rest[0]], 3
        shape = STEP_PARTS.get(str(rest[1]), ANYTHING)
        return (Source("", shape),), 3

    def resolve(self, path: Path) -> tuple[Source, ...]:
        """What ``path`` stands for; sources in which it leads nowhere are left out."""
        sources, depth = self.locate(path)
        found: list[Source] = []
        for source in sources:
            shape: Shape | None = source.shape
            for key in path[depth:]:
                shape = shape.step(key) if shape is not None else None
            if shape is not None:
                found.append(Source(source.label, shape))
        return tuple(found)
