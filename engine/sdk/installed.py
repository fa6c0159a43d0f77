"""Finds the connectors that are installed. Owns the entry-point group and refusing a plugin that is not what it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points

from engine.errors import SettingsError
from engine.sdk.connector import Connector

ENTRY_POINTS = "hookline.connectors"


def installed_connectors() -> Mapping[str, Connector]:
    """The installed connectors by name, all of them loaded. Raises SettingsError naming a plugin that cannot be loaded."""
    return dict(connectors_on_demand().items())


def connectors_on_demand() -> Mapping[str, Connector]:
    """The installed connectors by name; each is loaded when it is looked up, which then raises SettingsError when it cannot be.

    For commands that need few of them and start often: loading a connector builds its models, some milliseconds for every dozen.
    """
    return _OnDemand(sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name))


class _OnDemand(Mapping[str, Connector]):
    def __init__(self, points: list[EntryPoint]) -> None:
        self._points = {point.name: point for point in points}
        self._loaded: dict[str, Connector] = {}

    def __getitem__(self, name: str) -> Connector:
        if name not in self._loaded:
            self._loaded[name] = _loaded(self._points[name])
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in self._points

    def __iter__(self) -> Iterator[str]:
        return iter(self._points)

    def __len__(self) -> int:
        return len(self._points)


def _loaded(point: EntryPoint) -> Connector:
    try:
        connector = point.load()
    except Exception as error:
        raise SettingsError(
            f"the connector plugin {point.name!r} ({point.value}) cannot be loaded: {type(error).__name__}: {error}"
        ) from None
    if not isinstance(connector, Connector) or connector.name != point.name:
        raise SettingsError(f"the entry point {point.name!r} ({point.value}) is not the Connector of that name")
    return connector
