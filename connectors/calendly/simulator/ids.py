"""Ids and times as Calendly writes them. Owns making both, deterministically from a seed and a clock; knows no resource."""

from __future__ import annotations

import random
import string
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

# Nanoseconds since the epoch; tests turn it by hand.
Clock: TypeAlias = "Callable[[], int]"


class Ids:
    """A sequence of ids in both of Calendly's forms; the same seed gives the same ids."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def old(self) -> str:
        """16 upper-case letters and digits, as resources made before 2022 have."""
        return self._text(string.ascii_uppercase + string.digits, 16)

    def new(self) -> str:
        """An RFC 4122 uuid."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def page_token(self) -> str:
        return self._text(string.ascii_letters + string.digits, 32)

    def _text(self, alphabet: str, length: int) -> str:
        return "".join(self._random.choices(alphabet, k=length))


def stamp(ns: int) -> str:
    """UTC with six decimals and Z."""
    return _text(datetime.fromtimestamp(ns // 1_000_000_000, UTC).replace(microsecond=ns // 1000 % 1_000_000))


def whole_second(ns: int) -> str:
    """As ``stamp``, without the fraction: what the envelope of a delivery carries."""
    return stamp(ns // 1_000_000_000 * 1_000_000_000)


def milliseconds(ns: int) -> str:
    """UTC with three decimals and Z: what routing form submissions carry."""
    return f"{stamp(ns)[:-4]}Z"


def later(time: str, **by: float) -> str:
    """A time after another; the units are those of timedelta."""
    return _text(moment(time) + timedelta(**by))


def moment(time: str) -> datetime:
    """The instant of an ISO 8601 time; one without a zone is UTC. Raises ValueError."""
    read = datetime.fromisoformat(time)
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def canonical(time: str) -> str:
    """Any ISO 8601 time in Calendly's form. Raises ValueError."""
    return _text(moment(time))


def _text(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
