"""What the steps of one flow share while they are built, and what all kinds of steps have. Owns these values; builds nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias, TypedDict

from engine.errors import Place
from engine.expressions import Expression
from engine.flow.model import OnError, OnUncertain, Secret, Step
from engine.flow.node import Node
from engine.flow.retry import RetryKeys

STEPS_FORM = "a list of steps, each beginning with '- id: …'"


class Common(TypedDict):
    """What every step has, whatever its kind."""

    id: str
    place: Place
    guard: Expression | None
    on_error: OnError
    secure: frozenset[Secret]
    places: Mapping[str, Place]


@dataclass(frozen=True, kw_only=True, slots=True)
class Defaults:
    """What ``defaults:`` says for action steps. None: it says nothing. Milliseconds."""

    timeout_ms: int | None = None
    retry: RetryKeys | None = None
    on_uncertain: OnUncertain | None = None


@dataclass(kw_only=True, slots=True)
class Scope:
    """``ids``: the steps so far. ``loops``: variables of the loops around this place. ``parallel``: what around it runs side by side, in words."""

    aliases: Mapping[str, str]
    build: Build
    defaults: Defaults = Defaults()
    ids: dict[str, Place] = field(default_factory=dict)
    loops: tuple[str, ...] = ()
    parallel: tuple[str, ...] = ()

    def steps(self, node: Node | None) -> tuple[Step, ...]:
        """The steps of a list; none where there is no list."""
        return () if node is None else self.build(node, self)

    @contextmanager
    def loop(self, variable: str) -> Iterator[None]:
        """Inside of a loop with that variable."""
        before, self.loops = self.loops, (*self.loops, variable)
        yield
        self.loops = before

    @contextmanager
    def side_by_side(self, what: str | None) -> Iterator[None]:
        """Inside of what runs side by side; None: of something that does not."""
        before = self.parallel
        if what is not None:
            self.parallel = (*before, what)
        yield
        self.parallel = before


Build: TypeAlias = Callable[[Node, Scope], tuple[Step, ...]]
Builder: TypeAlias = Callable[[Node, Scope, Common], "Step | None"]
