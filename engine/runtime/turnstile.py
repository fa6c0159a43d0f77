"""Many side by side, or one alone. Owns who waits for whom in one worker process; it knows nothing of what they do inside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class Turnstile:
    """Whoever wants to be alone keeps others from coming in, and waits until those inside have left."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._inside = 0
        self._is_taken = False

    @contextmanager
    def among_others(self, *, patience: float) -> Iterator[None]:
        """After ``patience`` seconds one goes in although somebody wants to be alone."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_taken, patience)
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self, *, patience: float) -> Iterator[bool]:
        """Whether it is: after ``patience`` seconds one goes in beside those who have not left by then. Not to be called from inside."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_taken)
            self._is_taken = True
            is_alone = self._changed.wait_for(lambda: self._inside == 0, patience)
        try:
            yield is_alone
        finally:
            with self._changed:
                self._is_taken = False
                self._changed.notify_all()
