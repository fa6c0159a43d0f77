"""When a service says that it will take calls again. Owns reading the headers of an answer for it; decides nothing about who waits.

Connectors need not read any of these headers: only what their service says elsewhere (in a body, say) is theirs to tell.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from engine.sdk.budget import Budget
from engine.sdk.http import Response

_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")

SHORTEST_PAUSE = 1.0
"""Seconds. After a 429 nobody calls for this long, even when the service says at once, or an instant that has passed."""

LONGEST_PAUSE = 3600.0
"""Seconds. A service that states more is asked again after this, and states it again: a slip of one answer must not stop a connection for days."""


def pause_after_429(response: Response, budget: Budget, *, told: float | None, now: float) -> float:
    """Seconds to wait after a refusal. ``told``: what the connector read, which goes first; ``now``: this machine's clock (Unix seconds).

    Else the later one of Retry-After and the service's own reset header counts, else a whole window.
    """
    known = told if told is not None and math.isfinite(told) else None
    if known is None:
        stated = [retry_after(response.headers, now=now), _reset(response, budget)]
        known = max((seconds for seconds in stated if seconds is not None), default=_window(budget))
    return min(max(known, SHORTEST_PAUSE), LONGEST_PAUSE)


def pause_when_used_up(response: Response, budget: Budget) -> float | None:
    """Seconds until the service's own count starts anew, when it says that nothing is left of it; else None."""
    names = budget.headers
    if names is None or response.headers.get(names.remaining.lower(), "").strip() != "0":
        return None
    reset = _reset(response, budget)
    return min(_window(budget) if reset is None else reset, LONGEST_PAUSE)


def retry_after(headers: Mapping[str, str], *, now: float) -> float | None:
    """Seconds that the header Retry-After asks for (RFC 9110, section 10.2.3); None when it is absent or is neither a number nor a date.

    A date is counted from the answer's own Date, which makes this machine's clock unimportant, else from ``now``. One that has passed is 0.
    """
    text = headers.get("retry-after", "").strip()
    seconds = seconds_of(text)
    if seconds is not None:
        return seconds
    until, answered = _instant(text), _instant(headers.get("date", ""))
    if until is None:
        return None
    return max(0.0, until - (now if answered is None else answered))


def seconds_of(text: str | None) -> float | None:
    """A non-negative number of seconds; None for anything else (absent, garbage, negative, infinite)."""
    if text is None or _NUMBER.fullmatch(text.strip()) is None:
        return None
    value = float(text)
    return value if value < math.inf else None


def _instant(text: str) -> float | None:
    """Unix seconds of an HTTP date in any of its three forms (RFC 9110, section 5.6.7)."""
    try:
        found: datetime = parsedate_to_datetime(text.strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _reset(response: Response, budget: Budget) -> float | None:
    return seconds_of(response.headers.get(budget.headers.reset.lower())) if budget.headers else None


def _window(budget: Budget) -> float:
    return max(window.seconds for window in budget.windows)
