"""The Jinja sandbox. Owns what an expression can reach: keys of objects, items of lists, and the listed filters and tests.

Second of two walls. The first (syntax.py) lets only known kinds of syntax through; this one holds even for syntax that should not
have passed: nothing of Python is an attribute, nothing can be called, there are no globals, and operators are bounded.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import jinja2
from jinja2.lexer import TokenStream
from jinja2.runtime import Context, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import pass_context

from engine.errors import SettingsError
from engine.expressions import costs, tokens
from engine.expressions.arithmetic import BINARY, UNARY
from engine.expressions.code import Generator
from engine.expressions.errors import FilterRefused, Refused
from engine.expressions.filters import FILTERS
from engine.expressions.fuel import Fuel
from engine.expressions.methods import INTERNAL
from engine.expressions.missing import Missing
from engine.expressions.predicates import TESTS
from engine.expressions.values import type_name

OLDEST_SAFE = (3, 1, 6)
"""CVE-2025-27516: before 3.1.6 the ``attr`` filter leads out of the sandbox."""


_COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lteq": operator.le,
    "gt": operator.gt,
    "gteq": operator.ge,
    "in": lambda value, container: value in container,
    "notin": lambda value, container: value not in container,
}


class Frame(Context):
    """What one evaluation works on: the data, and the fuel that is left for it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fuel = Fuel()


class Sandbox(ImmutableSandboxedEnvironment):
    """Reads data by key and index only. Positions of syntax nodes (``lineno``) are offsets into the source, not lines."""

    intercepted_binops = frozenset(BINARY) | {"**"}
    intercepted_unops = frozenset(UNARY)
    code_generator_class = Generator
    context_class = Frame

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
        if isinstance(argument, int) and not isinstance(argument, bool):
            if isinstance(obj, list | tuple | str) and -len(obj) <= argument < len(obj):
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
        costs.add(_fuel(context), left, right)
        return BINARY[operator](left, right)

    def call_unop(self, context: Context, operator: str, arg: Any) -> Any:
        if isinstance(arg, Undefined):
            str(arg)
        return UNARY[operator](arg)

    def compare(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """A comparison, as the code of code.py calls it."""
        if not isinstance(left, Undefined) and not isinstance(right, Undefined):
            costs.compare(_fuel(context), operator, left, right)
        return _COMPARISONS[operator](left, right)

    def cut(self, context: Context, value: Any, start: Any, stop: Any, step: Any) -> Any:
        """A slice, as the code of code.py calls it."""
        costs.cut(_fuel(context), value)
        return value[start:stop:step]

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
    made.filters = {
        name: _guarded(name, each.function, costs.FILTER_COSTS[name], each.takes_missing)
        for name, each in FILTERS.items()
    }
    made.filters |= {
        name: _guarded(name, function, costs.METHOD_COSTS[name.removeprefix(".")])
        for name, function in INTERNAL.items()
    }
    made.tests = {
        name: _guarded(name, each.function, costs.TEST_COSTS[name], each.takes_missing) for name, each in TESTS.items()
    }
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


def _fuel(context: Context) -> Fuel:
    assert isinstance(context, Frame)
    return context.fuel


def _guarded(
    name: str, function: Callable[..., object], cost: costs.Cost, takes_missing: bool = False
) -> Callable[..., object]:
    """The function as Jinja calls it: no missing value comes in where none may, and its work is paid for first."""
    shown = name.lstrip(".")

    @pass_context
    def call(context: Context, *args: Any, **options: Any) -> object:
        for value in (*(args[1:] if takes_missing else args), *options.values()):
            if isinstance(value, Undefined):
                str(value)
        try:
            cost(_fuel(context), *args, **options)
            return function(*args, **options)
        except FilterRefused:
            raise
        except Refused as refused:
            raise FilterRefused(shown, str(refused)) from None

    return call
