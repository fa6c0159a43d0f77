"""The pytest plugin: collects ``*.test.yaml`` when it is asked to. Owns the bridge between pytest and tests of flows, nothing else.

It is loaded wherever Hookline is installed, so that it imports nothing but pytest until a test file is collected, and does nothing
unless ``--hookline`` is given or ``hookline_tests = true`` stands in pytest's configuration. ``-p no:hookline`` takes it away.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from engine.flow.model import Flow
    from engine.runtime.rehearsal.cases import Case
    from engine.runtime.rehearsal.differences import Problem
    from engine.runtime.rehearsal.suite import Suite

ENDINGS = (".test.yaml", ".test.yml")
OPTION = "hookline_tests"


def pytest_addoption(parser: pytest.Parser) -> None:
    words = "Collect tests of Hookline flows (*.test.yaml)."
    parser.getgroup("hookline").addoption("--hookline", action="store_true", default=False, help=words)
    parser.addini(OPTION, f"{words} The same as --hookline.", type="bool", default=False)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    enabled = parent.config.getoption("--hookline") or parent.config.getini(OPTION)
    if not enabled or not file_path.name.endswith(ENDINGS):
        return None
    return FlowTestFile.from_parent(parent, path=file_path)


class DoesNotHold(Exception):
    """A test of a flow failed; the problems say where and how."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(line for problem in problems for line in problem.lines()))


class FlowTestFile(pytest.File):
    """A ``*.test.yaml``; one that has findings is a collection error that lists them."""

    def collect(self) -> Iterator[FlowTest]:
        from engine.errors import HooklineError

        suite = _suite(self.config)
        try:
            tests = suite.read(_shown(self.path))
        except HooklineError as error:
            raise self.CollectError(str(error)) from None
        for case in tests.cases:
            yield FlowTest.from_parent(self, name=case.name, case=case, flow=tests.flow, suite=suite)


class FlowTest(pytest.Item):
    """One test of a flow."""

    def __init__(self, *, case: Case, flow: Flow, suite: Suite, **rest: object) -> None:
        super().__init__(**rest)  # type: ignore[arg-type]
        self._case = case
        self._flow = flow
        self._suite = suite

    def runtest(self) -> None:
        verdict = self._suite.judged(self._flow, self._case)
        if not verdict.passed:
            raise DoesNotHold(verdict.problems)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        if isinstance(excinfo.value, DoesNotHold):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self._case.place.line - 1, f"{self._flow.id}: {self.name}"


def _shown(path: Path) -> Path:
    """As a person would name it, for findings."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


SUITE = pytest.StashKey["Suite"]()


def _suite(config: pytest.Config) -> Suite:
    """One for the session, so that each flow is read and checked once."""
    if SUITE not in config.stash:
        from engine.app import installed_connectors
        from engine.runtime.rehearsal.suite import Suite

        config.stash[SUITE] = Suite(installed_connectors())
    return config.stash[SUITE]
