"""Findings as text, as JSON and for GitHub. Owns these forms; SARIF has a file of its own. Finds nothing, reads and prints nothing."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Sequence
from typing import TypeAlias

from engine.errors import Finding
from engine.strictjson import Json

LineOf: TypeAlias = "Callable[[str, int], str | None]"
"""The text of a line (1-based) of a file, or None when it cannot be read."""
_WIDEST = 160


def as_text(findings: Sequence[Finding], line_of: LineOf) -> str:
    """``FILE:LINE:COLUMN: error CODE words``, then the line of the file with a caret under the word."""
    return "\n".join(part for finding in findings for part in _with_line(finding, line_of))


def _with_line(finding: Finding, line_of: LineOf) -> list[str]:
    line = line_of(finding.place.file, finding.place.line)
    if line is None or finding.place.column > len(line) + 1:
        return [str(finding)]
    start = max(0, finding.place.column - 1 - _WIDEST // 2) if len(line) > _WIDEST else 0
    shown = "".join(map(_visible, line[start : start + _WIDEST]))
    before = line[start : finding.place.column - 1]
    return [str(finding), f"  | {shown}", f"  | {''.join(map(_room, before))}^"]


def _visible(char: str) -> str:
    """Nothing in a file may steer the terminal."""
    return char if char == "\t" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp") else "·"


def _room(char: str) -> str:
    """As much room as the character takes, so that the caret stands under the word."""
    if char == "\t":
        return "\t"
    if unicodedata.combining(char):
        return ""
    return "  " if unicodedata.east_asian_width(char) in ("W", "F") else " "


def as_list(findings: Sequence[Finding]) -> Json:
    """``[{file, line, column, severity, code, message}]``."""
    return [
        {
            "file": finding.place.file,
            "line": finding.place.line,
            "column": finding.place.column,
            "severity": severity(finding),
            "code": finding.code,
            "message": finding.message,
        }
        for finding in findings
    ]


def as_json(findings: Sequence[Finding]) -> str:
    """``{"errors": n, "warnings": n, "findings": […]}``, indented."""
    errors = sum(finding.is_error for finding in findings)
    found: Json = {"errors": errors, "warnings": len(findings) - errors, "findings": as_list(findings)}
    return json.dumps(found, ensure_ascii=False, indent=2)


def as_github(findings: Sequence[Finding]) -> str:
    """Workflow commands, one a line; GitHub shows each at its line of a pull request.

    Source of the form: docs.github.com, "Workflow commands for GitHub Actions", setting an error message.
    """
    return "\n".join(map(_command, findings))


def _command(finding: Finding) -> str:
    place = finding.place
    properties = {"file": place.file, "line": place.line, "col": place.column, "title": finding.code}
    given = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{severity(finding)} {given}::{_data(finding.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def severity(finding: Finding) -> str:
    return "error" if finding.is_error else "warning"
