"""The release before works on while and after this one migrates the database: first the schema grows, then processes are restarted one by one.

Invariant: no statement of an earlier release fails on this release's schema or while it comes about, and nothing that it stores is lost.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

from sqlalchemy import Engine, text

from engine.journal import schema
from engine.journal.database import connect, reading, writing
from tests.eventually import eventually
from tests.upgrade.conftest import NewDatabase
from tests.upgrade.releases import Release
from tests.upgrade.replay import connect as connect_as
from tests.upgrade.replay import new_names, story

ENDS = {"done": "succeeded", "refused": "failed", "retry": "parked", "loop": "parked"}
"""Stories, and where each leaves its run."""
PROCESSES = 3
ROUNDS = 3
"""How many stories each process tells before the migration, and after it."""


def test_every_statement_of_an_earlier_release_is_understood_and_comes_to_the_same(
    release: Release, new_database: NewDatabase
) -> None:
    left, told = new_database(), new_database()
    release.restore(left)
    migrate(told)
    as_before = connect_as(release, told)
    for transaction in release.transactions:
        as_before.tell(transaction, {})
    as_before.close()
    for url in (left, told):
        migrate(url)
    assert state(told) == state(left)
    assert len(state(told)) > 30


def migrate(url: str) -> None:
    engine = connect(url)
    schema.migrate(engine)
    engine.dispose()


def state(url: str) -> list[tuple[object, ...]]:
    """All runs and attempts, without their times."""
    engine = connect(url)
    with reading(engine) as db:
        runs = db.execute(
            text(
                "SELECT id, flow, status, claim_no, changes, outputs, message, lane, held, parent_run, paused FROM runs ORDER BY id"
            )
        )
        steps = db.execute(
            text(
                "SELECT run_id, path, attempt, status, given, output, folded FROM steps ORDER BY run_id, path, attempt"
            )
        )
        found = [tuple(row) for row in runs] + [tuple(row) for row in steps if not str(row.given).startswith('"sealed')]
    engine.dispose()
    return found


class Process:
    """A process of the earlier release: tells stories until it is stopped."""

    def __init__(self, release: Release, url: str) -> None:
        self.release = release
        self.url = url
        self.told: Counter[str] = Counter()
        self.stopping = Event()

    def work(self) -> Counter[str]:
        teller = connect_as(self.release, self.url)
        asked_all_the_time = [item for item in story(self.release, "after") if item.reads]
        try:
            while not self.stopping.is_set():
                for name in ENDS:
                    transactions = story(self.release, name)
                    names = new_names(self.release, transactions)
                    for transaction in transactions:
                        teller.tell(transaction, names)
                    self.told[name] += 1
                    # SQLite gives its lock to whoever asks at the right moment: who never pauses lets nobody else in.
                    self.stopping.wait(0.01)
                for transaction in asked_all_the_time:
                    teller.tell(transaction, {})
        finally:
            teller.close()
        return self.told


def test_the_earlier_releases_processes_work_on_while_this_one_migrates(
    release: Release, new_database: NewDatabase
) -> None:
    url = new_database()
    release.restore(url)
    engine = connect(url)
    add_history(engine, release, 20_000)
    before = ended(engine)
    processes = [Process(release, url) for _ in range(PROCESSES)]
    with ThreadPoolExecutor(PROCESSES) as pool:
        futures = [pool.submit(process.work) for process in processes]
        try:
            all_told(processes, futures, ROUNDS)
            assert schema.migrate(engine) == (release.revision, schema.REVISIONS[-1])
            so_far = max(sum(process.told.values()) for process in processes)
            all_told(processes, futures, so_far + ROUNDS)
        finally:
            for process in processes:
                process.stopping.set()
        told: Counter[str] = sum((future.result() for future in futures), Counter())
    expected = Counter(before)
    for name, count in told.items():
        expected[name, ENDS[name]] += count
    assert ended(engine) == expected
    engine.dispose()


def all_told(processes: list[Process], futures: list[Future[Counter[str]]], rounds: int) -> None:
    def look() -> bool:
        for future in futures:
            if future.done():
                future.result()
        return all(sum(process.told.values()) >= rounds for process in processes)

    eventually(look, within=60, saying=lambda: [process.told for process in processes])


def ended(engine: Engine) -> Counter[tuple[str, str]]:
    """How many runs of each flow stand where."""
    with reading(engine) as db:
        rows = db.execute(text("SELECT flow, status, count(*) FROM runs GROUP BY flow, status"))
        return Counter({(row[0], row[1]): row[2] for row in rows})


def add_history(engine: Engine, release: Release, runs: int) -> None:
    """Copies of a run that is over, with its attempts."""
    [source] = release.runs["done"]
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :runs)"
    with writing(engine) as db:
        for table, key in (("runs", "id"), ("steps", "run_id")):
            columns = [row[0] for row in db.execute(text(COLUMNS[engine.dialect.name]), {"table": table})]
            values = ", ".join(
                f"'h' || CAST(n.i AS TEXT) || substr({key}, 1, 18)" if name == key else name for name in columns
            )
            db.execute(
                text(
                    f"INSERT INTO {table} ({', '.join(columns)}) {numbers} SELECT {values} FROM {table}, n WHERE {key} = :source"
                ),
                {"runs": runs, "source": source},
            )


COLUMNS = {
    "sqlite": "SELECT name FROM pragma_table_info(:table)",
    "postgresql": "SELECT column_name FROM information_schema.columns WHERE table_name = :table ORDER BY ordinal_position",
}
