"""Reports of test files as JUnit XML, the form that CI systems read. Owns the form; writes no file.

One ``testsuite`` per file, one ``testcase`` per test; a file with findings is one ``testcase`` with an ``error``. Times are seconds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from engine.runtime.rehearsal.suite import FileReport, Timed

# XML 1.0 has no way at all to write these characters; what a payload says may hold them.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(reports: Sequence[FileReport]) -> str:
    """The XML document."""
    root = Element("testsuites", name="hookline")
    for report in reports:
        _suite(root, report)
    failures = sum(int(suite.get("failures", "0")) for suite in root)
    root.set("tests", str(sum(int(suite.get("tests", "0")) for suite in root)))
    root.set("failures", str(failures))
    root.set("errors", str(sum(int(suite.get("errors", "0")) for suite in root)))
    root.set("time", _time(sum(test.seconds for report in reports for test in report.tests)))
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _suite(root: Element, report: FileReport) -> None:
    failed = sum(not test.verdict.passed for test in report.tests)
    suite = SubElement(
        root,
        "testsuite",
        name=_text(report.file),
        tests=str(len(report.tests) or len(report.findings[:1])),
        failures=str(failed),
        errors=str(len(report.findings[:1])),
        time=_time(sum(test.seconds for test in report.tests)),
    )
    if report.findings:
        case = SubElement(suite, "testcase", classname=_text(report.file), name="reads", file=_text(report.file))
        error = SubElement(case, "error", message=_text(str(report.findings[0])))
        error.text = _text("\n".join(map(str, report.findings)))
    for test in report.tests:
        _case(suite, report, test)


def _case(suite: Element, report: FileReport, test: Timed) -> None:
    verdict = test.verdict
    case = SubElement(
        suite,
        "testcase",
        classname=_text(report.flow),
        name=_text(verdict.case.name),
        file=_text(report.file),
        line=str(verdict.case.place.line),
        time=_time(test.seconds),
    )
    if not verdict.passed:
        failure = SubElement(case, "failure", message=_text(verdict.problems[0].what))
        failure.text = _text("\n".join(line for problem in verdict.problems for line in problem.lines()))


def _time(seconds: float) -> str:
    return f"{seconds:.6f}"


def _text(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
