"""Writes down what a release asks of its database: every statement as the driver gets it, by transaction. Executed by that release.

``{"sql": [text, …], "transactions": [{"story", "reads", "statements": [[index of the text, parameters, many], …]}, …]}``; bytes are
``{"base64": …}``. Transactions that were rolled back are left out.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, event


class Listener:
    """Listens from when it is made. ``story`` names what the transactions that follow belong to."""

    def __init__(self, engine: Engine) -> None:
        self.story = ""
        self._texts: dict[str, int] = {}
        self._open: dict[int, dict[str, Any]] = {}
        self._done: list[dict[str, Any]] = []
        self._lock = Lock()
        event.listen(engine, "begin", self._begin)
        event.listen(engine, "before_cursor_execute", self._execute)
        event.listen(engine, "commit", self._commit)
        event.listen(engine, "rollback", self._rollback)

    def heard(self) -> dict[str, Any]:
        return {"sql": list(self._texts), "transactions": self._done}

    def write(self, file: Path) -> None:
        """With a line for each text and each transaction, so that a difference can be read."""
        parts = [f'"{name}": [\n{_lines(items)}\n]' for name, items in self.heard().items()]
        file.write_text("{\n" + ",\n".join(parts) + "\n}\n")

    def _begin(self, connection: Connection) -> None:
        options = connection.get_execution_options()
        reads = bool(options.get("postgresql_readonly") or options.get("journal_reading"))
        self._open[id(connection)] = {"story": self.story, "reads": reads, "statements": []}

    def _execute(
        self, connection: Connection, cursor: object, text: str, parameters: Any, context: object, many: bool
    ) -> None:
        if text.startswith("BEGIN"):
            return
        with self._lock:
            index = self._texts.setdefault(text, len(self._texts))
        # SQLAlchemy makes one statement of several rows where it can, and calls that many too.
        apart = many and isinstance(parameters, list | tuple) and isinstance(parameters[0], list | tuple | dict)
        self._open[id(connection)]["statements"].append([index, _plain(parameters), apart])

    def _commit(self, connection: Connection) -> None:
        with self._lock:
            self._done.append(self._open.pop(id(connection)))

    def _rollback(self, connection: Connection) -> None:
        found = self._open.pop(id(connection), None)
        # What only reads is never committed.
        if found is not None and found["reads"] and found["statements"]:
            with self._lock:
                self._done.append(found)


def _lines(items: Sequence[object]) -> str:
    return ",\n".join(json.dumps(item) for item in items)


def _plain(value: Any) -> Any:
    match value:
        case bytes() | memoryview():
            return {"base64": base64.b64encode(value).decode()}
        case _ if type(value).__name__ == "Binary":  # psycopg's, which is a driver's own wrapper
            return _plain(value.obj)
        case dict():
            return {name: _plain(item) for name, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            return value
