"""Expressions and templates. Owns compiling and evaluating them; the public face of this package.

Expression    a bare expression (``if``, ``foreach`` …): evaluates to JSON
Value         what stands under ``with:``, ``set:``, ``outputs:`` …: JSON whose texts may hold ``{{ }}``; renders to JSON
"""

from engine.expressions.compile import Expression, compile_expression
from engine.expressions.render import Value, compile_value

__all__ = ["Expression", "Value", "compile_expression", "compile_value"]
