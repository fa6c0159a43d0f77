"""The import contracts of pyproject.toml: they hold, and each is proven by breaking it on purpose in a copy of the packages."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINTER = Path(sys.executable).with_name("lint-imports")
CONTRACTS = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}

# A contract, a new file that offends against it and against no other, and what the file imports.
OFFENCES: Sequence[tuple[str, str, str]] = (
    ("layers", "engine/flow/offender.py", "import engine.journal"),
    ("layers", "engine/throttle/offender.py", "import engine.egress"),
    ("layers", "engine/sdk/offender.py", "import engine.expressions"),
    ("layers", "engine/drawer.py", "import json"),
    ("pure", "engine/core/offender.py", "from time import time"),
    ("pure", "engine/core/offender.py", "import engine.log"),
    ("pure", "engine/expressions/offender.py", "import random"),
    ("celery", "engine/journal/offender.py", "from celery import Celery"),
    ("celery", "connectors/calendly/offender.py", "import kombu"),
    ("sql", "engine/throttle/offender.py", "import sqlalchemy.sql"),
    ("sql", "connectors/calendly/offender.py", "import sqlite3"),
    ("http", "engine/journal/offender.py", "import httpx"),
    ("redis", "engine/egress/offender.py", "from redis import Redis"),
    ("plugin-door", "connectors/calendly/offender.py", "import engine.errors"),
    ("plugin-door", "connectors/calendly/offender.py", "from engine import settings"),
    ("no-favourites", "engine/journal/offender.py", "def f() -> None:\n    import connectors.calendly"),
)


def broken_in(folder: Path) -> set[str]:
    """The ids of the contracts that the packages in ``folder`` break."""
    done = subprocess.run([LINTER, "--no-cache", "--no-logo"], cwd=folder, capture_output=True, text=True, timeout=60)
    verdicts = {
        contract: [line for line in done.stdout.splitlines() if line.startswith((f"{name} KEPT", f"{name} BROKEN"))]
        for contract, name in CONTRACTS.items()
    }
    assert all(len(lines) == 1 for lines in verdicts.values()), done.stdout + done.stderr
    broken = {contract for contract, lines in verdicts.items() if "BROKEN" in lines[0]}
    assert done.returncode == (1 if broken else 0), done.stdout + done.stderr
    return broken


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """A copy of the packages with their contracts."""
    only_code = shutil.ignore_patterns("__pycache__", "samples", "static", "templates")
    for package in ("engine", "connectors"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=only_code)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_contract_holds() -> None:
    assert broken_in(ROOT) == set()


@pytest.mark.parametrize(("contract", "file", "code"), OFFENCES)
def test_breaking_a_contract_on_purpose_is_reported_as_that_contract(
    packages: Path, contract: str, file: str, code: str
) -> None:
    (packages / file).write_text(f"{code}\n")
    assert broken_in(packages) == {contract}


def test_every_contract_is_broken_once_on_purpose() -> None:
    assert {contract for contract, _, _ in OFFENCES} == set(CONTRACTS)
