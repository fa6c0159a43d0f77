"""One attempt of an action step. Owns resolving the connection, the input, the confirmation of lost answers, and the outcome.

A completed attempt never runs again; an interrupted one repeats only when that is safe (read, idempotent), is settled by the action's
``confirm``, or becomes uncertain. No error and no cut takes that from it: of a write that may have left, and of which this attempt has learned
nothing, it is never said that it failed. It must not write to the run's journal except through the ledger it is given.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

from pydantic import ValidationError

from engine.core.commands import Call, Outcome
from engine.core.statuses import StepStatus
from engine.core.times import clock
from engine.errors import ClaimLost, HooklineError, UnavailableError
from engine.failpoints import Point, reach
from engine.flow.model import Flow
from engine.journal.records import Run, StepChange, StepRow
from engine.runtime.attempt_ends import Ends
from engine.runtime.connection_client import ConnectionClient, OpenConnection
from engine.runtime.connections import Connections
from engine.runtime.frames import FLOW_PAUSED, CutOff, Parked
from engine.runtime.keys import key_of
from engine.runtime.ledger import Ledger
from engine.runtime.local import FlowLog
from engine.runtime.permits import PermitWait
from engine.sdk.connector import Action, LocalAction, ServiceAction
from engine.sdk.errors import Kind, ServiceError
from engine.sdk.models import Input

CONFIRM_AGAIN_MS = 10_000
STOP_ASKING_MS = 60_000
"""How long after its beginning an attempt asks what came of its call although the run was asked to end."""

LOOK_AGAIN_MS = 600_000
"""A step on a paused connection is woken by the resume; it looks by itself this often, whatever happens."""

AMBIGUOUS = frozenset({Kind.TIMEOUT.value, Kind.SERVER.value, Kind.UNKNOWN_OUTCOME.value})

_TELLING = frozenset({Kind.NOT_FOUND, Kind.CONFLICT, Kind.INVALID})
"""With these a service answers what it was asked; with any other it says nothing of the same call that was made before."""


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
        self._ends = Ends(call=call, redactor=site.connections.redactor, now=site.ledger.now)
        self.is_unsettled = False
        """Whether it ended in PermitWait because nobody can say yet whether the call happened."""
        self._has_learned = False
        """Whether the service said that what was interrupted did not happen."""

    def run(self) -> Outcome:
        try:
            return self._run()
        except CutOff:
            self._note_doubt()
            raise
        except ServiceError as error:
            return self._refused(error)
        except (ClaimLost, Parked, PermitWait, UnavailableError):
            raise
        except HooklineError as error:
            return self._refused(ServiceError(Kind.INVALID, error.message, remedy=error.remedy))
        except (Exception, SystemExit) as error:  # a connector's bug must fail its step, not the worker
            return self._refused(ServiceError(Kind.INVALID, _unexpected(error)))

    def _refused(self, error: ServiceError) -> Outcome:
        """Failed; but not of a write that was interrupted, as long as nothing was heard of it."""
        kind, doubt = error.kind, self._doubt
        message = f"{error.message} ({error.remedy})" if error.remedy else error.message
        if doubt is None or (error.status is not None and kind in _TELLING):
            return self._ends.failed(kind, message, status=error.status)
        message = f"{doubt}, and what came of it is not known: {message}"
        if kind.retryable:
            # As a call without an answer that may be repeated, which it is: so that it keeps its key, whoever repeats it.
            kept = kind if kind.value in AMBIGUOUS else Kind.TIMEOUT
            return self._ends.failed(kept, message, status=error.status)
        return self._ends.uncertain(message)

    def _note_doubt(self) -> None:
        """It is cut: what would be repeated is not. Its row says what that leaves open, and keeps the key for whoever does the run again."""
        row, doubt = self._row, self._doubt
        if row is not None and row.status is StepStatus.RUNNING and doubt is not None:
            cut = self._ends.cut(f"{doubt}, and what came of it is not known")
            self._site.ledger.settle(self._call.path, self._call.attempt, self._call.step.uses, cut)

    @property
    def _doubt(self) -> str | None:
        """Why a write may have left of which this attempt has learned nothing; None when none may have."""
        interrupted = None if self._has_learned else self._interrupted
        return None if interrupted is None or self._is_harmless else interrupted

    @property
    def _is_harmless(self) -> bool:
        try:
            action = self._declared
        except HooklineError:
            return False  # What it did can be looked up no more.
        return action.effect == "read" or (isinstance(action, LocalAction) and action.safe_to_repeat)

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
            self._has_learned = True
        elif interrupted is not None:
            # Before it waits for a permit: what is to be cut does not wait.
            self._may_begin()
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
            return self._ends.uncertain(why)
        self._site.ledger.change(self._changed(StepStatus.WAITING))
        how = f"hookline runs resolve {self._site.run.id} {self._call.path}"
        return self._ends.uncertain(
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
        return self._ends.succeeded(action.perform(FlowLog(flow=self._site.flow.id, hide=self._ends.hide), given))

    def _perform(self, action: ServiceAction) -> Outcome:
        client = self._client(opens=True)
        try:
            output = action.perform(client, self._given)
        except ServiceError as error:
            spoilt = client.has_acted and error.kind.retryable and not self._may_repeat
            if spoilt or error.kind is Kind.UNKNOWN_OUTCOME:
                return self._settle_lost_answer(action, error.message)
            raise
        except (Exception, SystemExit) as error:
            if client.interrupted is not None:
                raise client.interrupted from None
            if not client.has_acted:
                raise
            message = f"the service did it, but {_unexpected(error)}"
            if self._may_repeat:
                # Not by itself, which would end like this again; but who does the run again does it with its key.
                return self._ends.failed(Kind.UNKNOWN_OUTCOME, message)
            return self._settle_lost_answer(action, message)
        if client.interrupted is not None:
            raise client.interrupted
        return self._ends.succeeded(output)

    def _what_happened(self, action: ServiceAction) -> Outcome | None:
        """As ``_confirm``, of this attempt's own call."""
        self.is_unsettled = True
        settled = self._confirm(action)
        self.is_unsettled = False
        return settled

    def _settle_lost_answer(self, action: ServiceAction, message: str) -> Outcome:
        if action.confirm is None:
            return self._ends.uncertain(message)
        settled = self._what_happened(action)
        if settled is not None:
            return settled
        return self._ends.failed(Kind.TIMEOUT, f"{message}; the service says that it did not happen")

    def _confirm(self, action: ServiceAction) -> Outcome | None:
        """Ask the service whether the effect is there. Raises PermitWait to ask again later when it cannot say now."""
        assert action.confirm is not None
        client = self._client(opens=False)
        try:
            output = action.confirm(client, self._given)
        except ServiceError as error:
            if error.kind.retryable and not self._was_asked_long_enough:
                why = f"{self._connection.label} to say whether the call happened"
                raise PermitWait(CONFIRM_AGAIN_MS, why) from None
            return self._ends.uncertain(f"whether the call happened could not be asked: {error.message}")
        except (Exception, SystemExit) as error:
            if client.interrupted is not None:
                raise client.interrupted from None
            return self._ends.uncertain(f"whether the call happened could not be asked: {_unexpected(error)}")
        if client.interrupted is not None:
            raise client.interrupted
        return None if output is None else self._ends.succeeded(output)

    @property
    def _was_asked_long_enough(self) -> bool:
        """Whether a person waits for the run's end, and the service may never answer again."""
        began = None if self._row is None else self._row.started_at
        now = self._site.ledger.now()
        return self._site.ledger.cancel_requested and began is not None and now - began > STOP_ASKING_MS

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

    @property
    def _declared(self) -> Action:
        connector = self._site.connections.connector(self._call.step.connector)
        action = connector.actions.get(self._call.step.action)
        if action is None:
            raise ServiceError(Kind.INVALID, f"{connector.name} has no action {self._call.step.action!r}")
        return action

    @cached_property
    def _action(self) -> Action:
        action, wanted = self._declared, self._call.step.connector
        if action.needs_connection and self._connection.connector.name != wanted:
            raise ServiceError(
                Kind.INVALID,
                f"{self._call.step.uses} needs a {wanted} connection, but {self._connection.label} is not one",
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


def _unexpected(error: BaseException) -> str:
    return f"the action failed unexpectedly: {type(error).__name__}: {error}"
