"""Findings as text and as JSON. Owns both forms; finds nothing itself, prints nothing itself."""

from __future__ import annotations

import json
from collections.abc import Sequence

from engine.errors import Finding


def as_text(findings: Sequence[Finding]) -> str:
    """One line per finding, and a last line that counts; ends without a newline."""
    return "\n".join([*map(str, findings), summary(findings)])


def as_json(findings: Sequence[Finding]) -> str:
    """``{"errors": n, "warnings": n, "findings": [{file, line, column, severity, code, message}]}``, indented."""
    listed = [
        {
            "file": finding.place.file,
            "line": finding.place.line,
            "column": finding.place.column,
            "severity": "error" if finding.is_error else "warning",
            "code": finding.code,
            "message": finding.message,
        }
        for finding in findings
    ]
    errors, warnings = _counted(findings)
    return json.dumps({"errors": errors, "warnings": warnings, "findings": listed}, ensure_ascii=False, indent=2)


def summary(findings: Sequence[Finding]) -> str:
    """``no findings``, or how many errors and warnings there are."""
    errors, warnings = _counted(findings)
    counts = [_plural(errors, "error"), _plural(warnings, "warning")]
    return ", ".join(count for count in counts if count) or "no findings"


def _counted(findings: Sequence[Finding]) -> tuple[int, int]:
    errors = sum(finding.is_error for finding in findings)
    return errors, len(findings) - errors


def _plural(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}" if count else ""
