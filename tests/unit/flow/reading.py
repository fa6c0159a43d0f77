"""Loads a text and gives its findings. Owns the short form in which the tests of the loader compare them."""

from __future__ import annotations

from engine.errors import Finding, FlowFileError
from engine.flow import load_flow


def findings_of(source: str | bytes) -> tuple[Finding, ...]:
    """All findings about a text; none when it loads."""
    try:
        load_flow(source, "flows/a.yaml")
    except FlowFileError as error:
        return error.findings
    return ()


def brief(source: str | bytes) -> list[str]:
    """``line:column code`` of every finding."""
    return [f"{finding.place.line}:{finding.place.column} {finding.code}" for finding in findings_of(source)]


def only(source: str | bytes) -> Finding:
    """The one finding about a text."""
    findings = findings_of(source)
    assert len(findings) == 1, [str(finding) for finding in findings]
    return findings[0]


def flow(*lines: str) -> str:
    """A flow that ends at once, with these lines from line 3 on."""
    return "\n".join(("id: a", "steps: [{id: end, stop: {status: succeeded}}]", *lines)) + "\n"


def step(*lines: str) -> str:
    """A flow whose one step has these lines: the first is line 3, and its first character stands in column 5."""
    return "id: a\nsteps:\n  - " + "\n    ".join(lines) + "\n"
