"""Calendly's error answers. Owns their status, title and message; every refusal of the simulator is one of these.

Source of the texts: the vendor's OpenAPI document and pages; where nothing is published (429, a second no-show) the words are ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.responses import JSONResponse

from connectors.calendly.simulator.domain import JsonDict

NO_RIGHT = "You do not have permission to access this resource."
UPGRADE = "Please upgrade your Calendly account to Standard"


class Problem(Exception):
    """An answer that is not 2xx."""

    def __init__(self, status: int, body: JsonDict, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {body.get('title')}: {body.get('message')}")
        self.status = status
        self.body = body
        self.headers = headers or {}

    def response(self) -> JSONResponse:
        return JSONResponse(self.body, status_code=self.status, headers=dict(self.headers))

    @classmethod
    def invalid(cls, *details: tuple[str, str]) -> Problem:
        """400; each detail is (parameter, message)."""
        listed: Sequence[JsonDict] = [{"parameter": parameter, "message": message} for parameter, message in details]
        return cls(
            400, {"title": "Invalid Argument", "message": "The supplied parameters are invalid.", "details": listed}
        )

    @classmethod
    def unauthenticated(cls, how: str = "is invalid") -> Problem:
        return cls(401, {"title": "Unauthenticated", "message": f"The access token {how}"})

    @classmethod
    def denied(cls, message: str) -> Problem:
        return cls(403, {"title": "Permission Denied", "message": message})

    @classmethod
    def scope(cls, *required: str) -> Problem:
        return cls(
            403,
            {
                "title": "Permission Denied",
                "message": "Insufficient scope: the token lacks the scopes that this endpoint requires.",
                "required_scopes": list(required),
            },
        )

    @classmethod
    def not_found(cls) -> Problem:
        return cls(404, {"title": "Resource Not Found", "message": "The server could not find the requested resource."})

    @classmethod
    def exists(cls, message: str) -> Problem:
        return cls(409, {"title": "Already Exists", "message": message})

    @classmethod
    def throttled(cls) -> Problem:
        return cls(429, {"title": "Too Many Requests", "message": "The rate limit of this user is reached."})

    @classmethod
    def failed(cls, status: int = 500) -> Problem:
        return cls(
            status,
            {
                "title": "Internal Server Error",
                "message": "The server encountered an unexpected condition that prevented it from fulfilling the request.",
            },
        )
