"""Checking files and folders. Owns putting together what the loader and the checker find; reads files through the loader only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from engine.check.callees import Callees
from engine.check.holes import holes_of
from engine.check.rules import check_flow
from engine.check.subflows import outputs_of
from engine.errors import Finding, UsageError
from engine.flow.load import FlowFile, read_flows
from engine.flow.model import Flow, FlowStep, all_steps
from engine.sdk.connector import Connector


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """What stands in the files: the flows that could be read, and all findings (errors and warnings), by place."""

    flows: tuple[Flow, ...]
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.is_error)


def check_files(
    paths: Sequence[str | Path], catalogue: Mapping[str, Connector], *, deployed: Iterable[Flow] = ()
) -> Checked:
    """Read and check files and trees, offline. ``deployed``: flows that can be called besides. Raises UsageError for a path that is not there."""
    files = list(read_flows(paths))
    flows = tuple(file.flow for file in files if file.flow is not None)
    callees = _callees(files, flows, tuple(deployed), catalogue)
    findings = {finding for file in files for finding in findings_of(file, catalogue, callees)}
    return Checked(
        flows=flows, findings=tuple(sorted(findings, key=lambda item: (item.place, item.code, item.message)))
    )


def findings_of(
    file: FlowFile, catalogue: Mapping[str, Connector], callees: Callees | None = None
) -> Iterator[Finding]:
    """Everything that is wrong in one file: also what can be seen in a file that does not load. ``callees``: as for ``check_flow``."""
    yield from file.findings
    if file.flow is not None:
        yield from check_flow(file.flow, catalogue, callees=callees)
    elif file.draft is not None:
        draft = file.draft
        holes = holes_of(draft.data, len(draft.flow.triggers), file.findings)
        yield from check_flow(draft.flow, catalogue, holes, callees)


def check_beside(flow: Flow, catalogue: Mapping[str, Connector]) -> list[Finding]:
    """What is wrong with one flow, where those of its folder are what it can call; others may be deployed from elsewhere."""
    calls = any(isinstance(step, FlowStep) for step in all_steps(flow))
    beside = _flows_in(Path(flow.file).parent) if calls else ()
    others = [each for each in beside if each.id != flow.id]
    return check_flow(flow, catalogue, callees=callees_of((*others, flow), catalogue, complete=False))


def callees_of(flows: Iterable[Flow], catalogue: Mapping[str, Connector], *, complete: bool) -> Callees:
    """The flows as each other's callees. ``complete``: as Callees has it."""
    return Callees(flows, partial(outputs_of, catalogue), complete=complete)


def _callees(
    files: Sequence[FlowFile], flows: tuple[Flow, ...], deployed: tuple[Flow, ...], catalogue: Mapping[str, Connector]
) -> Callees:
    """The flows that these can call: each other, those that are deployed, and those in the folders of the callers."""
    drafts = [file.draft.flow for file in files if file.draft is not None]
    readable = not any(file.flow is None and file.draft is None for file in files)
    known = {flow.id for flow in (*flows, *deployed, *drafts)}
    missing = {
        Path(flow.file).parent
        for flow in (*flows, *drafts)
        for step in all_steps(flow)
        if isinstance(step, FlowStep) and step.flow not in known
    }
    beside = [found for folder in sorted(missing) for found in _flows_in(folder) if found.id not in known]
    # Later ones win: what is checked counts for more than what is deployed.
    return callees_of((*deployed, *beside, *drafts, *flows), catalogue, complete=readable)


def _flows_in(folder: Path) -> Iterator[Flow]:
    """The flows of a folder, those with mistakes too; what cannot be read is not this check's business."""
    try:
        for file in read_flows([folder]):
            flow = file.flow or (file.draft.flow if file.draft is not None else None)
            if flow is not None:
                yield flow
    except UsageError:
        return
