"""More work than a budget allows, and what became of it. Owns keeping several flows busy on one connection, noting what the line and the waiting
steps said meanwhile, and the figures: how much of the budget was used, who overtook whom, how right the instants were.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from statistics import quantiles
from threading import Event, Thread
from types import TracebackType

import redis
from sqlalchemy import select

from engine.core.statuses import StepStatus
from engine.core.times import clock
from engine.errors import UnavailableError
from engine.journal.database import reading
from engine.journal.tables import steps
from tests.faults.site import Site, flow, step
from tests.faults.witness import Call, Hook

CHANNELS = ("first", "second", "third")
STEPS = ("one", "two", "three", "four")
CALLS_PER_RUN = len(STEPS)
NAP = 0.2
_UNTIL = re.compile(r" until (\d\d:\d\d:\d\d)$")


@dataclass(frozen=True, kw_only=True)
class Rate:
    """A budget, and how long it is to be asked for more than it has."""

    limit: int
    seconds: float
    lasting: float

    @property
    def calls(self) -> int:
        """What the budget allows meanwhile, and enough more that there is always somebody who waits."""
        return round(self.limit * (self.lasting / self.seconds + 2))


def deploy(site: Site, rate: Rate) -> None:
    """Three flows on one connection, each started by a channel of its own."""
    site.connect(limit=rate.limit, seconds=rate.seconds)
    text = "".join(step(name, "put" if name == "two" else "read") for name in STEPS)
    site.deploy(*(flow(channel, channel=channel, steps=text) for channel in CHANNELS))


def demand(site: Site, rate: Rate) -> int:
    """Send the webhooks of all that is to be done; how many there were. Each is accepted."""
    number = -(-rate.calls // (CALLS_PER_RUN * len(CHANNELS)))
    for channel in CHANNELS:
        send_all(site, site.hook(channel), [f"{channel}-{nth}" for nth in range(number)])
    return number * len(CHANNELS)


def send_all(site: Site, hook: Hook, ids: Sequence[str]) -> None:
    """Each is accepted in the end: a busy machine's database may refuse one (503), which a service then sends again."""
    for answer in site.client.send_many(hook, ids):
        if not answer.accepted:
            site.client.until_accepted(hook, answer.id)


class Onlooker:
    """Reads the line at the throttle and what waiting steps say, again and again, between enter and exit."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._over = Event()
        self._thread = Thread(target=self._run, name="onlooker", daemon=True)
        self.joined: dict[str, float] = {}
        """By name of the call: its number in the line. Numbers are given in the order in which attempts first asked."""
        self.said: dict[str, list[tuple[float, str]]] = {}
        """By name of the call: what its waiting step said (seconds since the epoch, ``HH:MM:SS``), each text once."""
        self.reasons: set[str] = set()
        """What steps waited for, without the instants."""

    def __enter__(self) -> Onlooker:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(30)

    def _run(self) -> None:
        assert self._site.redis is not None
        while not self._over.wait(NAP):
            with suppress(redis.RedisError), self._site.redis.client() as client:
                for key in client.scan_iter("hookline:throttle:*:line"):
                    self._note_line(client.zrange(key, 0, -1, withscores=True))
            with suppress(UnavailableError), reading(self._site.journal.engine) as db:
                waiting = select(steps.c.run_id, steps.c.path, steps.c.waiting_for)
                for row in db.execute(waiting.where(steps.c.status == StepStatus.WAITING)):
                    self._note_step(f"{row.run_id}.{row.path}", row.waiting_for or "")

    def _note_line(self, line: Iterable[tuple[bytes, float]]) -> None:
        for ticket, number in line:
            run, path, _, call = ticket.decode().rsplit("/", 3)
            if call == "0" and number > 0:
                self.joined.setdefault(f"{run}.{path}", number)

    def _note_step(self, name: str, waiting_for: str) -> None:
        self.reasons.add(_UNTIL.sub("", waiting_for))
        found = _UNTIL.search(waiting_for)
        said = self.said.setdefault(name, [])
        if found and (not said or said[-1][1] != found[1]):
            said.append((time.time(), found[1]))


@dataclass(frozen=True, kw_only=True)
class Figures:
    """``used``: part of the budget, while there was demand. ``overtaken``: by how many that had asked later a call was overtaken, the worst and
    the 99th percentile. ``off``: seconds by which calls arrived after the instant that their step last named (negative: before it).
    """

    calls: int
    used: float
    lined_up: int
    overtaken: int
    overtaken_p99: float
    off: Sequence[float]

    def off_by(self, percent: int) -> float:
        """The percentile of the absolute errors."""
        errors = sorted(abs(error) for error in self.off)
        return quantiles(errors, n=100)[percent - 1] if len(errors) > 1 else 0.0

    def __str__(self) -> str:
        return (
            f"{self.calls} calls, {self.used:.1%} of the budget; {self.lined_up} lined up, overtaken by {self.overtaken} at most "
            f"(p99 {self.overtaken_p99:.0f}); {len(self.off)} named an instant, off by {self.off_by(50):.2f} s (p50), "
            f"{self.off_by(95):.2f} s (p95), {self.off_by(99):.2f} s (p99), {max(map(abs, self.off), default=0):.2f} s at most"
        )


def figures(calls: Sequence[Call], rate: Rate, seen: Onlooker) -> Figures:
    """Of the calls that carry a step's name."""
    named = sorted((call for call in calls if call.name), key=lambda call: call.at)
    overtaken = sorted(_overtaken([seen.joined[call.name] for call in named if call.name in seen.joined]))
    off = [_off(call, seen.said) for call in named if seen.said.get(call.name)]
    windows = int(rate.lasting / rate.seconds)
    within = sum(1 for call in named if call.at < named[0].at + windows * rate.seconds)
    return Figures(
        calls=len(named),
        used=within / (rate.limit * windows),
        lined_up=len(overtaken),
        overtaken=overtaken[-1] if overtaken else 0,
        overtaken_p99=overtaken[int(len(overtaken) * 0.99)] if overtaken else 0,
        off=off,
    )


def _overtaken(numbers: Sequence[float]) -> Iterable[int]:
    """For each number, how many greater ones stand before it."""
    return (
        sum(1 for before in numbers[max(0, place - 500) : place] if before > number)
        for place, number in enumerate(numbers)
    )


def _off(call: Call, said: Mapping[str, Sequence[tuple[float, str]]]) -> float:
    """Against the last instant that was named: the first millisecond of a second stands for all of it."""
    _, text = said[call.name][-1]
    named = _of_day(text)
    arrived = _of_day(clock(int(call.wall_ms))) + call.wall_ms % 1000 / 1000
    difference = (arrived - named + 43_200) % 86_400 - 43_200
    return difference if difference < 0 else max(0.0, difference - 1)


def _of_day(text: str) -> int:
    hours, minutes, seconds = map(int, text.split(":"))
    return hours * 3600 + minutes * 60 + seconds
