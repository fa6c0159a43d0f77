"""The pytest plugin in a project of its own: it does nothing unless asked to, and then each test of a flow is a test of pytest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import engine

FLOW = 'id: a\nsteps: [{id: s, set: {v: 1}}]\noutputs: {v: "{{ vars.v }}"}\n'
TESTS = "flow: a\ntests:\n  - {name: it counts, expect: {outputs: {v: 1}}}\n  - {name: it does not, expect: {outputs: {v: 2}}}\n"
PYTHON = "import sys\n\ndef test_python() -> None:\n    loaded = {name for name in sys.modules if name.startswith('engine.')}\n    assert loaded <= {'engine.pytest_plugin'}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a flow, its tests and a test in Python, and an installed package that brings the plugin, as ours does."""
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "a.yaml").write_text(FLOW)
    (tmp_path / "flows" / "a.test.yaml").write_text(TESTS)
    (tmp_path / "test_python.py").write_text(PYTHON)
    installed = tmp_path / "site" / "plugin_probe-1.0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: plugin-probe\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text("[pytest11]\nhookline = engine.pytest_plugin\n")
    return tmp_path


def run(project: Path, *arguments: str) -> tuple[int, str]:
    paths = f"{Path(engine.__file__).parents[1]}:{project / 'site'}"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=project,
        env={"PYTHONPATH": paths, "COLUMNS": "120"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_project_that_does_not_ask_for_it_is_left_alone(project: Path) -> None:
    status, output = run(project)
    assert (status, "1 passed" in output) == (0, True), output


def test_with_the_option_each_test_of_a_flow_is_a_test(project: Path) -> None:
    status, output = run(project, "--hookline", "-v", "flows")
    assert status == 1
    assert "flows/a.test.yaml::it counts PASSED" in output
    assert "flows/a.test.yaml::it does not FAILED" in output
    assert "flows/a.test.yaml:4:47: outputs.v\n  - expected 2\n  + happened 1\n" in output
    assert "Traceback" not in output
    assert run(project, "--hookline", "-k", "counts", "flows")[0] == 0


def test_the_setting_does_the_same_as_the_option(project: Path) -> None:
    (project / "pytest.ini").write_text("[pytest]\nhookline_tests = true\n")
    status, output = run(project, "flows")
    assert (status, "1 failed, 1 passed" in output) == (1, True), output


def test_a_file_with_findings_is_an_error_that_lists_them(project: Path) -> None:
    (project / "flows" / "a.test.yaml").write_text("flow: a\ntests:\n  - {name: t, expekt: {}}\n")
    status, output = run(project, "--hookline")
    assert status == 2
    assert "flows/a.test.yaml:3:15: error E241 a test has no key 'expekt'; did you mean 'expect'?" in output
    assert "Traceback" not in output


def test_it_can_be_taken_away(project: Path) -> None:
    assert run(project, "-p", "no:hookline")[0] == 0
    status, output = run(project, "-p", "no:hookline", "--hookline")
    assert (status, "unrecognized arguments: --hookline" in output) == (4, True), output
