"""Tests that go on side by side. Owns the mark and starting what is marked; most of a crash test is waiting for a lease, which many can do at once.

    @together
    def test_what_must_hold(site: Site) -> None: …

Each test of a file that is marked so, and selected, is begun when the first of them is: on a thread and with a site of its own, on SQLite and on
PostgreSQL. A test's verdict is the one of its own case, as if it had run alone. ``SIDE_BY_SIDE`` in the file says how many go on at once.
"""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from tests.faults.nursery import Nursery
from tests.faults.site import Site
from tests.postgres_server import PostgresServer

SIDE_BY_SIDE = 4
DATABASES = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))
POSTGRES_LATER = ("sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.long]))
"""For a fault that is none of a database server's: its twin on PostgreSQL runs with the long tests."""
site_on_postgres_later = pytest.mark.parametrize("database_url", POSTGRES_LATER, indirect=True)
"""The same for a test that has its site from the fixtures."""
TIMEOUT = 600
_CASE = "_case"
_ASKED = ("request", "verdicts")


class Verdicts:
    """What became of the cases, by the test's id."""

    def __init__(self) -> None:
        self._futures: dict[str, Future[None]] = {}

    def expect(self, node_id: str, future: Future[None]) -> None:
        self._futures[node_id] = future

    def of(self, node_id: str) -> None:
        """Waits for it. Raises what the case raised."""
        self._futures[node_id].result()


def together(case: Callable[..., None], *, databases: Sequence[object] = DATABASES) -> Callable[..., None]:
    """Mark a test. Put it above ``parametrize``."""

    def test(request: pytest.FixtureRequest, verdicts: Verdicts, **parameters: object) -> None:
        verdicts.of(request.node.nodeid)

    named = [*_ASKED, "database", *(name for name in inspect.signature(case).parameters if name != "site")]
    signature = inspect.Signature([inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in named])
    test.__name__, test.__doc__, test.__module__ = case.__name__, case.__doc__, case.__module__
    vars(test).update({**vars(case), "__signature__": signature, _CASE: case})
    return pytest.mark.timeout(TIMEOUT)(pytest.mark.parametrize("database", databases)(test))


on_sqlite = partial(together, databases=("sqlite",))
on_postgres_later = partial(together, databases=POSTGRES_LATER)


def begun(request: pytest.FixtureRequest, folders: pytest.TempPathFactory, nursery: Nursery) -> Iterator[Verdicts]:
    """Of the fixture ``verdicts``: begins every selected case of the file."""
    verdicts, databases = Verdicts(), _Databases(request)
    width = getattr(request.module, "SIDE_BY_SIDE", SIDE_BY_SIDE)
    with ThreadPoolExecutor(width, thread_name_prefix="case") as pool:
        for item in request.session.items:
            case = getattr(getattr(item, "obj", None), _CASE, None)
            if item.path == request.path and case is not None:
                assert isinstance(item, pytest.Function)
                parameters = dict(item.callspec.params)
                make = databases.maker(str(parameters.pop("database")))
                folder = folders.mktemp("case")
                verdicts.expect(item.nodeid, pool.submit(_run, case, folder, make, nursery, parameters))
        yield verdicts
        pool.shutdown(cancel_futures=True)


def _run(
    case: Callable[..., None],
    folder: Path,
    make: Callable[[Path], str],
    nursery: Nursery,
    parameters: Mapping[str, object],
) -> None:
    with Site(folder, make(folder), nursery=nursery) as site:
        case(site, **parameters)


class _Databases:
    """Makes migrated, empty databases; the servers behind them are asked for when the first test needs them."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self._request = request
        self._numbers = count()

    def maker(self, database: str) -> Callable[[Path], str]:
        if database == "sqlite":
            template: Path = self._request.getfixturevalue("sqlite_template")
            return lambda folder: f"sqlite:///{shutil.copy(template, folder / 'hookline.db')}"
        server: PostgresServer = self._request.getfixturevalue("postgres_server")
        like: str = self._request.getfixturevalue("postgres_template")
        module = self._request.module.__name__.rpartition(".")[2]
        return lambda folder: server.create_database(f"{module}_{next(self._numbers)}", like=like)
