"""JSON values as YAML text. Owns a form that our reader reads back as exactly the same value; knows nothing of what it writes.

PyYAML's writer follows YAML 1.1, so that ``0o17`` as text would come back as a number: here every text that is not a plain word is in
double quotes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from engine.flow.scalars import resolve
from engine.strictjson import Json, JsonObject

WIDEST = 110
"""Characters of a list or mapping that stands on one line."""

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_./@-]*", re.ASCII)
_UNSEEN = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def yaml_lines(value: Json, indent: str = "") -> Iterator[str]:
    """The value in block style, small parts of it on one line each. Of a scalar or something small: one line."""
    short = flow_style(value)
    if len(indent) + len(short) <= WIDEST or not isinstance(value, Mapping | list | tuple):
        yield f"{indent}{short}"
    elif isinstance(value, Mapping):
        yield from mapping_lines(value, indent)
    else:
        for item in value:
            first, *rest = yaml_lines(item, f"{indent}  ")
            yield f"{indent}- {first[len(indent) + 2 :]}"
            yield from rest


def mapping_lines(value: JsonObject, indent: str = "") -> Iterator[str]:
    """A mapping with each key on a line of its own, however small it is."""
    for key, item in value.items():
        head, short = f"{indent}{scalar(key)}:", flow_style(item)
        if len(head) + len(short) < WIDEST or not isinstance(item, Mapping | list | tuple):
            yield f"{head} {short}"
        else:
            yield head
            yield from yaml_lines(item, f"{indent}  ")


def flow_style(value: Json) -> str:
    """The value on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {flow_style(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(flow_style, value)) + "]"
    return scalar(value)


def scalar(value: bool | float | str | None) -> str:
    if isinstance(value, str) and _WORD.fullmatch(value) and isinstance(resolve(value), str):
        return value
    text = json.dumps(value, ensure_ascii=False)
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
