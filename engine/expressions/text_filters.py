"""Filters that work on text. Owns their behaviour; filters.py lists them. Each raises Refused for input it cannot use."""

from __future__ import annotations

from urllib.parse import quote

from engine.expressions.access import attribute_of, need_integer, need_list, need_text
from engine.expressions.errors import Refused
from engine.expressions.limits import MAX_ITEMS, MAX_TEXT
from engine.expressions.values import as_text, bounded, collected
from engine.strictjson import Json


def uuid(value: Json) -> str:
    path = need_text(value).split("?", 1)[0].split("#", 1)[0].rstrip("/")
    found = path.rsplit("/", 1)[-1]
    if not found or found.endswith(":"):
        raise Refused(
            "the value must be a resource URI such as https://api.example.com/things/AAA; this one has no last segment"
        )
    return found


def lower(value: Json) -> str:
    return need_text(value).lower()


def upper(value: Json) -> str:
    return bounded(need_text(value).upper())


def capitalize(value: Json) -> str:
    return need_text(value).capitalize()


def title(value: Json) -> str:
    return need_text(value).title()


def trim(value: Json, characters: Json = None) -> str:
    return need_text(value).strip(_characters(characters))


def trim_left(value: Json, characters: Json = None) -> str:
    return need_text(value).lstrip(_characters(characters))


def trim_right(value: Json, characters: Json = None) -> str:
    return need_text(value).rstrip(_characters(characters))


def replace(value: Json, old: Json, new: Json, count: Json = None) -> str:
    text, old, new = need_text(value), need_text(old, "what to replace"), need_text(new, "the replacement")
    if not old:
        raise Refused("what to replace is empty")
    times = text.count(old)
    if count is not None:
        times = min(times, need_integer(count, "count", 0, MAX_ITEMS))
    _check_length(len(text) + times * (len(new) - len(old)))
    return text.replace(old, new, times)


def split(value: Json, separator: Json = None, count: Json = -1) -> list[Json]:
    text, times = need_text(value), need_integer(count, "count", -1, MAX_ITEMS)
    if separator is not None and not need_text(separator, "the separator"):
        raise Refused("the separator is empty")
    at = None if separator is None else need_text(separator)
    pieces = text.split(at, MAX_ITEMS if times < 0 else times)
    return collected(pieces)


def join(value: Json, separator: Json = "", attribute: Json = None) -> str:
    between = need_text(separator, "the separator")
    items = need_list(value) if attribute is None else [attribute_of(item, attribute) for item in need_list(value)]
    pieces: list[str] = []
    length = 0
    for item in items:
        pieces.append(as_text(item))
        length += len(pieces[-1]) + len(between)
        _check_length(length - len(between))
    return between.join(pieces)


def concat(values: Json) -> str:
    """What ``~`` means."""
    return join(values)


def truncate(value: Json, length: Json = 255, end: Json = "…") -> str:
    text, tail, most = need_text(value), need_text(end, "the end"), need_integer(length, "length", 1, 100_000)
    if len(text) <= most:
        return text
    if len(tail) >= most:
        raise Refused(f"the end is not shorter than length ({most})")
    return text[: most - len(tail)] + tail


def starts_with(value: Json, start: Json) -> bool:
    return need_text(value).startswith(need_text(start, "the start"))


def ends_with(value: Json, end: Json) -> bool:
    return need_text(value).endswith(need_text(end, "the end"))


def url_quote(value: Json) -> str:
    text = as_text(value)
    return bounded(quote(text, safe=""))


def _check_length(length: int) -> None:
    if length > MAX_TEXT:
        raise Refused(f"the text is longer than {MAX_TEXT // 1024} KiB")


def _characters(given: Json) -> str | None:
    return None if given is None else need_text(given, "the characters to trim")
