"""``python -m tests.upgrade.record REVISION [COMMIT]``: make the fixtures of the release at COMMIT (HEAD), whose schema is REVISION.

Run it once, with the commit that a release is made of, and add what it writes to ``releases/REVISION``. What is new in the release's schema or
language gets stories of its own in ``stories.py`` first. The commit's own code fills the databases; they are kept as SQL, with times of the
year 2020, so that whatever waits for an instant has waited long enough whenever it is tested.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import BigInteger, Engine, create_engine, inspect, text

from tests.postgres_server import find_programs, running_server

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RELEASES = HERE / "releases"
EPOCH = 1_577_836_800_000
"""The beginning of 2020, which the instant of recording is moved to."""
NEVER = 253_402_300_799_000
"""When what is held in a lane is due: the end of the year 9999."""


def main(revision: str, commit: str) -> None:
    folder = RELEASES / revision
    with tempfile.TemporaryDirectory() as temporary:
        tree = archived(commit, Path(temporary))
        shutil.copytree(HERE, tree / "tests" / "upgrade", ignore=shutil.ignore_patterns("releases", "test_*"))
        _sqlite(revision, tree, folder)
        _postgresql(revision, tree, folder)
    full = subprocess.run(["git", "rev-parse", commit], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    _write(folder / "commit", full.strip())


def archived(commit: str, folder: Path) -> Path:
    """The source of a commit, as a tree of its own."""
    tree = folder / "tree"
    tree.mkdir()
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True).stdout
    subprocess.run(["tar", "-x"], cwd=tree, input=archive, check=True)
    return tree


def _sqlite(revision: str, tree: Path, folder: Path) -> None:
    file = tree / "fixture.db"
    url = f"sqlite:///{file}"
    _fill(revision, tree, url, folder / "sqlite")
    engine = create_engine(url)
    move_to_2020(engine)
    engine.dispose()
    with sqlite3.connect(file) as db:
        _write(folder / "sqlite" / "database.sql", "\n".join(db.iterdump()))


def _postgresql(revision: str, tree: Path, folder: Path) -> None:
    programs = find_programs()
    assert programs is not None, "PostgreSQL's programs are not here"
    with running_server(programs) as server:
        url = server.create_database("fixture")
        _fill(revision, tree, url, folder / "postgresql")
        engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
        move_to_2020(engine)
        engine.dispose()
        done = subprocess.run(
            [programs / "pg_dump", "--inserts", "--no-owner", "--no-privileges", url],
            capture_output=True,
            text=True,
            check=True,
        )
    _write(folder / "postgresql" / "database.sql", "\n".join(_portable(done.stdout.splitlines())))


def _fill(revision: str, tree: Path, url: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [sys.executable, "-m", "tests.upgrade.fill", revision, url, str(folder)],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        check=True,
    )


def move_to_2020(engine: Engine) -> None:
    """Every instant in the database, by the same distance."""
    with engine.begin() as db:
        now = int(db.execute(text("SELECT max(created_at) FROM runs")).scalar_one())
        found = inspect(engine)
        for table in found.get_table_names():
            for column in found.get_columns(table):
                if isinstance(column["type"], BigInteger):
                    name = column["name"]
                    db.execute(
                        text(f"UPDATE {table} SET {name} = {name} - :by WHERE {name} < :never"),
                        {"by": now - EPOCH, "never": NEVER},
                    )


def _portable(lines: Sequence[str]) -> list[str]:
    """Without what belongs to the server's release or to psql."""
    left_out = ("--", "SET ", "\\", "SELECT pg_catalog.set_config")
    return [line for line in lines if line and not line.startswith(left_out)]


def _write(file: Path, content: str) -> None:
    file.write_text(f"{content}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "HEAD")
