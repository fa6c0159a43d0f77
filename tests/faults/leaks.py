"""Where secrets must not be. Owns turning a database and a Redis into bytes to look through."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, MetaData, select
from sqlalchemy.engine import make_url

from tests.valkey_server import ValkeyServer


def dump_of_database(engine: Engine) -> bytes:
    """Every value of every table, as the database holds it; of SQLite also the bytes of its files, where deleted rows linger."""
    found: list[bytes] = []
    there = MetaData()
    there.reflect(engine)
    with engine.connect() as db:
        for table in there.sorted_tables:
            for row in db.execute(select(table)):
                found += [_bytes(value) for value in row if value is not None]
    if engine.dialect.name == "sqlite":
        file = Path(str(make_url(str(engine.url)).database))
        found += [other.read_bytes() for other in file.parent.glob(f"{file.name}*")]
    return b"\n".join(found)


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()


def dump_of_redis(server: ValkeyServer) -> bytes:
    """Every key of every database with its value as Redis serialises it; nothing when the server is down."""
    if not server.runs:
        return b""
    found: list[bytes] = []
    with server.client() as client:
        for number in range(4):
            client.select(number)
            for key in client.scan_iter():
                found += [key, client.dump(key) or b""]
    return b"\n".join([*found, *(file.read_bytes() for file in server.files)])
