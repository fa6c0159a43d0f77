"""What Calendly's error answers mean. Owns the mapping from ``{title, message, details}`` to a kind with a message that helps.

Nothing here decides what happens next: the engine does, from the kind. Text of the service is capped and freed of control characters.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.sdk import Json, Kind, Response, ServiceError

_MAX_TEXT = 300
_MAX_DETAILS = 5
_MAX_BODY = 64 * 1024

NEW_TOKEN = (
    "make a new personal access token in Calendly (Integrations & apps > API and webhooks) and store it with "
    "`hookline connection add NAME calendly`"
)
NEEDS_PAID_PLAN = (
    "Calendly's webhooks need a paid plan (Standard or higher); the actions that read work on the free plan"
)
NEEDS_ROLE = (
    "a connection with scope organization needs the token of an owner or admin of the organization; "
    "use such a token, or set the connection's scope to user"
)
ALL_SCOPES = "users:read, event_types:read, scheduled_events:write, routing_forms:read and webhooks:write"

_KIND_OF_STATUS: Mapping[int, Kind] = {
    400: Kind.INVALID,
    401: Kind.AUTH,
    402: Kind.PERMISSION,
    403: Kind.PERMISSION,
    404: Kind.NOT_FOUND,
    409: Kind.CONFLICT,
    410: Kind.NOT_FOUND,
    422: Kind.INVALID,
    # 424 is Calendly's "External Calendar Error": a calendar behind Calendly fails, and may be back on the next try.
    424: Kind.SERVER,
    429: Kind.THROTTLED,
}


def service_error(response: Response) -> ServiceError:
    """The ServiceError for an answer that is not 2xx. Never raises: a body of any form is dealt with."""
    kind = _kind(response.status)
    said = _body(response)
    return ServiceError(
        kind,
        _message(response.status, said),
        status=response.status,
        remedy=_remedy(kind, response.status, said),
    )


def _kind(status: int) -> Kind:
    return _KIND_OF_STATUS.get(status, Kind.SERVER if status >= 500 else Kind.INVALID)


def _body(response: Response) -> Mapping[str, Json]:
    if len(response.body) > _MAX_BODY:
        return {}
    try:
        return response.json_object()
    except ServiceError:
        return {}


def _message(status: int, said: Mapping[str, Json]) -> str:
    title, message = _text(said.get("title")), _text(said.get("message"))
    spoken = ": ".join(part for part in (title, message) if part)
    if not spoken:
        return f"Calendly answered {status}, without the body that its errors have"
    details = "; ".join(_details(said.get("details")))
    return f"Calendly answered {status} {spoken}" + (f" ({details})" if details else "")


def _details(details: Json) -> list[str]:
    if not isinstance(details, list):
        return []
    items = [item for item in details if isinstance(item, Mapping)][:_MAX_DETAILS]
    pairs = ((_text(item.get("parameter")), _text(item.get("message"))) for item in items)
    return [": ".join(part for part in pair if part) for pair in pairs if any(pair)]


def _remedy(kind: Kind, status: int, said: Mapping[str, Json]) -> str | None:
    if kind is Kind.AUTH:
        return NEW_TOKEN
    if kind is Kind.PERMISSION:
        return _permission_remedy(status, said)
    if 300 <= status < 400:
        return "Calendly's API does not redirect: check the connection's base_url"
    return None


def _permission_remedy(status: int, said: Mapping[str, Json]) -> str:
    words = f"{_text(said.get('title'))} {_text(said.get('message'))}".lower()
    if status == 402 or "upgrade" in words:
        return NEEDS_PAID_PLAN
    if "required_scopes" in said or "scope" in words:
        return f"make a token with the scopes {_scopes(said.get('required_scopes'))} and store it with `hookline connection add NAME calendly`"
    return NEEDS_ROLE


def _scopes(required: Json) -> str:
    named = [text for text in (_text(scope) for scope in required) if text] if isinstance(required, list) else []
    return ", ".join(named) or ALL_SCOPES


def _text(value: Json) -> str:
    if not isinstance(value, str):
        return ""
    printable = "".join(sign if sign.isprintable() else " " for sign in value[: _MAX_TEXT * 2])
    return " ".join(printable.split())[:_MAX_TEXT]
