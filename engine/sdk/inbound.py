"""What a connector says about a webhook that nobody registers: the engine hands out an address and a secret, and whoever has both may call.

Owns the declaration and its values. The engine makes, seals and rotates the secret, keeps the address, caps the size, and answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.sdk.trigger import TriggerType
from engine.sdk.webhook import Delivery, Verdict
from engine.strictjson import JsonObject


class DeliveryRefused(Exception):
    """The sender is who it says, but what it sent cannot be used. ``message`` names the field and never repeats its value.

    ``status``: the answer's, such as 400, 405 or 415. Nothing of the delivery is kept: the sender can mend it and send it again.
    """

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """A synchronous answer. ``body`` is sent as it is."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


def _not_waited_for(given: JsonObject) -> int | None:
    return None


def _signed(given: JsonObject) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class InboundTrigger(TriggerType):
    """A trigger at an address that the engine hands out.

    ``verify(given, delivery, keys)`` raises SignatureError, and fails closed. ``signed(given)``: whether what it verifies covers the body and
    the time; a bare token does not. ``read(given, delivery)`` makes the event, or raises DeliveryRefused. ``dedupe_key(given, delivery)`` is
    equal for repeats of one delivery; None: every delivery is one of its own.
    ``respond_within(given)``: milliseconds for which the answer waits for the run; None: it does not. ``responds``: the name of the connector's
    local action that gives the answer; ``reply(output)`` makes it from that action's output.
    """

    verify: Callable[[JsonObject, Delivery, Sequence[str]], Verdict]
    read: Callable[[JsonObject, Delivery], JsonObject]
    dedupe_key: Callable[[JsonObject, Delivery], str | None]
    signed: Callable[[JsonObject], bool] = _signed
    respond_within: Callable[[JsonObject], int | None] = _not_waited_for
    responds: str | None = None
    reply: Callable[[JsonObject], Reply] | None = None
