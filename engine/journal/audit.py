"""The audit log. Owns its rows: who did what to which thing. A row is written in the transaction of what it tells of."""

from __future__ import annotations

from sqlalchemy import Connection, insert

from engine.journal.clock import now_ms
from engine.journal.ids import IdMaker
from engine.journal.tables import audit
from engine.strictjson import JsonObject

_ids = IdMaker()


def note(
    db: Connection, *, owner: str, actor: str, action: str, subject: str, detail: JsonObject | None = None
) -> None:
    """``actor``: ``cli``, ``console`` or a token's id; ``action``: ``flow.pause``; ``subject``: the kind of thing and its name, ``flow:greet``."""
    row = {"id": _ids.new(), "at": now_ms(), "owner": owner, "actor": actor, "action": action}
    db.execute(insert(audit).values(**row, subject=subject, detail=detail))
