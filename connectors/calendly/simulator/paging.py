"""Pages of collections. Owns count, opaque page tokens and the links to the neighbours, which keep the filters."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from starlette.requests import Request

from connectors.calendly.simulator.domain import JsonDict
from connectors.calendly.simulator.ids import Ids
from connectors.calendly.simulator.problems import Problem

_DEFAULT, _MOST = 20, 100


class Pager:
    """Gives out page tokens and knows what they stand for."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._offsets: dict[str, int] = {}
        self._tokens: dict[int, str] = {}

    def page(self, request: Request, rows: Sequence[JsonDict], base: str) -> JsonDict:
        """One page of the rows as ``{collection, pagination}``. Raises Problem 400 for a bad count or token."""
        count, offset = _count(request), self._offset(request)
        page = rows[offset : offset + count]
        following = self._token(offset + count) if offset + count < len(rows) else None
        preceding = self._token(max(0, offset - count)) if offset > 0 else None
        return {
            "collection": list(page),
            "pagination": {
                "count": len(page),
                "next_page": _link(request, base, count, following),
                "previous_page": _link(request, base, count, preceding),
                "next_page_token": following,
                "previous_page_token": preceding,
            },
        }

    def _offset(self, request: Request) -> int:
        token = request.query_params.get("page_token")
        if not token:
            return 0
        if token not in self._offsets:
            raise Problem.invalid(("page_token", "is invalid"))
        return self._offsets[token]

    def _token(self, offset: int) -> str:
        if offset not in self._tokens:
            self._tokens[offset] = self._ids.page_token()
            self._offsets[self._tokens[offset]] = offset
        return self._tokens[offset]


def _count(request: Request) -> int:
    text = request.query_params.get("count") or str(_DEFAULT)
    if not text.isdecimal() or not 1 <= int(text) <= _MOST:
        raise Problem.invalid(("count", f"must be a number from 1 to {_MOST}"))
    return int(text)


def _link(request: Request, base: str, count: int, token: str | None) -> str | None:
    if token is None:
        return None
    filters = {name: value for name, value in request.query_params.items() if name not in ("count", "page_token")}
    return f"{base}{request.url.path}?{urlencode({'count': count, 'page_token': token, **filters})}"
