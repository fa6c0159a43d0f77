"""One attempt of an action step. Owns resolving the connection, the input, the confirmation of lost answers, and the outcome.

A completed attempt never runs again; an interrupted one repeats only when that is safe (read, idempotent), is settled by the action's
``confirm``, or becomes uncertain. It must not write to the run's journal except through the ledger it is given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

from pydantic import ValidationError

from engine import strictjson
from engine.core.commands import Call, Outcome, StepError
from engine.core.statuses import StepStatus
from engine.core.times import clock
from engine.errors import ClaimLost, HooklineError, UnavailableError
from engine.failpoints import Point, reach
from engine.flow.model import Flow
from engine.journal.records import Run, StepChange, StepRow
from engine.runtime.connection_client import ConnectionClient, OpenConnection
from engine.runtime.connections import Connections
from engine.runtime.frames import FLOW_PAUSED, CutOff, Parked
from engine.runtime.keys import key_of
from engine.runtime.ledger import Ledger
from engine.runtime.local import FlowLog
from engine.runtime.permits import PermitWait
from engine.runtime.secrecy import without
from engine.sdk.connector import Action, LocalAction, ServiceAction
from engine.sdk.errors import Kind, ServiceError
from engine.sdk.models import Input, Output
from engine.strictjson import Json

OUTPUT_CAP = 1024 * 1024
CONFIRM_AGAIN_MS = 10_000
LOOK_AGAIN_MS = 600_000
"""A step on a paused connection is woken by the resume; it looks by itself this often, whatever happens."""

AMBIGUOUS = frozenset({Kind.TIMEOUT.value, Kind.SERVER.value, Kind.UNKNOWN_OUTCOME.value})


@dataclass(frozen=True, kw_only=True)
class CallSite:
    """What the calls of one run share."""

    run: Run
    flow: Flow
    connections: Connections
    ledger: Ledger
    _opened: dict[str, OpenConnection] = field(default_factory=dict, init=False, repr=False)

    def connection(self, name: str) -> OpenConnection:
        """Opened once for a segment, which is short; a changed secret is seen by the next one. Raises NotFoundError, SecretError."""
        found = self._opened.get(name)
        if found is None:
            found = self._opened[name] = self.connections.open(name, owner=self.run.owner)
        return found


class Attempt:
    """One try of a step, from its place in the flow to its outcome. ``run`` may raise PermitWait or ClaimLost.

    ``may_begin`` is asked before anything new is done and may raise CutOff; settling what was interrupted is nothing new. ``time_left``:
    the milliseconds that time limits around the step leave, None without one.
    """

    def __init__(
        self,
        site: CallSite,
        call: Call,
        row: StepRow | None,
        *,
        may_begin: Callable[[], None] = lambda: None,
        time_left: Callable[[], int | None] = lambda: None,
    ) -> None:
        self._site = site
        self._call = call
        self._row = row
        self._may_begin = may_begin
        self._time_left = time_left
        self.is_unsettled = False
        """Whether it ended in PermitWait because nobody can say yet whether the call happened."""

    def run(self) -> Outcome:
        try:
            return self._run()
        except ServiceError as error:
            return self._failed(error.kind.value, error.message, status=error.status, remedy=error.remedy)
        except (ClaimLost, CutOff, Parked, PermitWait, UnavailableError):
            raise
        except HooklineError as error:
            return self._failed(Kind.INVALID.value, error.message, remedy=error.remedy)
        except (Exception, SystemExit) as error:  # a connector's bug must fail its step, not the worker
            return self._failed(Kind.INVALID.value, f"the action failed unexpectedly: {type(error).__name__}: {error}")

    def _run(self) -> Outcome:
        action = self._action
        interrupted = self._interrupted
        if isinstance(action, LocalAction):
            return self._perform_here(action, interrupted)
        assert isinstance(action, ServiceAction), "there is no third kind"
        if interrupted is not None and not self._may_repeat:
            if action.confirm is None:
                return self._stopped_at(f"{interrupted}, and the action cannot be confirmed")
            settled = self._what_happened(action)
            if settled is not None:
                return settled
        elif self._after_ambiguous_failure(action) and (settled := self._confirm(action)) is not None:
            return settled
        return self._perform(action)

    @property
    def _interrupted(self) -> str | None:
        """Why a call may have left of which nobody knows what came; None when none did."""
        if self._row is not None and self._row.status is StepStatus.RUNNING:
            return "the worker stopped while the call was under way"
        if self._is_left_open:
            return f"the outcome of this call in run {self._site.run.origin_run} is unknown"
        return None

    @property
    def _is_left_open(self) -> bool:
        """Whether the run that this one does again left it open what came of the call, and nothing was tried here yet."""
        begun = self._row is not None and self._row.status is not StepStatus.WAITING
        return self._call.attempt == 1 and not begun and self._call.path in (self._site.run.unsettled or {})

    def _stopped_at(self, why: str) -> Outcome:
        """Uncertain. A call that was not tried in this run is shown with what would be sent, and with who can say what came of it."""
        if not self._is_left_open:
            return self._uncertain(why)
        self._site.ledger.change(self._changed(StepStatus.WAITING))
        how = f"hookline runs resolve {self._site.run.id} {self._call.path}"
        return self._uncertain(
            f"{why} (look at the service, then say what happened: {how} --happened, or --did-not-happen)"
        )

    def _perform_here(self, action: LocalAction, interrupted: str | None) -> Outcome:
        """A local action: no connection and no permit, but written ahead like any other."""
        given = self._given
        if interrupted is not None and not action.safe_to_repeat:
            return self._stopped_at(interrupted)
        other = self._site.ledger.first_path(self._call.step.uses) if action.once else None
        if other not in (None, self._call.path):
            raise ServiceError(Kind.CONFLICT, f"{self._call.step.uses} can be done once in a run, and {other} did it")
        self._open()
        self._site.ledger.hold()
        return self._succeeded(action.perform(FlowLog(flow=self._site.flow.id, hide=self._hide), given))

    def _perform(self, action: ServiceAction) -> Outcome:
        client = self._client(opens=True)
        try:
            output = action.perform(client, self._given)
        except ServiceError as error:
            if error.kind is Kind.UNKNOWN_OUTCOME:
                return self._settle_lost_answer(action, error)
            raise
        if client.interrupted is not None:
            raise client.interrupted
        return self._succeeded(output)

    def _what_happened(self, action: ServiceAction) -> Outcome | None:
        """As ``_confirm``, of this attempt's own call."""
        self.is_unsettled = True
        settled = self._confirm(action)
        self.is_unsettled = False
        return settled

    def _settle_lost_answer(self, action: ServiceAction, error: ServiceError) -> Outcome:
        if action.confirm is None:
            return self._uncertain(error.message)
        settled = self._what_happened(action)
        if settled is not None:
            return settled
        return self._failed(Kind.TIMEOUT.value, f"{error.message}; the service says that it did not happen")

    def _confirm(self, action: ServiceAction) -> Outcome | None:
        """Ask the service whether the effect is there. Raises PermitWait to ask again later when it cannot say now."""
        assert action.confirm is not None
        client = self._client(opens=False)
        try:
            output = action.confirm(client, self._given)
        except ServiceError as error:
            if error.kind.retryable:
                why = f"{self._connection.label} to say whether the call happened"
                raise PermitWait(CONFIRM_AGAIN_MS, why) from None
            return self._uncertain(f"whether the call happened could not be asked: {error.message}")
        if client.interrupted is not None:
            raise client.interrupted
        return None if output is None else self._succeeded(output)

    def _after_ambiguous_failure(self, action: ServiceAction) -> bool:
        """The attempt before this one may have had its effect after all (it ended in a 5xx or without an answer)."""
        if self._may_repeat or action.confirm is None or self._call.attempt == 1:
            return False
        before = self._site.ledger.last_error_kind(self._call.path, self._call.attempt - 1)
        return before in AMBIGUOUS

    def _client(self, *, opens: bool) -> ConnectionClient:
        step, left = self._call.step, self._time_left() if opens else None
        purpose = "call" if opens else "confirm"
        connections, opened = self._site.connections, self._connection
        ledger = self._site.ledger
        return ConnectionClient(
            opened,
            # By the database's clock, as all that the journal says.
            replace(connections.outside, clock=lambda ms: clock(ledger.now() + ms)),
            ticket=f"{self._site.run.id}/{self._call.path}/{purpose}",
            timeout_ms=step.timeout_ms if left is None else max(1, min(step.timeout_ms, left)),
            safe_to_repeat=self._may_repeat,
            before_send=self._open if opens else self._check_claim,
            may_leave=self._site.ledger.hold,
            may_call=self._require_no_pause,
            note_health=lambda refusal: connections.note_health(opened, refusal),
            time_left=self._time_left if opens else lambda: None,
            key_header=self._action.key_header if isinstance(self._action, ServiceAction) else None,
            idempotency_key=self._call.key or key_of(self._site.run, self._call.path),
        )

    def _open(self) -> None:
        """Write ahead: the attempt with its input is committed before the call leaves."""
        self._may_begin()
        reach(Point.OPEN_BEFORE_COMMIT)
        self._site.ledger.open(self._changed(StepStatus.RUNNING))
        reach(Point.OPEN_AFTER_COMMIT)
        # The commit may have told of a request to end the run, or of a pause: this call has not left yet.
        self._may_begin()
        self._require_no_pause()

    def _changed(self, status: StepStatus) -> StepChange:
        step = self._call.step
        return StepChange(
            path=self._call.path,
            attempt=self._call.attempt,
            uses=step.uses,
            status=status,
            connection=self.connection_name,
            given=self._call.given,
            secure=step.secure,
        )

    def _check_claim(self) -> None:
        self._site.ledger.commit()
        self._require_no_pause()

    def _require_no_pause(self) -> None:
        """Raises PermitWait while no call may leave, which costs no attempt."""
        ledger = self._site.ledger
        if ledger.flow_is_paused:
            raise PermitWait(0, FLOW_PAUSED)
        name = self.connection_name
        if name is not None and (self._connection.paused or ledger.is_paused(name)):
            raise PermitWait(LOOK_AGAIN_MS, f"{self._connection.label} paused by an operator")

    @property
    def connection_name(self) -> str | None:
        """The connection that the attempt works on; None for a local action."""
        if isinstance(self._action, LocalAction):
            return None
        return self._named_connection

    @property
    def _named_connection(self) -> str:
        return self._site.flow.connections.get(self._call.step.connection, self._call.step.connection)

    @cached_property
    def _connection(self) -> OpenConnection:
        return self._site.connection(self._named_connection)

    @cached_property
    def _action(self) -> Action:
        connector = self._site.connections.connector(self._call.step.connector)
        action = connector.actions.get(self._call.step.action)
        if action is None:
            raise ServiceError(Kind.INVALID, f"{connector.name} has no action {self._call.step.action!r}")
        if action.needs_connection and self._connection.connector.name != connector.name:
            raise ServiceError(
                Kind.INVALID,
                f"{self._call.step.uses} needs a {connector.name} connection, but {self._connection.label} is not one",
            )
        return action

    @cached_property
    def _may_repeat(self) -> bool:
        return self._action.may_repeat(self._connection.settings, self._given)

    @cached_property
    def _given(self) -> Input:
        try:
            return self._action.given.model_validate(self._call.given)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            field = ".".join(("with", *map(str, first["loc"])))
            raise ServiceError(Kind.INVALID, f"{field}: {first['msg']}") from None

    def _succeeded(self, output: Output) -> Outcome:
        """With the output, if it can be kept. Whatever a connector returns is a failure of its step, and never of the worker."""
        try:
            value = _as_json(output)
            size = len(strictjson.dump(value))
        except Exception as error:
            return self._failed(
                Kind.INVALID.value, f"the action was performed, but its output cannot be kept: {str(error)[:200]}"
            )
        if size > OUTPUT_CAP:
            return self._failed(
                Kind.INVALID.value, f"the output has {size:,} bytes; at most {OUTPUT_CAP:,} can be kept"
            )
        return Outcome(status=StepStatus.SUCCEEDED, output=value, ended_at=self._site.ledger.now())

    def _failed(self, kind: str, message: str, *, status: int | None = None, remedy: str | None = None) -> Outcome:
        text = f"{message} ({remedy})" if remedy else message
        return Outcome(
            status=StepStatus.FAILED, error=self._error(kind, text, status), ended_at=self._site.ledger.now()
        )

    def _uncertain(self, message: str) -> Outcome:
        error = self._error(Kind.UNKNOWN_OUTCOME.value, message, None)
        return Outcome(status=StepStatus.UNCERTAIN, error=error, ended_at=self._site.ledger.now())

    def _error(self, kind: str, message: str, status: int | None) -> StepError:
        step = self._call.step
        return StepError(
            step=self._call.path,
            kind=kind,
            message=self._hide(self._site.connections.redactor.text(message)),
            status=status,
            attempt=self._call.attempt,
            place=str(step.places.get("uses", step.place)),
        )

    def _hide(self, text: str) -> str:
        """``text`` without the values of a secure input."""
        return without(text, self._call.given) if "inputs" in self._call.step.secure else text


def _as_json(output: object) -> Json:
    """Raises TypeError for what is no output model, and what pydantic raises for values that are no JSON."""
    if not isinstance(output, Output):
        raise TypeError(f"the connector returned {type(output).__name__} instead of its output model")
    return output.to_json()
