"""Samples of Calendly's deliveries. Owns reading them from the files beside this one, on first use; every name and id in them is made up."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from engine.sdk import JsonObject


class Samples(Mapping[str, JsonObject]):
    """Deliveries by name: the event's name, with a suffix where one event has several."""

    @cached_property
    def _files(self) -> Mapping[str, Path]:
        return {path.stem: path for path in sorted(Path(__file__).parent.glob("*.json"))}

    def __getitem__(self, name: str) -> JsonObject:
        value = json.loads(self._files[name].read_bytes())
        if not isinstance(value, dict):
            raise TypeError(f"sample {name} is not a JSON object")
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)
