"""Looking on while the faults happen. Owns the watch over final statuses and the probe of the health checks, each on a thread of its own."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from threading import Event, Thread
from types import TracebackType
from typing import Self
from urllib.error import HTTPError
from urllib.request import urlopen

from sqlalchemy import select

from engine.errors import UnavailableError
from engine.journal.database import reading
from engine.journal.journal import Journal
from engine.journal.tables import runs
from tests.faults.history import Answer

NAP = 0.25


class _Looking(ABC):
    """Looks every ``NAP`` seconds between enter and exit."""

    def __init__(self) -> None:
        self._over = Event()
        self._thread = Thread(target=self._run, name=type(self).__name__, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(30)

    def _run(self) -> None:
        self._look()
        while not self._over.wait(NAP):
            self._look()

    @abstractmethod
    def _look(self) -> None: ...


class Watch(_Looking):
    """Notes when a run that had ended is seen in another status, or ended anew, or is gone."""

    def __init__(self, database_url: str) -> None:
        super().__init__()
        self._journal = Journal.open(database_url)
        self._final: dict[str, tuple[str, int]] = {}
        self.taken_back: list[str] = []

    @property
    def seen(self) -> int:
        """Runs that were seen to have ended."""
        return len(self._final)

    def _run(self) -> None:
        try:
            super()._run()
            self._look()
        finally:
            self._journal.close()

    def _look(self) -> None:
        try:
            with reading(self._journal.engine) as db:
                rows = db.execute(select(runs.c.id, runs.c.status, runs.c.ended_at)).all()
        except UnavailableError:
            return
        now = {row.id: (str(row.status), row.ended_at) for row in rows}
        for run_id, was in self._final.items():
            found = now.get(run_id)
            if found != was:
                self.taken_back.append(f"run {run_id} had ended as {was[0]} at {was[1]}, and then was {found}")
        self._final = {run_id: (status, ended) for run_id, (status, ended) in now.items() if ended is not None}


class Probe(_Looking):
    """Asks ``/healthz`` and ``/readyz`` in turns."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._answers: list[Answer] = []

    @property
    def answers(self) -> Sequence[Answer]:
        return list(self._answers)

    def _look(self) -> None:
        for path in ("/healthz", "/readyz"):
            at = time.monotonic()
            status = status_of(f"{self._url}{path}")
            self._answers.append(Answer(path=path, at=at, took=time.monotonic() - at, status=status))


def status_of(url: str) -> int | None:
    """The status of a GET; None without an answer."""
    try:
        with urlopen(url, timeout=10) as answer:
            return int(answer.status)
    except HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return None
