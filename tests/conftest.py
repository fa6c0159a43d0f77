"""What holds for every test. Owns an environment without the machine's own settings, Hypothesis's profiles and loading our pytest
plugin where the installed package does not bring it yet; has no fixtures."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# An operator's settings in the shell must not reach the tests, nor the processes that they start.
for _name in [name for name in os.environ if name.startswith("HOOKLINE_") and not name.startswith("HOOKLINE_TEST_")]:
    del os.environ[_name]

# Shared machines are slow at times, so no example has a deadline. Continuous integration tries the same examples each time: what it says is
# about the change; new examples are found at the desk.
settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, database=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    # An environment learns of a new entry point only when the package is installed again.
    if not (pluginmanager.has_plugin("hookline") or pluginmanager.is_blocked("hookline")):
        from engine import pytest_plugin

        pluginmanager.register(pytest_plugin, "hookline")
