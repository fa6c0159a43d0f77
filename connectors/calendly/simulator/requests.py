"""Reading what a call brings. Owns bodies and required fields, refused as Calendly refuses them; knows no resource."""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.requests import Request

from connectors.calendly.simulator.domain import JsonDict
from connectors.calendly.simulator.problems import Problem


async def json_body(request: Request) -> JsonDict:
    """The body as an object; an empty one is an empty object. Raises Problem 400."""
    raw = await request.body()
    if not raw.strip():
        return {}
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        raise Problem.invalid(("body", "is not valid JSON")) from None
    if not isinstance(value, dict):
        raise Problem.invalid(("body", "must be an object"))
    return value


def require(given: Mapping[str, object], *names: str) -> None:
    """Raises Problem 400 with a detail for each name that is missing or empty."""
    missing = [name for name in names if given.get(name) in (None, "", [])]
    if missing:
        raise Problem.invalid(*((name, "must be filled") for name in missing))


def flag(request: Request, name: str) -> bool | None:
    """A boolean of the query; None when absent. Raises Problem 400 for other words."""
    text = request.query_params.get(name)
    if text is None:
        return None
    if text not in ("true", "false"):
        raise Problem.invalid((name, "must be true or false"))
    return text == "true"
