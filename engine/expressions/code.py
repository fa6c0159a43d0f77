"""The Python code that Jinja writes from an expression. Owns what of it goes through the sandbox that Jinja would do by itself:
comparisons and slices, which take as long as their operands are large.
"""

from __future__ import annotations

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame


class Generator(CodeGenerator):
    """Writes ``environment.compare(…)`` for a comparison and ``environment.cut(…)`` for a slice."""

    def visit_Compare(self, node: nodes.Compare, frame: Frame) -> None:  # noqa: N802  Jinja's name
        """``a < b < c`` is ``compare(a, b) and compare(b, c)`` with ``b`` worked out once, and ``c`` only when it matters."""
        self.write("(")
        left: nodes.Expr | str = node.expr
        for position, operand in enumerate(node.ops):
            is_last = position == len(node.ops) - 1
            self.write(f"{' and ' if position else ''}environment.compare(context, {operand.op!r}, ")
            self._write(left, frame)
            name = "" if is_last else self.temporary_identifier()
            self.write(", " if is_last else f", ({name} := ")
            self.visit(operand.expr, frame)
            self.write(")" if is_last else "))")
            left = name
        self.write(")")

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:  # noqa: N802
        if not isinstance(node.arg, nodes.Slice):
            super().visit_Getitem(node, frame)
            return
        self.write("environment.cut(context, ")
        self.visit(node.node, frame)
        for bound in (node.arg.start, node.arg.stop, node.arg.step):
            self.write(", ")
            self.write("None") if bound is None else self.visit(bound, frame)
        self.write(")")

    def _write(self, operand: nodes.Expr | str, frame: Frame) -> None:
        if isinstance(operand, str):
            self.write(operand)
        else:
            self.visit(operand, frame)
