"""Findings as SARIF 2.1.0, which code scanning of GitHub, GitLab and Azure reads. Owns that form.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/ (columns count characters, from 1; URIs are relative to where the check ran).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from urllib.parse import quote

from engine.check.report import severity
from engine.errors import Finding
from engine.flow.codes import CodeDoc
from engine.strictjson import Json

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_sarif(findings: Sequence[Finding], docs: Mapping[str, CodeDoc], version: str) -> str:
    """One SARIF log with one run. ``docs``: what each code means; ``version``: of Hookline."""
    codes = sorted({finding.code for finding in findings})
    driver: Json = {
        "name": "Hookline",
        "version": version,
        "rules": [_rule(code, docs.get(code)) for code in codes],
    }
    run: Json = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, codes.index(finding.code)) for finding in findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)


def _rule(code: str, doc: CodeDoc | None) -> Json:
    if doc is None:
        return {"id": code}
    return {
        "id": code,
        "shortDescription": {"text": doc.title},
        "fullDescription": {"text": doc.cause},
        "help": {"text": doc.cure},
    }


def _result(finding: Finding, rule: int) -> Json:
    place = finding.place
    location: Json = {
        "artifactLocation": {"uri": quote(PurePath(place.file).as_posix())},
        "region": {"startLine": place.line, "startColumn": place.column},
    }
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": severity(finding),
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": location}],
    }
