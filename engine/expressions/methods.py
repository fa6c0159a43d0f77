"""Methods that values have, as in ``email.split('@')``. Owns the table; a method is called where it is named and is never a value.

A key of an object wins over a method of the same name: ``order.items`` is always data. What this file offers is reached only through
syntax.py, which turns a call into a filter whose name begins with a dot, which no author can write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from engine.expressions import list_filters, text_filters
from engine.expressions.errors import Refused
from engine.expressions.values import type_name
from engine.strictjson import Json

CONCAT = ".~"

TEXT_METHODS: Mapping[str, Callable[..., Json]] = MappingProxyType(
    {
        "split": text_filters.split,
        "lower": text_filters.lower,
        "upper": text_filters.upper,
        "title": text_filters.title,
        "capitalize": text_filters.capitalize,
        "strip": text_filters.trim,
        "lstrip": text_filters.trim_left,
        "rstrip": text_filters.trim_right,
        "startswith": text_filters.starts_with,
        "endswith": text_filters.ends_with,
        "replace": text_filters.replace,
    }
)
OBJECT_METHODS: Mapping[str, Callable[..., Json]] = MappingProxyType(
    {"get": list_filters.get, "keys": list_filters.keys, "values": list_filters.values, "items": list_filters.items}
)


def _method(name: str) -> Callable[..., Json]:
    on_text, function = name in TEXT_METHODS, TEXT_METHODS.get(name) or OBJECT_METHODS[name]

    def call(value: Json, *args: Json, **options: Json) -> Json:
        if isinstance(value, Mapping) and name in value:
            raise Refused(
                "this object has a field of that name; write it without ()"
                if on_text
                else f"this object has a field of that name; use the filter | {name} for the method, or no () for the field"
            )
        if not isinstance(value, str if on_text else Mapping):
            raise Refused(f"{type_name(value)} has no such method; {'text' if on_text else 'an object'} has it")
        return function(value, *args, **options)

    return call


INTERNAL: Mapping[str, Callable[..., Json]] = MappingProxyType(
    {CONCAT: text_filters.concat, **{f".{name}": _method(name) for name in (*TEXT_METHODS, *OBJECT_METHODS)}}
)
