"""What a check of the installation found. Owns that value; what is checked is checkup's, how it looks doctor's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What one check found. ``remedy`` says what to do, unless all is well."""

    part: str
    status: Status
    found: str
    remedy: str | None = None


def ok(part: str, found: str) -> Result:
    return Result(part=part, status="ok", found=found)


def warn(part: str, found: str, remedy: str) -> Result:
    return Result(part=part, status="warn", found=found, remedy=remedy)


def fail(part: str, found: str, remedy: str) -> Result:
    return Result(part=part, status="fail", found=found, remedy=remedy)
