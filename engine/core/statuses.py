"""Statuses of runs and steps. Owns the closed sets, what each member means, and which may follow which; does nothing.

Rule: no other file lists statuses by hand; it uses the named groups here. The docs print the meanings from this file.
"""

from __future__ import annotations

from enum import StrEnum


class RunStatus(StrEnum):
    """Where a run stands."""

    meaning: str

    def __new__(cls, value: str, meaning: str) -> RunStatus:
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    QUEUED = "queued", "ready for a worker; rung again at due_at if nobody takes it"
    RUNNING = "running", "a worker has claimed it until due_at, and extends that while it works"
    PARKED = "parked", "waits for due_at (a retry, a permit, Redis to come back) and holds no worker"
    SUCCEEDED = "succeeded", "finished; its outputs are recorded"
    FAILED = "failed", "finished with an error that nothing in the flow dealt with"
    UNCERTAIN = (
        "uncertain",
        "stopped at a write whose outcome is unknown and which is not safe to repeat; a person decides",
    )
    CANCELLED = "cancelled", "ended by a stop step or a person before it was through"
    POISONED = (
        "poisoned",
        "put aside: five workers in a row took it up and stopped without getting anywhere; a person decides",
    )


class StepStatus(StrEnum):
    """Where one attempt of a step stands."""

    meaning: str

    def __new__(cls, value: str, meaning: str) -> StepStatus:
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    RUNNING = "running", "the attempt is recorded, and its call may have left"
    WAITING = "waiting", "the attempt waits for a permit or for its retry time; no call has left for it"
    SUCCEEDED = "succeeded", "done; it never runs again"
    FAILED = "failed", "this attempt failed; the error says how"
    SKIPPED = "skipped", "its guard was false, or its branch was not taken; its output is null"
    UNCERTAIN = "uncertain", "the call may or may not have had its effect"
    CANCELLED = "cancelled", "the run was stopped before the step was through"


RUN_ACTIVE = frozenset({RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.PARKED})
RUN_FINAL = frozenset(RunStatus) - RUN_ACTIVE
RUN_ENDS_ITSELF = RUN_FINAL - {RunStatus.POISONED}
"""How a run ends that is not put aside: what a flow and its tests can say."""
STEP_OPEN = frozenset({StepStatus.RUNNING, StepStatus.WAITING})
STEP_FINAL = frozenset(StepStatus) - STEP_OPEN

LEFT_TO_NEWER = "a worker of a newer release"
"""What the words begin with that say what a run waits for, when this release cannot go on with it."""
