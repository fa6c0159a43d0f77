"""Webhook subscriptions at Calendly. Owns making one that is ours alone, asking after it and removing it; it keeps no state.

Calendly allows one subscription per callback URL, never returns a signing key and cannot change a subscription: so one that exists
already (409) is deleted and made anew, with the key that the engine knows. To replace one without a gap, the engine gives the new one
another query in its callback URL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal

from connectors.calendly.connection import fact, scope
from connectors.calendly.resource_uris import resource_id
from engine.sdk import (
    CheckRequest,
    Http,
    Json,
    JsonObject,
    Kind,
    RemoteState,
    Response,
    ServiceError,
    SubscribeRequest,
)

Scope = Literal["organization", "user"]

# 100 rows each: an account with more subscriptions than this has a problem that deleting one would not mend.
_MAX_PAGES = 50


def subscribe(http: Http, request: SubscribeRequest, *, events: Sequence[str]) -> str:
    """Make the subscription and return its URI. Raises ServiceError, with a remedy where plan, role or token scopes stand in the way."""
    wanted = {
        "url": request.callback_url,
        "events": list(events),
        **_whose(http, scope(http)),
        "signing_key": request.signing_key,
    }
    try:
        answer = http.post("/webhook_subscriptions", json=wanted)
    except ServiceError as refusal:
        if refusal.kind is not Kind.CONFLICT:
            raise
        _remove_matching(http, lambda row: row.get("callback_url") == request.callback_url)
        answer = http.post("/webhook_subscriptions", json=wanted)
    return _uri(answer)


def subscribe_organization(http: Http, request: SubscribeRequest, *, events: Sequence[str]) -> str:
    """As ``subscribe``, for events that Calendly sends to subscriptions of the organization only."""
    if scope(http) != "organization":
        raise ServiceError(
            Kind.PERMISSION,
            f"Calendly sends {', '.join(events)} to subscriptions of the whole organization only, "
            "but this connection's scope is user",
            remedy="set the connection's scope to organization, with the token of an owner or admin",
        )
    return subscribe(http, request, events=events)


def check(http: Http, request: CheckRequest, *, events: Sequence[str]) -> RemoteState:
    """What Calendly says about the subscription. A disabled one cannot be enabled again, and none can be changed: only replaced."""
    try:
        found = http.get(_path(request.remote_uri)).json_object().get("resource")
    except ServiceError as error:
        if error.kind is Kind.NOT_FOUND:
            return RemoteState.MISSING
        raise
    resource = found if isinstance(found, Mapping) else {}
    state = resource.get("state")
    if not isinstance(state, str):
        raise ServiceError(
            Kind.INVALID, "Calendly's answer has an unexpected form: a webhook subscription without its state"
        )
    if state != "active":
        return RemoteState.DISABLED
    listed = resource.get("events")
    there = {
        "callback_url": resource.get("callback_url"),
        "events": sorted(map(str, listed)) if isinstance(listed, list) else None,
        "scope": resource.get("scope"),
    }
    wanted = {"callback_url": request.callback_url, "events": sorted(events), "scope": scope(http)}
    # What an answer leaves out is not held against it: a subscription that is taken for altered is made anew.
    same = all(there[name] in (None, wanted[name]) for name in wanted)
    return RemoteState.ACTIVE if same else RemoteState.ALTERED


def sweep(http: Http, callback_url: str, remote_uri: str) -> None:
    """Delete what else delivers to our address: the subscription that was replaced, and one of which the answer was lost."""
    address = _address(callback_url)
    _remove_matching(http, lambda row: _address(row.get("callback_url")) == address and row.get("uri") != remote_uri)


def unsubscribe(http: Http, remote_uri: str) -> None:
    """Remove the subscription; one that is gone already is fine."""
    try:
        http.delete(_path(remote_uri))
    except ServiceError as error:
        if error.kind is not Kind.NOT_FOUND:
            raise


def _remove_matching(http: Http, matches: Callable[[JsonObject], bool]) -> None:
    """Delete every subscription that matches, also one that was made when the connection had the other scope."""
    own: Scope = scope(http)
    other: Scope = "user" if own == "organization" else "organization"
    for uri in list(_matching(http, own, matches)):
        unsubscribe(http, uri)
    try:
        for uri in list(_matching(http, other, matches)):
            unsubscribe(http, uri)
    except ServiceError as error:
        # A member who is no admin may not list the organization's subscriptions, and so has made none there.
        if error.kind is not Kind.PERMISSION:
            raise


def _matching(http: Http, of: Scope, matches: Callable[[JsonObject], bool]) -> Iterator[str]:
    token: str | None = None
    for _ in range(_MAX_PAGES):
        params = {**_whose(http, of), "count": 100, "page_token": token}
        page = http.get("/webhook_subscriptions", params=params).json_object()
        rows = page.get("collection")
        for row in rows if isinstance(rows, list) else ():
            uri = row.get("uri") if isinstance(row, Mapping) and matches(row) else None
            if isinstance(uri, str):
                yield uri
        token = _next_token(page)
        if token is None:
            return


def _address(url: Json) -> str | None:
    return url.partition("?")[0] if isinstance(url, str) else None


def _next_token(page: JsonObject) -> str | None:
    pagination = page.get("pagination")
    token = pagination.get("next_page_token") if isinstance(pagination, Mapping) else None
    return token if isinstance(token, str) and token else None


def _whose(http: Http, of: Scope) -> dict[str, str]:
    owner = {"organization": fact(http, "organization"), "scope": of}
    return {**owner, "user": fact(http, "user")} if of == "user" else owner


def _uri(answer: Response) -> str:
    body = answer.json_object() if answer.body.strip() else {}
    resource = body.get("resource")
    uri = resource.get("uri") if isinstance(resource, Mapping) else None
    # The certified connector's platform takes the Location header; the body is what the service's own documentation shows.
    found = uri if isinstance(uri, str) and uri else answer.headers.get("location")
    if not found:
        raise ServiceError(
            Kind.INVALID, "Calendly made a webhook subscription without saying its URI", status=answer.status
        )
    return found


def _path(remote_uri: str) -> str:
    try:
        return f"/webhook_subscriptions/{resource_id(remote_uri, 'webhook_subscriptions')}"
    except ValueError as error:
        raise ServiceError(Kind.INVALID, f"not the URI of a webhook subscription: {error}") from None
