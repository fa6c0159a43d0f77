"""How an attempt ends, as the journal keeps it. Owns the outcomes of one call: what output can be kept, and what a message may show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine import strictjson
from engine.core.commands import Call, Outcome, StepError
from engine.core.statuses import StepStatus
from engine.redaction import Redactor
from engine.runtime.secrecy import without
from engine.sdk.errors import Kind
from engine.sdk.models import Output
from engine.strictjson import Json

OUTPUT_CAP = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Ends:
    """Of the attempt ``call``. ``now``: milliseconds by the database's clock."""

    call: Call
    redactor: Redactor
    now: Callable[[], int]

    def succeeded(self, output: Output) -> Outcome:
        """With the output, if it can be kept. Whatever a connector returns is a failure of its step, and never of the worker."""
        try:
            value = _as_json(output)
            size = len(strictjson.dump(value))
        except Exception as error:
            return self.failed(
                Kind.INVALID, f"the action was performed, but its output cannot be kept: {str(error)[:200]}"
            )
        if size > OUTPUT_CAP:
            return self.failed(Kind.INVALID, f"the output has {size:,} bytes; at most {OUTPUT_CAP:,} can be kept")
        return Outcome(status=StepStatus.SUCCEEDED, output=value, ended_at=self.now())

    def failed(self, kind: Kind, message: str, *, status: int | None = None) -> Outcome:
        return self._broken(StepStatus.FAILED, kind, message, status)

    def uncertain(self, message: str) -> Outcome:
        return self._broken(StepStatus.UNCERTAIN, Kind.UNKNOWN_OUTCOME, message)

    def cut(self, message: str) -> Outcome:
        """Cancelled, of a call of which nobody knows what came."""
        return self._broken(StepStatus.CANCELLED, Kind.UNKNOWN_OUTCOME, message)

    def _broken(self, status: StepStatus, kind: Kind, message: str, answer: int | None = None) -> Outcome:
        step = self.call.step
        error = StepError(
            step=self.call.path,
            kind=kind.value,
            message=self.hide(self.redactor.text(message)),
            status=answer,
            attempt=self.call.attempt,
            place=str(step.places.get("uses", step.place)),
        )
        return Outcome(status=status, error=error, ended_at=self.now())

    def hide(self, text: str) -> str:
        """``text`` without the values of a secure input."""
        return without(text, self.call.given) if "inputs" in self.call.step.secure else text


def _as_json(output: object) -> Json:
    """Raises TypeError for what is no output model, and what pydantic raises for values that are no JSON."""
    if not isinstance(output, Output):
        raise TypeError(f"the connector returned {type(output).__name__} instead of its output model")
    return output.to_json()
