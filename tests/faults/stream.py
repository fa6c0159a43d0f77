"""A steady stream of webhooks while faults happen. Owns sending new ones at a rhythm and, afterwards, those again that nobody accepted.

As a service does: what was not answered 2xx is sent again until it is. Each event counts as accepted from its first 2xx on.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Event, Thread
from types import TracebackType

from tests.faults.client_log import Delivery
from tests.faults.site import Site


class Stream:
    """``with Stream(site) as stream: … faults …``; on leaving, everything that was sent has been accepted.

    ``every``: seconds. ``note``: a text that each event carries.
    """

    def __init__(
        self, site: Site, *, every: float = 0.1, channel: str = "main", name: str = "s", note: str | None = None
    ) -> None:
        self._site = site
        self._every = every
        self._channel = channel
        self._name = name
        self._note = note
        self._over = Event()
        self._thread = Thread(target=self._run, name="stream", daemon=True)
        self._first: list[Delivery] = []

    @property
    def accepted(self) -> int:
        """How many were accepted at the first try, so far."""
        return sum(delivery.accepted for delivery in self._first)

    @property
    def refused(self) -> Sequence[Delivery]:
        """First tries that were not accepted, so far."""
        return [delivery for delivery in list(self._first) if not delivery.accepted]

    def __enter__(self) -> Stream:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(30)
        if kind is None:
            for delivery in self.refused:
                self._site.client.insist(delivery)

    def _run(self) -> None:
        number = 0
        while not self._over.wait(self._every):
            number += 1
            hook = self._site.hook(self._channel)
            self._first.append(self._site.client.send(hook, f"{self._name}{number}", note=self._note))
