"""A played run against what a test expects of it. Owns what each key of ``expect`` means; how two values differ is differences.py's."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.statuses import RunStatus
from engine.core.times import lasting
from engine.flow.model import Flow
from engine.flow.node import Node
from engine.runtime.rehearsal.cases import NOT_REACHED, Case
from engine.runtime.rehearsal.differences import Problem, compare, compare_message, shortened
from engine.runtime.rehearsal.mocks import span_of
from engine.runtime.rehearsal.paths import located, without_numbers
from engine.runtime.rehearsal.played import Acted, Played
from engine.strictjson import Json, JsonObject


class Comparison:
    """Compares one run with the expectations at ``expect``; None expects success."""

    def __init__(self, flow: Flow, case: Case, expect: Node | None, played: Played) -> None:
        self._flow = flow
        self._case = case
        self._expect = expect
        self._played = played

    def problems(self) -> Iterator[Problem]:
        yield from self._status()
        expect, played = self._expect, self._played
        if expect is None:
            return
        message, outputs = expect.child("message"), expect.child("outputs")
        if message is not None:
            yield from compare_message(message, self._said, "message")
        yield from _span(expect.child("waited"), played.waited_ms, "waited")
        yield from _span(expect.child("took"), played.took_ms, "took")
        for name, node in _children(expect.optional("steps")):
            yield from self._step(name, node)
        if outputs is not None:
            yield from compare(outputs, played.ending.outputs, "outputs")
        yield from self._order(expect.optional("order"))
        not_called = expect.optional("not_called")
        for item in not_called.items("not_called: [step_id]") if not_called is not None else ():
            yield from self._not_called(item)

    @property
    def _said(self) -> str | None:
        ending = self._played.ending
        return ending.message or (ending.error.message if ending.error is not None else None)

    def _status(self) -> Iterator[Problem]:
        node = self._expect.child("status") if self._expect is not None else None
        expected = node.data if node is not None else RunStatus.SUCCEEDED.value
        ending = self._played.ending
        if ending.status == expected:
            return
        error = ending.error
        why = f"  {error.step}: {error.kind}: {error.message}" if error is not None else f"  {ending.message or ''}"
        place = [f"  {error.place}"] if error is not None and error.place else []
        diff = (f"- expected {expected}", f"+ happened {ending.status.value}", *([why] if why.strip() else []), *place)
        at = node or self._expect
        yield Problem(
            place=at.place if node is not None and at is not None else self._case.place, what="status", diff=diff
        )

    def _step(self, name: str, node: Node) -> Iterator[Problem]:
        path = self._path(name)
        acted = self._played.steps.get(path)
        for key, child in _children(node):
            what = f"steps.{name}.{key}"
            match key:
                case "status":
                    yield from compare(child, acted.status.value if acted is not None else NOT_REACHED, what)
                case "attempts":
                    yield from compare(child, len(acted.tries) if acted is not None else 0, what)
                case "error":
                    error = acted.error if acted is not None else None
                    yield from _error(child, error.to_json() if error is not None else None, what)
                case "waited":
                    yield from _span(child, self._played.waited_in(path), what)
                case "took":
                    yield from _span(child, self._played.took_in(path), what)
                case _:
                    yield from compare(child, _part(acted, key), what)

    def _path(self, name: str) -> str:
        """The path of the one step that a name means; the reader has seen that it is one."""
        found = None if "[" in name else located(self._flow, name, self._case.children)
        return found.pattern if found is not None else name

    def _order(self, node: Node | None) -> Iterator[Problem]:
        """Whether the steps ended one after the other as they are listed; others may stand between them."""
        items = node.items("order: [step_id, step_id]") if node is not None else ()
        names = [str(item.data) for item in items]
        ended = list(self._played.steps)
        happened = sorted(
            (name for name in names if self._path(name) in ended), key=lambda name: ended.index(self._path(name))
        )
        if node is not None and happened != names:
            missing = [f"  {name} was not reached" for name in names if name not in happened]
            diff = (f"- expected {', '.join(names)}", f"+ happened {', '.join(happened)}", *missing)
            yield Problem(place=node.place, what="order", diff=diff)

    def _not_called(self, item: Node) -> Iterator[Problem]:
        name = str(item.data)
        wanted = name if "[" in name else self._path(name).replace("[]", "")
        called = [
            acted
            for path, acted in self._played.steps.items()
            if acted.tries and wanted in (path, without_numbers(path))
        ]
        if called:
            diff = [f"+ {acted.path} was given {shortened(acted.tries[0].given)}" for acted in called[:5]]
            yield Problem(place=item.place, what=f"{item.data} was called", diff=tuple(diff))


def _children(node: Node | None) -> Iterator[tuple[str, Node]]:
    if node is not None:
        yield from node.children()


def _span(node: Node | None, ms: int, what: str) -> Iterator[Problem]:
    if node is not None and span_of(node) != ms:
        yield Problem(place=node.place, what=what, diff=(f"- expected {node.data}", f"+ happened {lasting(ms)}"))


def _part(acted: Acted | None, key: str) -> Json:
    if acted is None:
        return None
    if key == "input":
        return acted.tries[-1].given if acted.tries else None
    return acted.output


def _error(node: Node, actual: JsonObject | None, what: str) -> Iterator[Problem]:
    message = node.child("message")
    if message is not None and actual is not None:
        yield from compare_message(message, str(actual["message"]), f"{what}.message")
        actual = {**actual, "message": message.data}
    yield from compare(node, actual, what)
