"""Finds the connectors that are installed. Owns the entry-point group and refusing a plugin that is not what it says."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points

from engine.errors import SettingsError
from engine.sdk.connector import Connector

ENTRY_POINTS = "hookline.connectors"


def installed_connectors() -> Mapping[str, Connector]:
    """The installed connectors by name. Raises SettingsError naming a plugin that cannot be loaded."""
    found: dict[str, Connector] = {}
    for point in entry_points(group=ENTRY_POINTS):
        try:
            connector = point.load()
        except Exception as error:
            raise SettingsError(
                f"the connector plugin {point.name!r} ({point.value}) cannot be loaded: {type(error).__name__}: {error}"
            ) from None
        if not isinstance(connector, Connector) or connector.name != point.name:
            raise SettingsError(f"the entry point {point.name!r} ({point.value}) is not the Connector of that name")
        found[point.name] = connector
    return dict(sorted(found.items()))
