"""Watching flow files. Owns telling whether anything in a folder changed, by names, times and sizes; reads no content."""

from __future__ import annotations

from pathlib import Path

Stamp = tuple[str, int, int]


class Watch:
    """Compares a folder (or file) with how it was at the last look."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen = self._look()

    def changed(self) -> bool:
        """Whether something changed since the last call."""
        now = self._look()
        changed = now != self._seen
        self._seen = now
        return changed

    def _look(self) -> frozenset[Stamp]:
        found = []
        files = [self.folder] if self.folder.is_file() else [*self.folder.rglob("*.yaml"), *self.folder.rglob("*.yml")]
        for file in files:
            try:
                stat = file.stat()
            except OSError:  # gone between the two looks: the next one will not see it either
                continue
            found.append((str(file), stat.st_mtime_ns, stat.st_size))
        return frozenset(found)
