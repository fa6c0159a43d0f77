"""The whole error tree. Owns every exception that Hookline raises on purpose; does no I/O and knows no other module.

    HooklineError                     .code  .remedy  .place
    ├── UsageError            E0xx    the caller asked for something that cannot be; exit status 2
    │   ├── SettingsError             a setting is missing or wrong: names the setting
    │   ├── NotFoundError             no such flow, run, event, connection: names it
    │   ├── BusyError                 another process holds what this one needs
    │   └── ConnectionPaused          an operator paused the connection; no call leaves on it
    ├── UnavailableError      E1xx    a part is down: wait or mend it; nothing is lost; exit status 2
    │   ├── DatabaseUnavailable
    │   │   └── Collided              it ended a transaction in favour of another; the journal has tried again
    │   ├── RedisUnavailable
    │   ├── SchemaMismatch            the database is older or newer than this release
    │   └── NewerRelease              what is stored is of a newer release: left for a process of that one
    ├── LanguageError         E2xx    the author's file or expression is wrong: carries a Place
    │   ├── FlowFileError             one or more findings in a flow file
    │   └── ExpressionError           an expression could not be compiled or evaluated
    ├── ServiceError          E3xx    a call to a service failed: carries a Kind (see engine.sdk.errors)
    ├── SignatureError        E3xx    a delivery is not signed by who it says (engine.sdk.errors too)
    ├── EgressRefused         E4xx    the address, the size or the scheme is not allowed
    ├── SecretError           E5xx    a sealed secret cannot be opened
    └── ClaimLost             E6xx    the segment's claim number is no longer the run's: stop without a trace

Errors are grouped by what the caller should do. Each class has a stable code; the class docstring's first line is its
documented meaning. A message says what was expected and what to do, and never holds a secret.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Place:
    """A place in an author's file: 1-based line and column of the first character that is wrong."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that a check found in an author's file. ``code`` is stable and documented (``E2xx`` error, ``W3xx`` warning)."""

    place: Place
    code: str
    message: str

    @property
    def is_error(self) -> bool:
        return self.code.startswith("E")

    def __str__(self) -> str:
        return f"{self.place}: {'error' if self.is_error else 'warning'} {self.code} {self.message}"


class HooklineError(Exception):
    """Anything that Hookline raises on purpose."""

    code: ClassVar[str] = "E000"

    def __init__(self, message: str, *, remedy: str | None = None, place: Place | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.place = place

    def __str__(self) -> str:
        located = f"{self.place}: {self.message}" if self.place else self.message
        return f"{located}\n  {self.remedy}" if self.remedy else located


class UsageError(HooklineError):
    """The command or call asks for something that cannot be done."""

    code = "E001"


class SettingsError(UsageError):
    """A setting is missing or has a value that cannot be used."""

    code = "E002"


class NotFoundError(UsageError):
    """There is no flow, run, event, connection or file of that name."""

    code = "E003"


class BusyError(UsageError):
    """Another process holds what this one needs."""

    code = "E004"


class ConnectionPaused(UsageError):
    """The connection is paused by an operator; no call leaves on it."""

    code = "E005"


class UnavailableError(HooklineError):
    """A part that Hookline needs does not answer; nothing is lost, work goes on when it is back."""

    code = "E100"


class DatabaseUnavailable(UnavailableError):
    """The database does not answer in time."""

    code = "E101"


class Collided(DatabaseUnavailable):
    """The database ended a transaction in favour of another one; nothing of it is stored, and it can be made again."""

    code = "E104"


class RedisUnavailable(UnavailableError):
    """Redis does not answer in time."""

    code = "E102"


class SchemaMismatch(UnavailableError):
    """The database's schema is older or newer than this release."""

    code = "E103"


class NewerRelease(UnavailableError):
    """What is stored was written by a newer release, and this one cannot read it; a process of that release goes on with it."""

    code = "E105"


class LanguageError(HooklineError):
    """An author's file or expression is wrong."""

    code = "E200"


class FlowFileError(LanguageError):
    """A flow file has findings."""

    code = "E299"

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


class ExpressionError(LanguageError):
    """An expression cannot be compiled, or failed on the data it was given."""

    code = "E220"


class EgressRefused(HooklineError):
    """The address, the scheme, the size or the redirect of an outgoing call is not allowed."""

    code = "E400"


class SecretError(HooklineError):
    """A sealed secret cannot be opened with the keys at hand."""

    code = "E500"


class ClaimLost(HooklineError):
    """Another worker has claimed the run since; this segment must stop without a trace."""

    code = "E600"
