"""The connector `faults`: one action for each way in which a call can be safe to repeat, and local ones that take their worker down.

It comes into the processes through the plugin door (``site.py`` puts an entry point on their path) and talks to the witness. Every call
names what it is about (``name``, unique for a run's step and item) and carries the step's key for the witness, in a header of its own that
the service does not heed; only of ``pay`` the engine tells the service a key that it heeds.
"""

from __future__ import annotations

import ctypes
import hashlib
import hmac
import os
import signal
import time
from collections.abc import Mapping, Sequence

from pydantic import SecretStr

from engine.sdk import (
    Budget,
    CheckRequest,
    ConnectionType,
    Connector,
    Delivery,
    Http,
    Input,
    JsonObject,
    Kind,
    Local,
    Output,
    RemoteState,
    Response,
    Secrets,
    ServiceError,
    Settings,
    SignatureError,
    SubscribeRequest,
    Verdict,
    WebhookTrigger,
    Window,
)

STEP_KEY = "X-Step-Key"
NAME = "X-Name"
CONNECTION = "X-Connection"
SIGNATURE = "X-Signature"
HUGE = 50 * 1024 * 1024


class FaultsSettings(Settings):
    """``limit`` calls in ``seconds`` is the connection's budget; ``label`` is how the witness tells connections apart."""

    base_url: str
    label: str = "main"
    limit: int = 100_000
    seconds: float = 1.0


class FaultsSecrets(Secrets):
    token: SecretStr


class Named(Input):
    """What every action takes. ``name``: unique for the run, the step and the item; ``note`` goes into the body."""

    name: str
    note: str = ""


class Made(Output):
    """What the witness answers."""

    name: str | None = None


class Noticed(Output):
    """What is delivered."""

    id: str


class Select(Input):
    """Which of the service's channels is listened to."""

    channel: str = "main"


def _errors(response: Response) -> ServiceError:
    kinds = {401: Kind.AUTH, 403: Kind.PERMISSION, 404: Kind.NOT_FOUND, 409: Kind.CONFLICT, 429: Kind.THROTTLED}
    kind = kinds.get(response.status, Kind.SERVER if response.status >= 500 else Kind.INVALID)
    return ServiceError(
        kind,
        f"the witness said {response.status}",
        status=response.status,
        retry_after=retry_after(response.headers) if kind is Kind.THROTTLED else None,
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, when the header says a number that can be one; None otherwise."""
    try:
        seconds = float(headers.get("retry-after", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None


def _authorize(settings: JsonObject, secrets: Mapping[str, str]) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {secrets['token']}", CONNECTION: str(settings["label"])}


def _budget(settings: JsonObject) -> Budget:
    limit, seconds = settings["limit"], settings["seconds"]
    assert isinstance(limit, int)
    assert isinstance(seconds, (int, float))
    return Budget(windows=(Window(limit=limit, seconds=seconds),))


faults = Connector(
    name="faults",
    title="Faults",
    budget=Budget(windows=(Window(limit=100_000, seconds=1),)),
    connection=ConnectionType(
        settings=FaultsSettings,
        secrets=FaultsSecrets,
        base_url=lambda settings: str(settings["base_url"]),
        authorize=_authorize,
        test=lambda http: http.get("/me").json_object(),
        errors=_errors,
        budget=_budget,
    ),
)


def _send(http: Http, method: str, path: str, given: Named, **more: str) -> Made:
    headers = {STEP_KEY: http.idempotency_key, NAME: given.name, **more}
    body: JsonObject | None = None if method == "GET" else {"name": given.name, "note": given.note}
    params = {"name": given.name} if method in ("GET", "PUT") else None
    return Made.model_validate(http.request(method, path, params=params, json=body, headers=headers).json_object())


@faults.action(effect="read")
def read(http: Http, given: Named) -> Made:
    return _send(http, "GET", "/things", given)


@faults.action(effect="write", idempotent=True)
def put(http: Http, given: Named) -> Made:
    return _send(http, "PUT", "/things", given)


@faults.action(effect="write", key_header="Idempotency-Key")
def pay(http: Http, given: Named) -> Made:
    return _send(http, "POST", "/payments", given)


def _find_mark(http: Http, given: Named) -> Made | None:
    headers = {STEP_KEY: http.idempotency_key, NAME: given.name}
    answer = http.request("GET", "/marks", params={"name": given.name}, headers=headers, expect=(200, 404))
    return None if answer.status == 404 else Made.model_validate(answer.json_object())


@faults.action(effect="write", confirm=_find_mark)
def mark(http: Http, given: Named) -> Made:
    return _send(http, "POST", "/marks", given)


@faults.action(effect="write")
def fire(http: Http, given: Named) -> Made:
    return _send(http, "POST", "/shots", given)


# Local: what a connector's bug, or the machine, can do to a worker.


@faults.local_action(effect="read")
def exit(local: Local, given: Named) -> Made:
    """End the worker's process at once."""
    os._exit(3)


@faults.local_action(effect="read")
def segfault(local: Local, given: Named) -> Made:
    """Read address 0."""
    ctypes.string_at(0)
    return Made()


@faults.local_action(effect="read")
def memory(local: Local, given: Named) -> Made:
    """Take more memory than there is: what the kernel does then."""
    os.kill(os.getpid(), signal.SIGKILL)
    return Made()


@faults.local_action(effect="read")
def hang(local: Local, given: Named) -> Made:
    """Return in an hour."""
    time.sleep(3600)
    return Made()


@faults.local_action(effect="read")
def huge(local: Local, given: Named) -> Made:
    """Answer 50 MB."""
    return Made(name="x" * HUGE)


@faults.local_action(effect="read")
def not_json(local: Local, given: Named) -> Made:
    """Answer what no JSON can say."""
    return Made.model_construct(name=float("nan"), also={1j})  # type: ignore[arg-type]


# The webhook


def _subscribe(http: Http, request: SubscribeRequest) -> str:
    body: JsonObject = {
        "url": request.callback_url,
        "key": request.signing_key,
        "channel": str(request.given.get("channel", "main")),
    }
    return str(http.post("/subscriptions", json=body).json_object()["uri"])


def _check(http: Http, request: CheckRequest) -> RemoteState:
    answer = http.request("GET", request.remote_uri, expect=(200, 404))
    return RemoteState.MISSING if answer.status == 404 else RemoteState(str(answer.json_object()["state"]))


def _unsubscribe(http: Http, uri: str) -> None:
    http.request("DELETE", uri, expect=(200, 204, 404))


def sign(body: bytes, key: str) -> str:
    """The signature of a delivery."""
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def _verify(delivery: Delivery, keys: Sequence[str]) -> Verdict:
    given = delivery.headers.get(SIGNATURE.lower(), "")
    if any(hmac.compare_digest(sign(delivery.body, key), given) for key in keys):
        return Verdict()
    raise SignatureError("the signature does not fit")


faults.trigger(
    WebhookTrigger(
        name="noticed",
        summary="Something was noticed.",
        given=Select,
        delivery=Noticed,
        subscribe=_subscribe,
        check=_check,
        unsubscribe=_unsubscribe,
        verify=_verify,
        dedupe_key=lambda event: str(event["id"]),
    )
)
