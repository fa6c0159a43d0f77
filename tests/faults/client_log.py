"""Who sends webhooks. Owns every delivery that was sent and what was answered: 2xx is accepted, anything else is indeterminate."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Lock
from urllib.parse import urlsplit

from tests.faults.connector import SIGNATURE, sign
from tests.faults.witness import Hook

PATIENCE = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One sending. ``status``: of the answer, None when there was none. ``at``: when it was sent, seconds, monotonic; ``took``: seconds.

    ``starts``: the flows that it must start; None: every flow that listens there.
    """

    id: str
    url: str
    body: bytes = field(repr=False)
    key: str = field(repr=False)
    at: float = 0.0
    took: float = 0.0
    status: int | None = None
    answer: bytes = b""
    starts: frozenset[str] | None = None

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def subscription(self) -> str:
        return self.url.rpartition("/")[2]


class ClientLog:
    """``send`` from any thread; ``sent`` is all that was sent, in the order of the answers."""

    def __init__(self, *, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._sent: list[Delivery] = []
        self._lock = Lock()

    @property
    def sent(self) -> Sequence[Delivery]:
        with self._lock:
            return list(self._sent)

    @property
    def accepted(self) -> frozenset[str]:
        """Ids of what was answered 2xx at least once."""
        return frozenset(delivery.id for delivery in self.sent if delivery.accepted)

    def send(self, hook: Hook, event_id: str, *, starts: frozenset[str] | None = None, **fields: object) -> Delivery:
        """Sign and send the event; what became of it."""
        body = json.dumps({"id": event_id, **fields}, separators=(",", ":")).encode()
        return self.again(Delivery(id=event_id, url=hook.url, body=body, key=hook.key, starts=starts))

    def again(self, delivery: Delivery) -> Delivery:
        """Send the same once more, as a service does that heard no 2xx."""
        at = time.monotonic()
        status, answer = self._post(delivery)
        done = replace(delivery, at=at, took=time.monotonic() - at, status=status, answer=answer)
        with self._lock:
            self._sent.append(done)
        return done

    def send_many(self, hook: Hook, event_ids: Iterable[str], *, threads: int = 8) -> Sequence[Delivery]:
        """Send these side by side, and return when all were answered."""
        with ThreadPoolExecutor(threads, thread_name_prefix="client") as pool:
            return list(pool.map(lambda event_id: self.send(hook, event_id), event_ids))

    def until_accepted(self, hook: Hook, event_id: str, *, within: float = 60.0) -> Delivery:
        """Send it again and again, as the service would, until it is accepted."""
        return self.insist(self.send(hook, event_id), within=within)

    def insist(self, delivery: Delivery, *, within: float = 60.0) -> Delivery:
        """As ``until_accepted``, with what was sent before."""
        give_up = time.monotonic() + within
        while not delivery.accepted:
            assert time.monotonic() < give_up, f"{delivery.id} was not accepted within {within:g} s: {delivery}"
            time.sleep(0.05)
            delivery = self.again(delivery)
        return delivery

    def _post(self, delivery: Delivery) -> tuple[int | None, bytes]:
        parts = urlsplit(delivery.url)
        connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=self._patience)
        headers = {"Content-Type": "application/json", SIGNATURE: sign(delivery.body, delivery.key)}
        try:
            connection.request("POST", parts.path, delivery.body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return None, b""
        finally:
            connection.close()
