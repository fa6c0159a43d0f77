"""What answers mean that were not expected. Owns the mapping from the status to a kind; no service's error bodies are known here.

The message shows the status and the beginning of a text answer, freed of control characters; ``actions`` adds method and path.
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors.http.answers import text_of
from engine.sdk import Kind, Response, ServiceError

SHOWN = 200

_KIND_OF_STATUS: Mapping[int, Kind] = {
    401: Kind.AUTH,
    402: Kind.PERMISSION,
    403: Kind.PERMISSION,
    404: Kind.NOT_FOUND,
    # The server gave up on the request, or did not want it yet; it may take it on the next try.
    408: Kind.SERVER,
    409: Kind.CONFLICT,
    410: Kind.NOT_FOUND,
    412: Kind.CONFLICT,
    425: Kind.SERVER,
    429: Kind.THROTTLED,
}


def service_error(response: Response) -> ServiceError:
    """The ServiceError for an answer that the flow does not expect. Never raises: a body of any form is dealt with."""
    status = response.status
    kind = _KIND_OF_STATUS.get(status, Kind.SERVER if status >= 500 else Kind.INVALID)
    said = excerpt(response)
    return ServiceError(
        kind,
        f"answered {status}" + (f": {said}" if said else ""),
        status=status,
        remedy=_remedy(kind, status),
    )


def excerpt(response: Response) -> str:
    """The first 200 characters of a text answer in one line; nothing of any other."""
    # Three bytes a character are enough for what is shown, and a long page is not read whole.
    text = text_of(response, first=SHOWN * 4)
    printable = "".join(sign if sign.isprintable() else " " for sign in text or "")
    return " ".join(printable.split())[:SHOWN]


def _remedy(kind: Kind, status: int) -> str | None:
    if kind is Kind.AUTH:
        return "store working credentials: hookline connection add NAME http"
    if 300 <= status < 400:
        return "redirects are not followed: set base_url and path to where it leads, or list the status under expect"
    if status < 300:
        return "list the status under expect"
    return None
