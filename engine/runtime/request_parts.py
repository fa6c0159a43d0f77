"""The parts of a request to a service: its URL below the base, its body, its headers. Owns their form; it sends nothing and knows no connection."""

from __future__ import annotations

import json as stdjson
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlencode, urlsplit

from engine.sdk.errors import Kind, ServiceError
from engine.sdk.http import Param, Params
from engine.strictjson import Json

_DOTS = frozenset({".", ".."})


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """``content`` as it is sent, and what it is. ``kind`` None: there is no body."""

    content: bytes | None = None
    kind: str | None = None


def joined(base: str, path: str, params: Params | None) -> str:
    """The URL of ``path`` (or of a URL that is below ``base`` already) with its query. Raises ServiceError(INVALID) for any other place."""
    base = base.rstrip("/")
    url = base + path if path.startswith("/") else path
    if not _below(url, base):
        raise ServiceError(Kind.INVALID, f"{_shown(path)} is not below the connection's base URL {base}")
    query = urlencode(list(_pairs(params or {})))
    return f"{url}{'&' if '?' in url else '?'}{query}" if query else url


def body_of(json: Json, form: Params | None, text: str | None) -> Body:
    """The one body that is given. Raises ServiceError(INVALID) for more than one."""
    if sum(given is not None for given in (json, form, text)) > 1:
        raise ServiceError(Kind.INVALID, "a request has one body: json, form or text")
    if json is not None:
        content = stdjson.dumps(json, ensure_ascii=False, separators=(",", ":")).encode()
        return Body(content=content, kind="application/json")
    if form is not None:
        return Body(content=urlencode(list(_pairs(form))).encode(), kind="application/x-www-form-urlencoded")
    return Body() if text is None else Body(content=text.encode(), kind="text/plain; charset=utf-8")


def headers_of(body: Body, given: Mapping[str, str], credentials: Mapping[str, str]) -> dict[str, str]:
    """The client's own headers, under those that are given. Raises ServiceError(INVALID) when one would replace a credential."""
    secret = {name.lower() for name in credentials}
    for name in given:
        if name.lower() in secret:
            raise ServiceError(Kind.INVALID, f"the header {name} carries the connection's credentials; leave it out")
    own = {"Accept": "application/json"} | ({"Content-Type": body.kind} if body.kind else {})
    named = {name.lower() for name in given}
    return {**{name: value for name, value in own.items() if name.lower() not in named}, **given, **credentials}


def with_key(headers: Mapping[str, str], name: str, key: str, credentials: Mapping[str, str]) -> dict[str, str]:
    """With the key in the header of this name, whatever stood there. Raises ServiceError(INVALID) when a credential does."""
    if name.lower() in {other.lower() for other in credentials}:
        raise ServiceError(
            Kind.INVALID, f"the header {name} carries the connection's credentials, and cannot carry the key"
        )
    return {**{other: value for other, value in headers.items() if other.lower() != name.lower()}, name: key}


def _pairs(params: Params) -> Iterator[tuple[str, str]]:
    for name, value in params.items():
        if isinstance(value, str | int | float):
            yield name, _text(value)
        elif value is not None:
            yield from ((name, _text(item)) for item in value)


def _text(value: Param) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _below(url: str, base: str) -> bool:
    """Whether the URL stays below the base. Dot segments are resolved on the way out, and so could lead anywhere on the host."""
    try:
        given, allowed = urlsplit(url), urlsplit(base)
    except ValueError:
        return False
    same = (given.scheme, given.netloc) == (allowed.scheme, allowed.netloc)
    plain = not given.fragment and "\\" not in given.path and _DOTS.isdisjoint(unquote(given.path).split("/"))
    return same and plain and given.path.startswith(allowed.path.rstrip("/") + "/")


def _shown(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."
