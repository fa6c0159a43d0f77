"""What of an installation this release cannot read, because a newer one wrote it. Owns finding it and its words, for the doctor."""

from __future__ import annotations

from engine.app import App
from engine.errors import NewerRelease

REMEDY = "Upgrade Hookline on this machine to the release that the others run; if nobody runs a newer one, deploy these flows anew."


def unreadable(app: App) -> str | None:
    """Active flows that cannot be read here, and how many runs are left to workers of a newer release; None when all is well."""
    from engine.journal.inspection import left_to_newer

    journal = app.unchecked_journal
    found = []
    for row in journal.flows.list():
        try:
            app.flows.deployed(row.digest, row.source, row.file)
        except NewerRelease:
            found.append(row.id)
    waiting = left_to_newer(journal.engine)
    words = [f"it cannot read the flows {', '.join(found[:3])}"] if found else []
    words += [f"{waiting} runs wait for a worker of a newer one"] if waiting else []
    return "; ".join(words) or None
