"""The tree of a run's steps, for people. Owns its order, its signs, and which iterations of a long loop stand in it; reads and prints nothing.

Steps stand in the order of the flow's own file, whatever ran first; containers hold their children, iterations are ``[i]``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import click

from engine.cli.output import plain, took
from engine.core.statuses import StepStatus
from engine.flow.model import Flow
from engine.journal.records import Run, StepRow
from engine.runtime.rehearsal.paths import patterns
from engine.strictjson import JsonObject

SIGNS: Mapping[StepStatus, tuple[str, str]] = {
    StepStatus.RUNNING: ("▸", "cyan"),
    StepStatus.WAITING: ("…", "yellow"),
    StepStatus.SUCCEEDED: ("✓", "green"),
    StepStatus.FAILED: ("✗", "red"),
    StepStatus.SKIPPED: ("-", "bright_black"),
    StepStatus.UNCERTAIN: ("?", "magenta"),
    StepStatus.CANCELLED: ("⊘", "bright_black"),
}

WHOLE = 12
"""A loop of so many iterations is shown whole; of a longer one:"""
FIRST = 3
"""its first iterations,"""
UNWELL = 5
"""and so many of the others in which a step did not succeed, the last ones: where it stands, or where it ended."""

_SEGMENT = re.compile(r"[^.\[\]]+|\[\d+\]")
_ITERATION = re.compile(r"\[(\d+)\]")
_WELL = frozenset({StepStatus.SUCCEEDED, StepStatus.SKIPPED})
_HOLDS = frozenset({"foreach", "until", "parallel", "group"})
_LAST = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Shortened:
    """``paths``: what is shown. ``more``: by the path of a loop, how many iterations are not, and how many of these are not well."""

    paths: tuple[str, ...]
    more: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def shortened(outline: Iterable[tuple[str, StepStatus]]) -> Shortened:
    """What a person is shown of these paths."""
    loops: dict[str, dict[int, bool]] = {}
    known = list(outline)
    for path, status in known:
        for found in _ITERATION.finditer(path):
            numbers = loops.setdefault(path[: found.start()], {})
            numbers[int(found[1])] = numbers.get(int(found[1]), True) and status in _WELL
    shown = {loop: _shown(numbers) for loop, numbers in loops.items()}
    hidden = {
        loop: [number for number in numbers if number not in shown[loop]]
        for loop, numbers in loops.items()
        if _is_shown(loop, shown)
    }
    return Shortened(
        paths=tuple(path for path, _ in known if _is_shown(path, shown)),
        more={
            loop: (len(numbers), sum(not loops[loop][number] for number in numbers))
            for loop, numbers in hidden.items()
            if numbers
        },
    )


def _shown(numbers: Mapping[int, bool]) -> frozenset[int]:
    if len(numbers) <= WHOLE:
        return frozenset(numbers)
    inner = sorted(numbers)
    unwell = [number for number in inner[FIRST:] if not numbers[number]]
    return frozenset([*inner[:FIRST], *unwell[-UNWELL:]])


def _is_shown(path: str, shown: Mapping[str, frozenset[int]]) -> bool:
    return all(int(found[1]) in shown[path[: found.start()]] for found in _ITERATION.finditer(path))


@dataclass(frozen=True, kw_only=True)
class StepTree:
    """The steps of one run. ``children``: the runs that they started, by path. ``more``: as in ``Shortened``.

    ``copied``: the paths of what another run did, which this one does again from a later step on.
    """

    steps: Sequence[StepRow]
    flow: Flow | None
    children: Mapping[str, Run] = field(default_factory=dict)
    more: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    copied: frozenset[str] = frozenset()
    _ranks: dict[str, int] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        attempts: dict[str, list[StepRow]] = {}
        for row in self.steps:
            for path in _ancestry(row.path):
                attempts.setdefault(path, [])
            attempts[row.path].append(row)
        if not attempts:
            yield "no step has started"
            return
        width = max(len(_label(path, " ")) for path in attempts)
        uses = max(len(row.uses) for row in self.steps)
        words = {f"{loop}[{_LAST}]": _more_words(*counts) for loop, counts in self.more.items()}
        for path in sorted([*attempts, *words], key=self.key):
            if path in words:
                yield f"{' ' * depth(path)}… {words[path]}"
            else:
                yield from self._step(path, sorted(attempts[path], key=lambda row: row.attempt), width, uses)

    def _step(self, path: str, attempts: Sequence[StepRow], width: int, uses: int) -> Iterator[str]:
        if not attempts:
            yield _label(path, " ")
            return
        last = attempts[-1]
        sign, colour = SIGNS[last.status]
        label = _label(path, sign).ljust(width).replace(sign, click.style(sign, fg=colour), 1)
        words = [last.uses.ljust(uses), click.style(last.status.value, fg=colour)]
        words += [f"{last.attempt} attempts"] if last.attempt > 1 else []
        words += [duration] if (duration := _duration(attempts, self.children.get(path))) else []
        words += [f"waits for {plain(last.waiting_for)}"] if last.waiting_for else []
        words += ["from the origin"] if path in self.copied else []
        words += [f"settled: {last.settled.replace('_', ' ')}"] if last.settled is not None else []
        words += [f"run {self.children[path].id}"] if path in self.children else []
        yield f"{label}  {'  '.join(words)}"
        indent = " " * (depth(path) + 4)
        for row in attempts:
            if row.error is not None and _is_own(row):
                yield f"{indent}{f'attempt {row.attempt}: ' if len(attempts) > 1 else ''}{error_line(row.error)}"

    def key(self, path: str) -> tuple[tuple[int, int], ...]:
        """Sorts a path after its container, and among its neighbours as the file has them."""
        found = []
        name = ""
        for segment in _segments(path):
            if segment.startswith("["):
                name += "[]"
                found.append((0, int(segment[1:-1])))
            else:
                name = f"{name}.{segment}" if name else segment
                found.append((self._rank(name), 0))
        return tuple(found)

    def _rank(self, name: str) -> int:
        if name.endswith("[].interval"):
            return -1  # what a round of until begins with, and no step of the file
        if name in self._order:
            return self._order[name]
        # Not in the file, or the file cannot be read: in the order of appearance, after what is known.
        return self._ranks.setdefault(name, _LAST + len(self._ranks))

    @cached_property
    def _order(self) -> Mapping[str, int]:
        """Every step and what holds it (a branch, a handler), without the numbers of iterations, in the order of the file."""
        names: dict[str, None] = {}
        for pattern in patterns(self.flow) if self.flow is not None else ():
            parts = pattern.split(".")
            names |= dict.fromkeys(".".join(parts[: end + 1]) for end in range(len(parts)))
        return {name: number for number, name in enumerate(names)}


def _more_words(count: int, unwell: int) -> str:
    how = f"{unwell:,} of them with steps that did not succeed" if unwell else "all succeeded"
    return f"{count:,} more iteration{'' if count == 1 else 's'}, {how}; --all shows them"


def _is_own(row: StepRow) -> bool:
    """A container's failure is that of a step inside it, which says it already."""
    return row.error is not None and row.error.get("step") in (row.path, None, "")


def _segments(path: str) -> list[str]:
    found: list[str] = _SEGMENT.findall(path)
    return found


def depth(path: str) -> int:
    return 2 * len(_segments(path))


def _label(path: str, sign: str) -> str:
    return f"{' ' * depth(path)}{sign} {_segments(path)[-1]}"


def _ancestry(path: str) -> Iterator[str]:
    """Every container's path, outermost first, then the path itself."""
    text = ""
    for segment in _segments(path):
        text += segment if segment.startswith("[") or not text else f".{segment}"
        yield text


def _duration(attempts: Sequence[StepRow], child: Run | None) -> str:
    """From the first attempt's start (of a step that waits: from when it was come to) to the last one's end; nothing for steps that take none."""
    begun = [row.begun_at or row.started_at for row in attempts]
    starts = [start for start in [*begun, child.created_at if child is not None else None] if start is not None]
    uses = attempts[-1].uses
    takes_time = "." in uses or uses in _HOLDS or uses == "wait" or uses.startswith("flow ")
    if not starts or not takes_time or attempts[-1].status is StepStatus.SKIPPED:
        return ""
    if uses in _HOLDS and attempts[-1].ended_at == min(starts):
        return ""  # what holds steps is often written only when it is through
    return took(min(starts), attempts[-1].ended_at)


def error_line(error: JsonObject) -> str:
    status = f" {error['status']}" if error.get("status") else ""
    return plain(f"{error.get('kind') or 'error'}{status}: {error.get('message') or ''}")
