"""What a database that was restored has to make up for. Owns the instant from which on it knows nothing, and noting it; copies no file."""

from __future__ import annotations

from sqlalchemy import Engine, case, or_, text, update

from engine.journal.database import repeated, writing
from engine.journal.tables import subscriptions

_TIMES = (
    ("events", "received_at"),
    ("runs", "created_at"),
    ("runs", "ended_at"),
    ("subscriptions", "checked_at"),
)
NEWEST = f"SELECT max(at) FROM ({' UNION ALL '.join(f'SELECT max({column}) AS at FROM {table}' for table, column in _TIMES)}) AS times"
"""The newest time in the database, on any schema of ours: it was taken then, or nothing worth asking for happened between then and its taking."""


@repeated
def note_restored(engine: Engine) -> int | None:
    """Note at every subscription that events since the newest time in the database are to be asked for; that time.

    None when nothing happened yet. Whoever was at work on a subscription then is not any more.
    """
    with writing(engine) as db:
        instant: int | None = db.scalar(text(NEWEST))
        if instant is not None:
            later = or_(subscriptions.c.gap_from.is_(None), subscriptions.c.gap_from > instant)
            gap_from = case((later, instant), else_=subscriptions.c.gap_from)
            db.execute(update(subscriptions).values(gap_from=gap_from, locked_until=None))
        return instant
