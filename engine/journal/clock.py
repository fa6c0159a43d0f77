"""The database's clock. Owns ``now_ms()``, the only source of times in the journal; workers' own clocks never reach a table."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class now_ms(FunctionElement[int]):  # noqa: N801 - it stands in statements like func.now
    """Milliseconds since the epoch, UTC, equal everywhere in one statement."""

    type = BigInteger()
    inherit_cache = True
    name = "now_ms"


@compiles(now_ms, "sqlite")
def _sqlite(element: now_ms, compiler: SQLCompiler, **kw: Any) -> str:
    # SQLite before 3.42 has no 'subsec'. It keeps a time as whole milliseconds inside; the double that julianday() makes of it is
    # exact to 0.04 ms, so that rounding gives the millisecond back (https://sqlite.org/lang_datefunc.html).
    return "CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)"


@compiles(now_ms, "postgresql")
def _postgresql(element: now_ms, compiler: SQLCompiler, **kw: Any) -> str:
    # clock_timestamp() would be volatile and so keep comparisons from using an index; now() would stand still while a lock is awaited.
    return "CAST(FLOOR(EXTRACT(EPOCH FROM statement_timestamp()) * 1000) AS BIGINT)"
