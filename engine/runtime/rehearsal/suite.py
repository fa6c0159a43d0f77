"""Finds test files, reads them with their flows and plays them. Owns the files' side of ``hookline test``; prints nothing.

A test file ``NAME.test.yaml`` stands beside its flow. The flow is checked as for a deploy: one with an error is not tested.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import walk
from pathlib import Path
from time import perf_counter

from engine.check.tree import check_beside
from engine.errors import Finding, FlowFileError, NotFoundError, UsageError
from engine.flow.load import load_flow
from engine.flow.model import Flow
from engine.flow.yaml import MAX_BYTES
from engine.runtime.rehearsal.cases import Case, CaseFile
from engine.runtime.rehearsal.judge import Verdict, judge
from engine.runtime.rehearsal.read import read_tests
from engine.sdk.connector import Connector

ENDINGS = (".test.yaml", ".test.yml")


@dataclass(frozen=True, kw_only=True, slots=True)
class Timed:
    """One test, played. ``seconds``: of this machine's time."""

    verdict: Verdict
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class FileReport:
    """What came of one test file: findings and no tests, or tests. ``flow``: the flow's id, "" when it could not be read."""

    file: str
    flow: str = ""
    findings: tuple[Finding, ...] = ()
    tests: tuple[Timed, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.findings and all(test.verdict.passed for test in self.tests)


class Suite:
    """Test files and the flows beside them; each flow is read and checked once."""

    def __init__(self, catalogue: Mapping[str, Connector]) -> None:
        self._catalogue = catalogue
        self._flows: dict[Path, Flow | FlowFileError] = {}

    def reports(self, files: Sequence[Path]) -> Iterator[FileReport]:
        """Play every test of every file. Raises UsageError for a file that cannot be read."""
        for file in files:
            yield self.report(file)

    def report(self, file: Path) -> FileReport:
        try:
            tests = self.read(file)
        except FlowFileError as error:
            return FileReport(file=str(file), findings=error.findings)
        return FileReport(file=str(file), flow=tests.flow.id, tests=tuple(self.tested(tests)))

    def read(self, file: Path) -> CaseFile:
        """The tests of a file. Raises FlowFileError with its findings, or with those of its flow."""
        return read_tests(content(file), str(file), lambda name: self._flow(file, name), self._catalogue)

    def tested(self, tests: CaseFile) -> Iterator[Timed]:
        for case in tests.cases:
            begun = perf_counter()
            verdict = self.judged(tests.flow, case)
            yield Timed(verdict=verdict, seconds=perf_counter() - begun)

    def judged(self, flow: Flow, case: Case) -> Verdict:
        return judge(flow, case, self._catalogue)

    def _flow(self, file: Path, name: str) -> Flow | None:
        """The flow of that id: first the file of the same name, then all others of the folder. Raises FlowFileError."""
        stem = next(file.name.removesuffix(ending) for ending in ENDINGS if file.name.endswith(ending))
        return self.beside(file.parent, name, stem=stem)

    def beside(self, folder: Path, name: str, *, stem: str | None = None) -> Flow | None:
        """The flow of that id in the folder, checked; the file ``stem`` is looked at first. Raises FlowFileError."""
        first = name if stem is None else stem
        for path in sorted(filter(_is_flow, folder.iterdir()), key=lambda path: (path.stem != first, path)):
            flow = self._read_flow(path)
            if isinstance(flow, Flow) and flow.id == name:
                self._check(flow)
                return flow
            if isinstance(flow, FlowFileError) and path.stem in (first, name):
                raise flow
        return None

    def _read_flow(self, path: Path) -> Flow | FlowFileError:
        if path not in self._flows:
            try:
                self._flows[path] = load_flow(content(path), str(path))
            except FlowFileError as error:
                self._flows[path] = error
        return self._flows[path]

    def _check(self, flow: Flow) -> None:
        errors = [finding for finding in check_beside(flow, self._catalogue) if finding.is_error]
        if errors:
            raise FlowFileError(errors)


def find_files(paths: Sequence[str | Path]) -> list[Path]:
    """The test files among ``paths``: of a folder all below it, of a flow file the one beside it. Raises UsageError, NotFoundError."""
    found: dict[Path, Path] = {}
    for path in map(Path, paths):
        for file in _below(path) if path.is_dir() else [_named(path)]:
            found.setdefault(file.resolve(), file)
    if not found:
        listed = ", ".join(map(str, paths))
        raise NotFoundError(
            f"there is no test file in {listed}", remedy="Tests of a flow stand beside it in NAME.test.yaml."
        )
    return list(found.values())


def content(path: Path) -> bytes:
    """At most so much that the reader can say that it is too large. Raises UsageError."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"the file {path} cannot be read: {error.strerror}", remedy="Check its permissions."
        ) from error


def _named(path: Path) -> Path:
    beside = path.with_name(f"{path.stem}.test{path.suffix}")
    file = path if path.name.endswith(ENDINGS) else beside
    if file.is_file():
        return file
    if path.is_file():
        raise NotFoundError(f"there are no tests of {path}", remedy=f"Write them into {beside}.")
    raise NotFoundError(f"there is no file or folder {path}", remedy="Name a test file (*.test.yaml) or a folder.")


def _below(root: Path) -> Iterator[Path]:
    for folder, folders, names in walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (
            Path(folder) / name for name in sorted(names) if name.endswith(ENDINGS) and not name.startswith(".")
        )


def _is_flow(path: Path) -> bool:
    return path.suffix in (".yaml", ".yml") and not path.name.endswith(ENDINGS) and not path.name.startswith(".")
