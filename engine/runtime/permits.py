"""The permits of one attempt's calls. Owns when its thread waits for its turn, when its run parks instead, and what a 429 means to it.

A short wait holds the thread; a longer one raises PermitWait, which parks the run. Whatever has waited keeps its place in the line while
it is parked. Nothing here sends, and nothing retries what was sent, but for a call that the service refused with 429.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from time import monotonic, sleep, time
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from engine.errors import RedisUnavailable
from engine.runtime.places import NoPlace, Place
from engine.runtime.retry_after import pause_after_429, pause_when_used_up
from engine.sdk.errors import Kind, ServiceError
from engine.sdk.http import Response
from engine.throttle import Cold, Permit, Wait

if TYPE_CHECKING:
    from engine.runtime.connection_client import OpenConnection, Outside

Words: TypeAlias = Callable[[int], str]
"""What is waited for, when it lasts so many milliseconds from now."""

HOLD_MS = 1_200
"""A wait up to this long holds the thread; a longer one parks the run."""

HOLD_BEGUN_MS = 5_000
"""The same for an attempt that has made calls: parked, it would have to make them again."""

REDIS_AGAIN_MS = 2_000

LOOK_AGAIN_MS = 1_500
"""After a look at calls that the throttle forgot and that have not ended."""

WRITE_AHEAD_MS = 2_000
"""How much of a permit's time may pass until its call leaves, without taking any from the call's own."""

TOO_MANY_REQUESTS = 429


class PermitWait(Exception):
    """No permit for longer than a thread should wait: try the same attempt again in ``ms``. ``why`` is what `runs show` prints."""

    def __init__(self, ms: int, why: str) -> None:
        super().__init__(why)
        self.ms = ms
        self.why = why


class Permits:
    """``take`` one before each call, ``give_back`` at its end, and ``heed`` its answer.

    ``ticket`` names the attempt at the throttle. ``time_left``: the milliseconds that time limits around the step leave, None without one.
    An attempt that may not park waits here, ``timeout_ms`` in all.
    """

    def __init__(
        self,
        connection: OpenConnection,
        outside: Outside,
        *,
        ticket: str,
        timeout_ms: int,
        may_park: bool,
        time_left: Callable[[], int | None],
    ) -> None:
        self._connection = connection
        self._outside = outside
        self._ticket = ticket
        self._timeout_ms = timeout_ms
        self._may_park = may_park
        self._time_left = time_left
        self._asked_first: float | None = None
        self.calls = 0
        """How many have been made; the caller counts them."""
        self.has_written = False
        """Whether one of them may have had an effect: from then on the attempt cannot be started over."""
        self.usable_until = 0.0
        """The instant of ``monotonic`` up to which a call may leave with the last permit and have all its time."""
        self.ends_at = 0.0
        """The instant of ``monotonic`` up to which the throttle counts the last permit in any case: not to be used after it."""

    @contextmanager
    def place(self) -> Iterator[Place]:
        """One of the worker's threads for a call on this connection. Raises PermitWait when slow calls have all that it may have."""
        must = self.calls > 0 or not self._can_start_over
        with ExitStack() as stack:
            try:
                place = stack.enter_context(self._outside.places.taken(self._connection.key, must=must))
            except NoPlace as full:
                why = f"{self._connection.label} to answer {full.taken} slow calls"
                raise PermitWait(full.ms, self._until(why)(full.ms)) from None
            yield place

    def take(self, *, had_turn: bool = False) -> Permit:
        """A permit for the next call. ``had_turn``: who could not use one in time comes before those who wait for their first.

        Raises PermitWait, and ServiceError when an attempt that may not park has waited as long as it may.
        """
        self._asked_first = monotonic() if self._asked_first is None else self._asked_first
        while True:
            asked_at = monotonic()
            try:
                answer = self._ask(self.calls, begun=had_turn)
                if isinstance(answer, Cold):
                    if answer.lost and answer.ms < WRITE_AHEAD_MS:
                        # The last permits from before the loss are not in the journal yet, or their calls will never leave.
                        self._hold_or_park(WRITE_AHEAD_MS - answer.ms, self._forgotten, longest=WRITE_AHEAD_MS)
                    elif not self._warm(answer):
                        self._hold_or_park(LOOK_AGAIN_MS, self._forgotten)
                    continue
            except RedisUnavailable:
                self._hold_or_park(REDIS_AGAIN_MS, lambda ms: f"{self._connection.label} until Redis answers")
                continue
            if isinstance(answer, Permit):
                self.usable_until = asked_at + WRITE_AHEAD_MS / 1000
                self.ends_at = self.usable_until + self._timeout_ms / 1000
                return answer
            self._count_wait(answer)
            self._hold_or_park(answer.ms, self._turn(answer))

    def give_back(self, permit: Permit) -> None:
        with suppress(
            RedisUnavailable
        ):  # The permit then counts for its whole deadline, which is stricter, never looser.
            self._outside.throttle.done(permit)

    def heed(self, response: Response) -> bool:
        """Obey the service's own count: pause the connection for everyone. True when the call was refused and is to be made again here.

        Raises PermitWait when the attempt goes back to wait: before all others, for it had its turn.
        """
        budget, refused = self._connection.budget, response.status == TOO_MANY_REQUESTS
        if refused:
            self._outside.metrics.throttled_answers.add(connection=self._connection.label)
            told = self._connection.kind.errors(response).retry_after
            seconds: float | None = pause_after_429(response, budget, told=told, now=time())
        else:
            seconds = pause_when_used_up(response, budget)
        if seconds is None:
            return False
        ms = round(seconds * 1000)
        with suppress(RedisUnavailable):  # The throttle knows it all the same, and tells Redis when that answers.
            self._outside.throttle.pause(self._connection.key, ms)
        if refused and self._can_start_over:
            self._start_over(ms, self._until(f"{self._connection.label} 429 from the service"))
        return refused

    @property
    def _can_start_over(self) -> bool:
        # What makes more calls than the budget has in a window would start over for ever.
        return self._may_park and not self.has_written and self.calls < self._most_calls

    @property
    def _most_calls(self) -> int:
        return min(window.limit for window in self._connection.budget.windows)

    def _ask(self, call: int, *, begun: bool = False) -> Permit | Wait | Cold:
        return self._outside.throttle.acquire(
            self._connection.key,
            self._connection.budget,
            f"{self._ticket}/{call}",
            deadline_ms=self._timeout_ms + WRITE_AHEAD_MS,
            begun=begun or call > 0,
        )

    def _warm(self, cold: Cold) -> bool:
        """The throttle forgot this connection: count from what the journal knows. False as long as a call may be under way: look again soon."""
        budget = self._connection.budget
        window_ms = round(max(window.seconds for window in budget.windows) * 1000)
        age = self._outside.age_of_last_call(self._connection.owner, self._connection.name, window_ms)
        # Age 0 is a call that nobody has ended: its worker may be dead, and it may be on its way as long as a call may last. None is made meanwhile.
        if age == 0 and cold.ms < self._timeout_ms + WRITE_AHEAD_MS:
            return False
        self._outside.throttle.warm(self._connection.key, quiet_ms=0 if age is None else max(0, window_ms - age))
        return True

    def _count_wait(self, wait: Wait) -> None:
        metrics, label = self._outside.metrics, self._connection.label
        metrics.permit_waits.add(connection=label)
        metrics.permit_wait_seconds.add(wait.ms / 1000, connection=label)

    def _turn(self, wait: Wait) -> Words:
        reason = "the service's pause" if wait.paused else str(self._connection.budget)
        return self._until(f"{self._connection.label} {reason}")

    def _hold_or_park(self, ms: int, why: Words, *, longest: int = HOLD_MS) -> None:
        if not self._can_start_over:
            self._hold_on(ms, why)
            return
        left = self._time_left()
        longest = HOLD_BEGUN_MS if self.calls else longest
        if ms > longest or (left is not None and ms >= left):
            self._start_over(ms, why)
        if self._outside.pause(max(ms, 1) / 1000):
            raise PermitWait(ms, why(ms))

    def _hold_on(self, ms: int, why: Words) -> None:
        """The attempt waits here, as long as it may last."""
        assert self._asked_first is not None
        waited_ms = (monotonic() - self._asked_first) * 1000
        if waited_ms + ms > self._timeout_ms:
            raise ServiceError(
                Kind.THROTTLED,
                f"no permit in time: waits for {why(ms)}",
                retry_after=ms / 1000,
                remedy=self._remedy,
            )
        if not self._outside.pause(max(ms, 1) / 1000):
            return
        if not self._may_park:
            raise ServiceError(
                Kind.THROTTLED,
                f"this process stops, and there is no permit yet: waits for {why(ms)}",
            )
        # Failing here would spoil a step that is half done; if the process is ended meanwhile, the attempt is recovered as interrupted.
        sleep(ms / 1000)

    @property
    def _remedy(self) -> str | None:
        if self._may_park and self.calls >= self._most_calls:
            return f"the action makes more calls than {self._connection.budget} has: give the step a longer timeout"
        return None

    def _start_over(self, ms: int, why: Words) -> NoReturn:
        """The run parks, and the attempt begins again with its first call, for which it joins the line before those that have made none."""
        if self.calls:
            with suppress(RedisUnavailable):
                self._outside.throttle.leave(self._connection.key, f"{self._ticket}/{self.calls}")
                match self._ask(0, begun=True):
                    case Permit() as unused:
                        self.give_back(unused)
                    case Wait() as wait:
                        ms = wait.ms
                    case Cold():
                        pass
        raise PermitWait(ms, why(ms))

    def _forgotten(self, ms: int) -> str:
        return f"{self._connection.label} calls under way that Redis forgot"

    def _until(self, why: str) -> Words:
        return lambda ms: f"{why} until {self._outside.clock(ms)}"
