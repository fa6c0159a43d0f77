"""The report for CI systems: well-formed whatever a payload holds, and with every test, failure and finding in it."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

from engine.runtime.rehearsal.junit import junit
from engine.runtime.rehearsal.suite import FileReport, Timed
from tests.unit.runtime.rehearsal.support import EVENT, findings, verdict


def report(*files: FileReport) -> Element:
    return fromstring(junit(files))


def timed(test: str) -> Timed:
    return Timed(verdict=verdict(test), seconds=0.25)


RIGHT = timed(f"trigger: {EVENT}\nmock: {{look: {{returns: {{name: Ann}}}}}}")
WRONG = timed(f'trigger: {EVENT}\nmock: {{look: {{returns: {{name: "<\\u0007&"}}}}}}\nexpect: {{outputs: {{name: x}}}}')


def test_passed_and_failed_tests_are_counted_and_the_failure_says_why() -> None:
    found = report(FileReport(file="a.test.yaml", flow="a", tests=(RIGHT, WRONG)))
    assert (found.get("tests"), found.get("failures"), found.get("errors"), found.get("time")) == (
        "2",
        "1",
        "0",
        "0.500000",
    )
    cases = found.findall("testsuite/testcase")
    assert [(case.get("classname"), case.get("line")) for case in cases] == [("a", "3"), ("a", "3")]
    assert cases[0].find("failure") is None
    failure = cases[1].find("failure")
    assert failure is not None
    assert "outputs.name" in str(failure.get("message"))
    assert '- expected "x"' in str(failure.text)
    assert "<" in str(failure.text)


def test_a_file_with_findings_is_an_error() -> None:
    found = report(FileReport(file=str(Path("b.test.yaml")), findings=tuple(findings("flow: b\ntests: [{name: t}]\n"))))
    assert (found.get("tests"), found.get("errors")) == ("1", "1")
    error = found.find("testsuite/testcase/error")
    assert error is not None
    assert "E260" in str(error.text)
