"""Errors of calls to services. Owns the closed set of kinds, each with its meaning and recovery; a connector raises ServiceError only.

A connector's error mapping turns a service's answer into one of these kinds; the engine decides what happens next from the kind alone.
"""

from __future__ import annotations

from enum import StrEnum

from engine.errors import HooklineError


class Kind(StrEnum):
    """What went wrong with a call, and what the engine does about it."""

    meaning: str
    recovery: str
    retryable: bool

    def __new__(cls, value: str, meaning: str, recovery: str, retryable: bool) -> Kind:
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        member.recovery = recovery
        member.retryable = retryable
        return member

    THROTTLED = (
        "throttled",
        "the service's limit is reached",
        "waits for the service's instant; no attempt is used up",
        True,
    )
    TIMEOUT = "timeout", "no answer in time to a call that is safe to repeat", "retried as the step's retry says", True
    NETWORK = (
        "network",
        "the service could not be reached; the call did not leave",
        "retried as the step's retry says",
        True,
    )
    AUTH = "auth", "the credentials are not accepted", "fails; renew the connection's secret", False
    PERMISSION = (
        "permission",
        "the credentials do not allow this (scope, role or plan)",
        "fails; the message says what to change",
        False,
    )
    NOT_FOUND = "not_found", "the service knows no such thing", "fails", False
    CONFLICT = "conflict", "the thing exists already, or is in another state", "fails", False
    INVALID = "invalid", "the service or a schema refuses the input or the answer", "fails; correct the flow", False
    SERVER = "server", "the service failed (5xx)", "retried as the step's retry says", True
    UNKNOWN_OUTCOME = (
        "unknown_outcome",
        "a write's answer was lost, so its effect is unknown",
        "confirmed with the service if the action can, else uncertain",
        False,
    )


class ServiceError(HooklineError):
    """A call to a service failed.

    ``status`` is the HTTP status where there was an answer. ``retry_after`` is seconds, for THROTTLED only, and needed
    only where the service says so elsewhere than in its headers: the engine reads those by itself.
    """

    code = "E300"

    def __init__(
        self,
        kind: Kind,
        message: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.kind = kind
        self.status = status
        self.retry_after = retry_after


class SignatureError(HooklineError):
    """A delivery's signature is missing, stale or wrong; the message says which, never the expected value."""

    code = "E301"
