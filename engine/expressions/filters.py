"""The filters. Owns the table of all that there are, from which the docs are made; their behaviour is in the *_filters files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

from jinja2.runtime import Undefined

from engine import strictjson
from engine.expressions import list_filters, number_filters, text_filters, time_filters
from engine.expressions.values import as_text, bounded, plain
from engine.strictjson import Json


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    """One filter. ``signature``: what goes in, the arguments with their defaults, what comes out. ``takes_missing``: may follow a
    field that is not there. ``in_map``: may be named in ``map('…')``."""

    name: str
    signature: str
    summary: str
    function: Callable[..., Json]
    takes_missing: bool = False
    in_map: bool = False


def _default(value: Json, fallback: Json = "", boolean: Json = False) -> Json:
    return fallback if isinstance(cast(object, value), Undefined) or (boolean and not value) else value


def _json(value: Json) -> str:
    return bounded(strictjson.dump(plain(value)))


_TEXT = (
    Filter(
        name="uuid",
        signature="text → text",
        summary="The last segment of a resource URI.",
        function=text_filters.uuid,
        in_map=True,
    ),
    Filter(
        name="lower", signature="text → text", summary="All letters small.", function=text_filters.lower, in_map=True
    ),
    Filter(
        name="upper", signature="text → text", summary="All letters capital.", function=text_filters.upper, in_map=True
    ),
    Filter(
        name="capitalize",
        signature="text → text",
        summary="The first letter capital, the rest small.",
        function=text_filters.capitalize,
        in_map=True,
    ),
    Filter(
        name="title",
        signature="text → text",
        summary="Each word's first letter capital.",
        function=text_filters.title,
        in_map=True,
    ),
    Filter(
        name="trim",
        signature="text (characters = white space) → text",
        summary="Without the characters at both ends.",
        function=text_filters.trim,
        in_map=True,
    ),
    Filter(
        name="replace",
        signature="text (old, new, count = all) → text",
        summary="Every old text replaced by the new one.",
        function=text_filters.replace,
        in_map=True,
    ),
    Filter(
        name="split",
        signature="text (separator = white space, count = all) → list of text",
        summary="The pieces between separators.",
        function=text_filters.split,
        in_map=True,
    ),
    Filter(
        name="join",
        signature="list (separator = '', attribute = none) → text",
        summary="The items, or a field of each, as one text.",
        function=text_filters.join,
        in_map=True,
    ),
    Filter(
        name="truncate",
        signature="text (length = 255, end = '…') → text",
        summary="At most length characters, the end included.",
        function=text_filters.truncate,
        in_map=True,
    ),
    Filter(
        name="urlencode",
        signature="any → text",
        summary="Percent-encoded for one segment or value of a URL.",
        function=text_filters.url_quote,
        in_map=True,
    ),
    Filter(
        name="string",
        signature="any → text",
        summary="As text: true, false, JSON for lists and objects, nothing for null.",
        function=as_text,
        in_map=True,
    ),
    Filter(name="json", signature="any → text", summary="As compact JSON.", function=_json, in_map=True),
)
_NUMBERS = (
    Filter(
        name="int",
        signature="text or number (default = an error) → whole number",
        summary="Reads a whole number; drops a fraction.",
        function=number_filters.integer,
        in_map=True,
    ),
    Filter(
        name="float",
        signature="text or number (default = an error) → number",
        summary="Reads a number.",
        function=number_filters.floating,
        in_map=True,
    ),
    Filter(
        name="round",
        signature="number (digits = 0, method = 'common') → number",
        summary="Rounded; the method is common, ceil or floor. Whole without digits.",
        function=number_filters.rounded,
        in_map=True,
    ),
    Filter(
        name="abs",
        signature="number → number",
        summary="Without its sign.",
        function=number_filters.absolute,
        in_map=True,
    ),
)
_LISTS = (
    Filter(
        name="length",
        signature="text, list or object → whole number",
        summary="How many characters, items or keys.",
        function=list_filters.length,
        in_map=True,
    ),
    Filter(
        name="first",
        signature="list or text → any",
        summary="The first item; missing when there is none.",
        function=list_filters.first,
        in_map=True,
    ),
    Filter(
        name="last",
        signature="list or text → any",
        summary="The last item; missing when there is none.",
        function=list_filters.last,
        in_map=True,
    ),
    Filter(
        name="list",
        signature="list, text or object → list",
        summary="A list: of the characters of a text, of the keys of an object.",
        function=list_filters.as_list,
        in_map=True,
    ),
    Filter(
        name="reverse",
        signature="list or text → list or text",
        summary="Back to front.",
        function=list_filters.reverse,
        in_map=True,
    ),
    Filter(
        name="sort",
        signature="list (reverse = false, attribute = none, case_sensitive = false) → list",
        summary="In order, of the items or of a field of each.",
        function=list_filters.sort,
    ),
    Filter(
        name="unique",
        signature="list → list",
        summary="Without repeats; the first of each stays.",
        function=list_filters.unique,
    ),
    Filter(
        name="unique_by",
        signature="list (attribute) → list",
        summary="Without items whose field repeats; the first of each stays.",
        function=list_filters.unique_by,
    ),
    Filter(
        name="sum",
        signature="list (attribute = none, start = 0) → number",
        summary="The sum of the items, or of a field of each.",
        function=list_filters.total,
    ),
    Filter(
        name="min",
        signature="list (attribute = none, case_sensitive = false) → any",
        summary="The smallest item; missing when there is none.",
        function=list_filters.smallest,
    ),
    Filter(
        name="max",
        signature="list (attribute = none, case_sensitive = false) → any",
        summary="The largest item; missing when there is none.",
        function=list_filters.largest,
    ),
    Filter(
        name="where",
        signature="list (attribute, value) → list",
        summary="The items whose field equals the value.",
        function=list_filters.where,
    ),
    Filter(
        name="pluck", signature="list (attribute) → list", summary="A field of each item.", function=list_filters.pluck
    ),
    Filter(
        name="select",
        signature="list (test = 'truthy', arguments…) → list",
        summary="The items for which the test holds.",
        function=list_filters.select,
    ),
    Filter(
        name="reject",
        signature="list (test = 'truthy', arguments…) → list",
        summary="The items for which the test does not hold.",
        function=list_filters.reject,
    ),
    Filter(
        name="selectattr",
        signature="list (attribute, test = 'truthy', arguments…) → list",
        summary="The items for whose field the test holds.",
        function=list_filters.select_attribute,
    ),
    Filter(
        name="rejectattr",
        signature="list (attribute, test = 'truthy', arguments…) → list",
        summary="The items for whose field the test does not hold.",
        function=list_filters.reject_attribute,
    ),
    Filter(
        name="keys", signature="object → list of text", summary="The keys.", function=list_filters.keys, in_map=True
    ),
    Filter(name="values", signature="object → list", summary="The values.", function=list_filters.values, in_map=True),
    Filter(
        name="items",
        signature="object → list of [key, value]",
        summary="The keys with their values.",
        function=list_filters.items,
        in_map=True,
    ),
)
_TIMES = (
    Filter(
        name="parse_time",
        signature="text (layout = RFC 3339) → time",
        summary="The time in UTC; without an offset in the text it is taken as UTC.",
        function=time_filters.parse_time,
        in_map=True,
    ),
    Filter(
        name="format_time",
        signature="time (tz = 'UTC', layout = '%Y-%m-%d %H:%M') → text",
        summary="The time as people of that zone write it.",
        function=time_filters.format_time,
        in_map=True,
    ),
    Filter(
        name="add",
        signature="time (duration) → time",
        summary="Later by a duration such as 30m, 1h30m, 2d or PT1H.",
        function=time_filters.add,
        in_map=True,
    ),
    Filter(
        name="minus",
        signature="time (duration) → time",
        summary="Earlier by a duration.",
        function=time_filters.minus,
        in_map=True,
    ),
)
_OTHER = (
    Filter(
        name="default",
        signature="any (fallback = '', boolean = false) → any",
        summary="The fallback when the field is missing; with boolean = true also when it is empty or null.",
        function=_default,
        takes_missing=True,
    ),
)
_PLAIN = (*_TEXT, *_NUMBERS, *_LISTS, *_TIMES, *_OTHER)
_MAP = Filter(
    name="map",
    signature="list (attribute = …, default = an error) or (filter, arguments…) → list",
    summary="A field of each item, or each item through a filter.",
    function=list_filters.mapping({each.name: each.function for each in _PLAIN if each.in_map}),
)

FILTERS: Mapping[str, Filter] = MappingProxyType(
    {each.name: each for each in sorted((*_PLAIN, _MAP), key=lambda each: each.name)}
)
