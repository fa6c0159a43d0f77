"""The Jinja sandbox. Owns what an expression can reach: keys of objects, items of lists, and the listed filters and tests.

Second of two walls. The first (syntax.py) lets only known kinds of syntax through; this one holds even for syntax that should not
have passed: nothing of Python is an attribute, nothing can be called, there are no globals, and operators are bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import jinja2
from jinja2.lexer import TokenStream
from jinja2.runtime import Context, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from engine.errors import SettingsError
from engine.expressions import tokens
from engine.expressions.arithmetic import BINARY, UNARY
from engine.expressions.errors import FilterRefused, Refused
from engine.expressions.filters import FILTERS
from engine.expressions.methods import INTERNAL
from engine.expressions.missing import Missing
from engine.expressions.predicates import TESTS
from engine.expressions.values import type_name

OLDEST_SAFE = (3, 1, 6)
"""CVE-2025-27516: before 3.1.6 the ``attr`` filter leads out of the sandbox."""


class Sandbox(ImmutableSandboxedEnvironment):
    """Reads data by key and index only. Positions of syntax nodes (``lineno``) are offsets into the source, not lines."""

    intercepted_binops = frozenset(BINARY) | {"**"}
    intercepted_unops = frozenset(UNARY)

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Undefined):
            return obj
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        return Missing(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(argument, str):
            return self.getattr(obj, argument)
        if isinstance(obj, Undefined):
            return obj
        if isinstance(argument, Undefined):
            str(argument)
        if isinstance(obj, list | tuple | str) and isinstance(argument, int) and not isinstance(argument, bool):
            if -len(obj) <= argument < len(obj):
                return obj[argument]
            return Missing(obj=obj, name=argument)
        raise Refused(f"{type_name(obj)} has no element [{type_name(argument)}]")

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return False

    def is_safe_callable(self, obj: Any) -> bool:
        return False

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        for side in (left, right):
            if isinstance(side, Undefined):
                str(side)
        if operator not in BINARY:
            raise Refused(f"the operator {operator} is not allowed")
        return BINARY[operator](left, right)

    def call_unop(self, context: Context, operator: str, arg: Any) -> Any:
        if isinstance(arg, Undefined):
            str(arg)
        return UNARY[operator](arg)

    def _tokenize(
        self, source: str, name: str | None, filename: str | None = None, state: str | None = None
    ) -> TokenStream:
        return TokenStream(self.lexer.wrap(tokens.by_offset(self.lexer, source, state)), name, filename)


@cache
def sandbox() -> Sandbox:
    """The one environment. Raises SettingsError when the installed Jinja is older than the last known escape."""
    refuse_old_jinja(jinja2.__version__)
    made = Sandbox(
        undefined=Missing, autoescape=False, keep_trailing_newline=True, optimized=False, cache_size=0, extensions=()
    )
    made.globals.clear()
    made.filters = {name: _guarded(name, each.function, each.takes_missing) for name, each in FILTERS.items()}
    made.filters |= {name: _guarded(name, function, False) for name, function in INTERNAL.items()}
    made.tests = {name: _guarded(name, each.function, each.takes_missing) for name, each in TESTS.items()}
    return made


def refuse_old_jinja(version: str) -> None:
    """Raises SettingsError for a Jinja with a known way out of its sandbox."""
    numbers = tuple(int(part) for part in version.split(".")[:3] if part.isdigit())
    if numbers < OLDEST_SAFE:
        wanted = ".".join(map(str, OLDEST_SAFE))
        raise SettingsError(
            f"Jinja2 {version} is installed, but expressions are only safe from {wanted} on (CVE-2025-27516)",
            remedy=f"Install jinja2 {wanted} or newer.",
        )


def _guarded(name: str, function: Callable[..., object], takes_missing: bool) -> Callable[..., object]:
    shown = name.lstrip(".")

    def call(*args: Any, **options: Any) -> object:
        for value in (*(args[1:] if takes_missing else args), *options.values()):
            if isinstance(value, Undefined):
                str(value)
        try:
            return function(*args, **options)
        except FilterRefused:
            raise
        except Refused as refused:
            raise FilterRefused(shown, str(refused)) from None

    return call
