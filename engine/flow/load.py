"""Loads flow files. Owns finding them, reading them and keeping what was built; which flows are active is the journal's business.

``load_flow`` and ``FlowCache`` do no I/O; ``read_flows`` reads files, and nothing else here does.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from engine.errors import Finding, FlowFileError, NewerRelease, NotFoundError, Place, UsageError
from engine.flow import codes
from engine.flow.build import build
from engine.flow.document import Findings
from engine.flow.encoding import MAX_BYTES
from engine.flow.model import Flow
from engine.flow.words import takes_any_key
from engine.flow.yaml import read_yaml
from engine.strictjson import Json


def load_flow(text: str | bytes, file: str) -> Flow:
    """The flow in ``text``; ``file`` is how findings name it. Raises FlowFileError with all findings, in the order of the file."""
    read = read_flow(text, file)
    if read.flow is None:
        raise FlowFileError(read.findings)
    return read.flow


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """What could be built of a file that has findings: enough to find more in it. ``data``: the file as plain data."""

    flow: Flow
    data: Json


@dataclass(frozen=True, kw_only=True, slots=True)
class FlowFile:
    """What one file holds: a flow, or findings and no flow, but perhaps a draft. ``path`` is as the caller named it."""

    path: Path
    flow: Flow | None
    findings: tuple[Finding, ...] = ()
    draft: Draft | None = None


def read_flow(text: str | bytes, file: str) -> FlowFile:
    """What ``text`` holds; ``file`` is how findings name it."""
    findings = Findings()
    document = read_yaml(text, file, findings, takes_any_key)
    flow = build(document, findings) if document is not None else None
    if flow is not None and document is not None and findings.found:
        draft = Draft(flow=flow, data=document.data)
        return FlowFile(path=Path(file), flow=None, findings=findings.in_order(), draft=draft)
    return FlowFile(path=Path(file), flow=flow, findings=findings.in_order())


def read_flows(paths: Iterable[str | Path]) -> Iterator[FlowFile]:
    """Every flow file among ``paths`` (files and folders), each once, folders in the order of names.

    Flow files end in ``.yaml`` or ``.yml``; tests of flows (``*.test.yaml``) and hidden files are passed over. A flow id that another
    file has already is a finding. Raises UsageError (NotFoundError) for a path that cannot be read, before it yields anything.
    """
    seen: dict[str, Place] = {}
    for path in _files([Path(path) for path in paths]):
        read = read_flow(_content(path), str(path))
        flow = read.flow
        if flow is None:
            yield read
            continue
        place = flow.places["id"]
        if flow.id in seen:
            message = f"the flow id {flow.id!r} is used already at {seen[flow.id]}; every flow needs its own"
            yield FlowFile(
                path=path, flow=None, findings=(Finding(place=place, code=codes.SAME_FLOW, message=message),)
            )
            continue
        seen[flow.id] = place
        yield FlowFile(path=path, flow=flow)


def _files(paths: Iterable[Path]) -> list[Path]:
    found: dict[Path, Path] = {}
    for path in paths:
        for file in _tree(path) if path.is_dir() else [_existing(path)]:
            if not file.name.endswith((".test.yaml", ".test.yml")):
                found.setdefault(file.resolve(), file)
    return list(found.values())


def _existing(path: Path) -> Path:
    if path.is_file():
        return path
    if path.exists():
        raise UsageError(
            f"{path} is neither a file nor a folder", remedy="Name a flow file (*.yaml) or a folder of them."
        )
    raise NotFoundError(f"there is no file or folder {path}", remedy="Name a flow file (*.yaml) or a folder of them.")


def _tree(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root, onerror=_unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder) / name
            if name.endswith((".yaml", ".yml")) and not name.startswith(".") and path.is_file():
                yield path


def _unreadable(error: OSError) -> None:
    raise UsageError(
        f"the folder {error.filename} cannot be read: {error.strerror}", remedy="Check its permissions."
    ) from error


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"the file {path} cannot be read: {error.strerror}", remedy="Check its permissions."
        ) from error


class FlowCache:
    """Keeps the ``size`` flow versions that were used last, so that a hot path never parses a version twice. Safe between threads."""

    def __init__(self, size: int = 256) -> None:
        self._size = size
        self._flows: OrderedDict[str, Flow] = OrderedDict()
        self._lock = Lock()

    def get(self, digest: str, source: str, file: str) -> Flow:
        """The flow of that digest, built from ``source`` when it is not at hand. Raises FlowFileError."""
        # Building inside of the lock: two threads that miss the same version must not both pay for it.
        with self._lock:
            flow = self._flows.get(digest)
            if flow is None:
                flow = self._flows[digest] = load_flow(source, file)
                if len(self._flows) > self._size:
                    self._flows.popitem(last=False)
            self._flows.move_to_end(digest)
            return flow

    def deployed(self, digest: str, source: str, file: str) -> Flow:
        """``get`` for a version that was deployed, so that what cannot be read is of a newer release. Raises NewerRelease."""
        try:
            return self.get(digest, source, file)
        except FlowFileError as error:
            first = error.findings[0]
            raise NewerRelease(
                f"this release cannot read the version {digest[:12]} ({first.place}: {first.code})",
                remedy="Upgrade Hookline on this machine to the release that deployed it.",
            ) from None
