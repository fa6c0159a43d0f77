"""Webhooks on their way. Owns signing, sending, retrying with growing waits, and disabling a subscription that fails for too long.

Source: the vendor's pages on webhook errors and time-outs: 10 s to connect, 15 s to answer, anything but 2xx is a failure, retries with
exponential back-off for 24 hours, then the subscription is disabled unless another delivery succeeded. The schedule itself is not
published: ``retry_base_s``, doubled each time, is ours.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import httpx

from connectors.calendly.simulator.domain import JsonDict, Subscription
from connectors.calendly.simulator.ids import Clock, stamp
from connectors.calendly.simulator.orders import ModeOrder

_SECOND = 1_000_000_000


@dataclass(kw_only=True)
class Attempt:
    """One try. ``status`` is None when there was no answer, and ``error`` says why."""

    at_ns: int
    status: int | None = None
    error: str | None = None

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(kw_only=True, eq=False)
class Message:
    """One notification to one subscription. ``state``: pending, delivered, failed, or dropped with its subscription."""

    id: int
    subscription: Subscription
    envelope: JsonDict
    body: bytes
    signed_at: int
    state: str = "pending"
    attempts: list[Attempt] = field(default_factory=list)
    tried: asyncio.Event = field(default_factory=asyncio.Event)

    def to_json(self) -> JsonDict:
        return {
            "id": self.id,
            "subscription": self.subscription.id,
            "url": self.subscription.url,
            "event": self.envelope.get("event"),
            "state": self.state,
            "attempts": [{"at_ns": a.at_ns, "status": a.status, "error": a.error} for a in self.attempts],
            "envelope": self.envelope,
        }


def signature(body: bytes, key: str, at: int) -> str:
    """The signature header's value; written apart from the connector's own, so that each checks the other."""
    mac = hmac.new(key.encode(), b"%d.%s" % (at, body), hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"


class Deliverer:
    """Sends messages from background tasks. ``changed`` is notified after each attempt; ``mode`` is read at each."""

    def __init__(
        self,
        *,
        clock: Clock,
        mode: Callable[[], ModeOrder],
        changed: asyncio.Condition,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.messages: list[Message] = []
        self.states: Counter[str] = Counter()
        self.attempts = 0
        self._clock = clock
        self._mode = mode
        self._changed = changed
        self._transport = transport
        self._client: httpx.AsyncClient | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def post(self, subscription: Subscription, envelope: JsonDict, body: bytes) -> Message:
        """Make a message; it leaves with ``send``."""
        at = self._clock() // _SECOND
        message = Message(
            id=len(self.messages) + 1, subscription=subscription, envelope=envelope, body=body, signed_at=at
        )
        self.messages.append(message)
        self.states[message.state] += 1
        return message

    def send(self, messages: Sequence[Message], *, in_order: bool = False) -> None:
        """Start sending: all at once, or each after the first attempt of the one before it."""
        before: Message | None = None
        for message in messages:
            task = asyncio.create_task(self._deliver(message, before))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            before = message if in_order else None

    async def send_again(self, message: Message, *, sign_anew: bool) -> Attempt:
        """One more attempt, whatever became of the message."""
        return await self._attempt(message, sign_anew=sign_anew)

    async def forget(self) -> None:
        """Stop everything that is under way and forget all messages."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.messages.clear()
        self.states.clear()
        self.attempts = 0

    async def close(self) -> None:
        """Stop sending and close the connections."""
        await self.forget()
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _deliver(self, message: Message, before: Message | None) -> None:
        if before is not None:
            await before.tried.wait()
        mode, started = self._mode(), self._clock()
        wait_s = mode.retry_base_s * mode.time_scale
        while message.subscription.state == "active" and message.state == "pending":
            if (await self._attempt(message, sign_anew=mode.sign_anew)).ok:
                return
            left_s = mode.retry_for_s * mode.time_scale - (self._clock() - started) / _SECOND
            if left_s <= 0:
                await self._give_up(message, started)
                return
            await asyncio.sleep(min(wait_s, left_s))
            wait_s *= 2
        await self._settle(message, "dropped")

    async def _attempt(self, message: Message, *, sign_anew: bool) -> Attempt:
        if sign_anew:
            message.signed_at = self._clock() // _SECOND
        attempt = Attempt(at_ns=self._clock())
        try:
            if self._mode().deliveries == "lost":
                raise httpx.ConnectError("the mode has deliveries lost")
            answer = await self._http().post(
                message.subscription.url, content=message.body, headers=self._headers(message)
            )
            attempt.status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            attempt.error = f"{type(error).__name__}: {error}"
        message.attempts.append(attempt)
        self.attempts += 1
        self._note(message, attempt)
        await self._settle(message, "delivered" if attempt.ok else message.state)
        return attempt

    def _note(self, message: Message, attempt: Attempt) -> None:
        if attempt.ok:
            message.subscription.last_success_ns = attempt.at_ns
        elif len(message.attempts) == 1:
            message.subscription.retry_started_at = stamp(self._clock())

    async def _give_up(self, message: Message, started: int) -> None:
        if message.subscription.last_success_ns < started:
            message.subscription.state = "disabled"
            message.subscription.updated_at = stamp(self._clock())
        await self._settle(message, "failed")

    async def _settle(self, message: Message, state: str) -> None:
        self.states[message.state] -= 1
        self.states[state] += 1
        message.state = state
        message.tried.set()
        async with self._changed:
            self._changed.notify_all()

    def _headers(self, message: Message) -> dict[str, str]:
        key = message.subscription.signing_key
        signed = {"calendly-webhook-signature": signature(message.body, key, message.signed_at)} if key else {}
        return {
            "user-agent": "Calendly",
            "accept": "*/*",
            "accept-encoding": "gzip",
            "content-type": "application/json",
            "x-datadog-trace-id": str(message.id),
            **signed,
        }

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            mode = self._mode()
            timeout = httpx.Timeout(mode.read_timeout_s, connect=mode.connect_timeout_s, pool=None)
            self._client = httpx.AsyncClient(transport=self._transport, timeout=timeout, trust_env=False)
        return self._client
