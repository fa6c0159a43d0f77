"""Which data an expression reads. Owns finding the dotted paths in a syntax tree and whether a missing field is dealt with there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jinja2 import nodes

from engine.errors import Place

Path: TypeAlias = "tuple[str | int | None, ...]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reference:
    """One path as an expression reads it, such as ``("trigger", "payload", "email")``; None stands for an index that is computed.

    ``places`` has the place of each part, ``place`` is that of the first. ``guarded``: the expression deals with the path's absence,
    by ``default``, or by asking ``is defined`` or ``'key' in object`` before.
    """

    path: Path
    place: Place
    guarded: bool
    places: tuple[Place, ...]

    def __str__(self) -> str:
        return shown(self.path)


def shown(path: Path) -> str:
    """The path as an author writes it."""
    text = ""
    for part in path:
        if isinstance(part, str) and part.isidentifier():
            text += f".{part}" if text else part
        else:
            text += "[…]" if part is None else f"[{part!r}]"
    return text


def references(tree: nodes.Expr, text: str, place_of: Callable[[int], Place]) -> Iterator[Reference]:
    """Every maximal path in ``tree``, in the order of the text. ``place_of(offset)``: where a character of the text stands."""
    finder = _Finder(text)
    finder.visit(tree, frozenset(), guarded=False)
    for path, offsets, guarded in sorted(finder.found, key=lambda each: each[1]):
        places = tuple(place_of(offset) for offset in offsets)
        yield Reference(path=path, place=places[0], guarded=guarded, places=places)


class _Finder:
    def __init__(self, text: str) -> None:
        self._text = text
        self.found: list[tuple[Path, tuple[int, ...], bool]] = []

    def visit(self, node: nodes.Node, proven: frozenset[Path], *, guarded: bool) -> None:
        """Collect below ``node``, where the paths in ``proven`` are known to be there."""
        chain = self._chain(node)
        if chain:
            path, offsets = chain
            self.found.append((path, offsets, guarded or any(path[: len(known)] == known for known in proven)))
            self._visit_indexes(node, proven)
        elif isinstance(node, nodes.And | nodes.Or):
            self.visit(node.left, proven, guarded=False)
            self.visit(node.right, proven | _proven(node.left, isinstance(node, nodes.And)), guarded=False)
        elif isinstance(node, nodes.CondExpr):
            self.visit(node.test, proven, guarded=False)
            self.visit(node.expr1, proven | _proven(node.test, True), guarded=guarded)
            if node.expr2 is not None:
                self.visit(node.expr2, proven | _proven(node.test, False), guarded=guarded)
        else:
            self._visit_children(node, proven, guarded)

    def _visit_children(self, node: nodes.Node, proven: frozenset[Path], guarded: bool) -> None:
        dealt_with = _takes_missing(node)
        passes_on = isinstance(node, nodes.Getattr | nodes.Getitem)
        for child in node.iter_child_nodes():
            is_subject = child is getattr(node, "node", None)
            self.visit(child, proven, guarded=is_subject and (dealt_with or (passes_on and guarded)))

    def _visit_indexes(self, node: nodes.Node, proven: frozenset[Path]) -> None:
        while isinstance(node, nodes.Getattr | nodes.Getitem):
            if isinstance(node, nodes.Getitem) and not isinstance(node.arg, nodes.Const):
                self.visit(node.arg, proven, guarded=False)
            node = node.node

    def _chain(self, node: nodes.Node) -> tuple[Path, tuple[int, ...]] | None:
        parts: list[tuple[str | int | None, int]] = []
        while isinstance(node, nodes.Getattr | nodes.Getitem):
            if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Slice):
                return None
            parts.append((key_of(node), word_of(node, self._text)))
            node = node.node
        if not isinstance(node, nodes.Name):
            return None
        parts.append((node.name, node.lineno))
        parts.reverse()
        return tuple(key for key, _ in parts), tuple(offset for _, offset in parts)


def word_of(node: nodes.Getattr | nodes.Getitem, text: str) -> int:
    """The offset of the field's name. Jinja gives that of the dot or bracket; the author's eye wants the word."""
    offset = node.lineno + 1
    while offset < len(text) and text[offset].isspace():
        offset += 1
    return offset + (isinstance(node, nodes.Getitem) and text[offset : offset + 1] in ("'", '"'))


def start_of(node: nodes.Node) -> int:
    """The offset of the first character of an expression."""
    while True:
        first = _first_part(node)
        if first is None:
            return node.lineno
        node = first


def _first_part(node: nodes.Node) -> nodes.Node | None:
    if isinstance(node, nodes.Getattr | nodes.Getitem | nodes.Test):
        return node.node
    if isinstance(node, nodes.Filter):
        return node.node
    if isinstance(node, nodes.Not) and isinstance(node.node, nodes.Test):
        # ``a is not b`` is a negated test; its own place is that of ``is``.
        return node.node if start_of(node.node) < node.lineno else None
    if isinstance(node, nodes.Compare):
        return node.expr
    if isinstance(node, nodes.BinExpr):
        return node.left
    return node.expr1 if isinstance(node, nodes.CondExpr) else None


def path_of(node: nodes.Node) -> Path | None:
    """The path that ``node`` is, or None when it is something else."""
    parts: list[str | int | None] = []
    while isinstance(node, nodes.Getattr | nodes.Getitem):
        parts.append(key_of(node))
        node = node.node
    return (node.name, *reversed(parts)) if isinstance(node, nodes.Name) else None


def key_of(node: nodes.Getattr | nodes.Getitem) -> str | int | None:
    """What is read of the value before it; None for an index that is computed."""
    if isinstance(node, nodes.Getattr):
        return node.attr
    value = node.arg.value if isinstance(node.arg, nodes.Const) else None
    return value if isinstance(value, str | int) and not isinstance(value, bool) else None


def _takes_missing(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Filter):
        return node.name == "default"
    return isinstance(node, nodes.Test) and node.name in ("defined", "undefined")


def _proven(node: nodes.Node, truth: bool) -> frozenset[Path]:
    """The paths that are there whenever ``node`` is ``truth``."""
    if isinstance(node, nodes.Not):
        return _proven(node.node, not truth)
    if isinstance(node, nodes.And if truth else nodes.Or):
        return _proven(node.left, truth) | _proven(node.right, truth)
    if isinstance(node, nodes.Test) and node.name == ("defined" if truth else "undefined"):
        path = path_of(node.node)
        return frozenset() if path is None or None in path else frozenset((path,))
    return _key_in_object(node) if truth else frozenset()


def _key_in_object(node: nodes.Node) -> frozenset[Path]:
    if not (
        isinstance(node, nodes.Compare)
        and len(node.ops) == 1
        and node.ops[0].op == "in"
        and isinstance(node.expr, nodes.Const)
    ):
        return frozenset()
    path = path_of(node.ops[0].expr)
    return frozenset() if path is None or None in path else frozenset(((*path, node.expr.value),))
