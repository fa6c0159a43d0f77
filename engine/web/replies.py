"""Senders that wait for their run. Owns one look at the journal for all of them together; it holds no thread and executes nothing.

While somebody waits, the journal is asked every ``LOOK_SECONDS`` once for all runs that are waited for, however many they are. When the
process ends, their connections end; their runs go on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine import log
from engine.errors import HooklineError
from engine.journal.answers import RunAnswer
from engine.journal.port import Answers

LOOK_SECONDS = 0.05
MOST_AT_ONCE = 500
"""Runs that one look asks for; databases limit how many values a statement holds."""

MOST_WAITING = 2_000
"""Senders that wait at once in one process; whoever comes then is answered 202 at once."""

logger = log.get(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Waiting:
    run_id: str
    uses: str
    told: asyncio.Future[RunAnswer | None]


class Replies:
    """Waits for answers of runs. Used from one event loop."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._waiting: dict[int, _Waiting] = {}
        self._next = 0
        self._looking: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return len(self._waiting)

    async def wait(self, run_id: str, uses: str, *, seconds: float) -> RunAnswer | None:
        """What the run answered through a step ``uses``, or how it ended without one; None when neither happened in time, and for a run that is purged."""
        if len(self._waiting) >= MOST_WAITING:
            return None
        self._next += 1
        number = self._next
        told: asyncio.Future[RunAnswer | None] = asyncio.get_running_loop().create_future()
        self._waiting[number] = _Waiting(run_id=run_id, uses=uses, told=told)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            async with asyncio.timeout(seconds):
                return await told
        except TimeoutError:
            return None
        finally:
            del self._waiting[number]

    async def _look(self) -> None:
        while self._waiting:
            try:
                await self._tell()
            except HooklineError as error:
                logger.warning("answers could not be looked for; tried again", reason=error.message)
                await asyncio.sleep(1)
            except Exception:  # who waits has a time limit of its own; the look must go on for those who come
                logger.error("answers could not be looked for; tried again", exc_info=True)
                await asyncio.sleep(1)
            await asyncio.sleep(LOOK_SECONDS)

    async def _tell(self) -> None:
        for uses in {item.uses for item in self._waiting.values()}:
            wanted = sorted({item.run_id for item in self._waiting.values() if item.uses == uses})
            for start in range(0, len(wanted), MOST_AT_ONCE):
                page = wanted[start : start + MOST_AT_ONCE]
                self._hand_out(uses, page, await asyncio.to_thread(self._of(page, uses)))

    def _of(self, page: list[str], uses: str) -> Callable[[], Mapping[str, RunAnswer]]:
        return lambda: self._answers.of(page, uses=uses)

    def _hand_out(self, uses: str, page: list[str], found: Mapping[str, RunAnswer]) -> None:
        asked = frozenset(page)
        for item in list(self._waiting.values()):
            if item.uses != uses or item.run_id not in asked or item.told.done():
                continue
            answer = found.get(item.run_id)
            # A run is stored before anybody waits for it: one that is not there is purged, and will say nothing any more.
            if answer is None or answer.path is not None or answer.ended is not None:
                item.told.set_result(answer)
