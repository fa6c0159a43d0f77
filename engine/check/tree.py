"""Checking files and folders. Owns putting together what the loader and the checker find; reads files through the loader only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.check.holes import holes_of
from engine.check.rules import check_flow
from engine.errors import Finding
from engine.flow.load import FlowFile, read_flows
from engine.flow.model import Flow
from engine.sdk.connector import Connector


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """What stands in the files: the flows that could be read, and all findings (errors and warnings), by place."""

    flows: tuple[Flow, ...]
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.is_error)


def check_files(paths: Sequence[str | Path], catalogue: Mapping[str, Connector]) -> Checked:
    """Read and check files and trees, offline. Raises UsageError for a path that is not there."""
    files = list(read_flows(paths))
    flows = tuple(file.flow for file in files if file.flow is not None)
    findings = {finding for file in files for finding in findings_of(file, catalogue)}
    return Checked(
        flows=flows, findings=tuple(sorted(findings, key=lambda item: (item.place, item.code, item.message)))
    )


def findings_of(file: FlowFile, catalogue: Mapping[str, Connector]) -> Iterator[Finding]:
    """Everything that is wrong in one file: also what can be seen in a file that does not load."""
    yield from file.findings
    if file.flow is not None:
        yield from check_flow(file.flow, catalogue)
    elif file.draft is not None:
        draft = file.draft
        yield from check_flow(draft.flow, catalogue, holes_of(draft.data, len(draft.flow.triggers), file.findings))
