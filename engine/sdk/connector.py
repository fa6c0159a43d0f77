"""A connector: connection type, budget, actions, triggers. Owns the value that a plugin registers; it calls nothing by itself.

calendly = Connector(name="calendly", title="Calendly", connection=…, budget=Budget(windows=(Window(limit=100, seconds=60),)))

@calendly.action(effect="write", confirm=find_no_show)
def create_invitee_no_show(http: Http, given: CreateInviteeNoShow) -> NoShowResource: …

A connector that calls no service leaves out connection and budget; its actions are local: @log.local_action(effect="write", idempotent=True).
Timers and inbound webhooks need no connection either, and a connector that has one may have local actions beside the others.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, Protocol, TypeAlias, TypeVar

from engine.sdk.budget import NO_CALLS, Budget
from engine.sdk.connection import NO_CONNECTION, ConnectionType
from engine.sdk.http import Http
from engine.sdk.inbound import InboundTrigger
from engine.sdk.keyed import check_key_header
from engine.sdk.local import Local
from engine.sdk.models import Input, Output
from engine.sdk.timer import TimerTrigger
from engine.sdk.webhook import WebhookTrigger
from engine.strictjson import JsonObject

if typing.TYPE_CHECKING:
    # Workers load connectors too, and have no use for a web framework.
    from starlette.types import ASGIApp

Effect = Literal["read", "write"]
EffectClass = Literal["read", "idempotent", "keyed", "confirm", "uncertain"]
AnyTrigger: TypeAlias = WebhookTrigger | InboundTrigger | TimerTrigger
TriggerT = TypeVar("TriggerT", WebhookTrigger, InboundTrigger, TimerTrigger)
GivenT = TypeVar("GivenT", bound=Input)
OutputT = TypeVar("OutputT", bound=Output)
ContextT = TypeVar("ContextT")


class Register(Protocol[ContextT]):
    """The decorator that ``Connector.action`` returns when nothing fixes the models beforehand."""

    def __call__(self, perform: Callable[[ContextT, GivenT], OutputT], /) -> Callable[[ContextT, GivenT], OutputT]: ...


@dataclass(frozen=True, kw_only=True)
class Action:
    """One operation, as authors and the checker see it.

    ``effect``: ``read`` may always be repeated. ``idempotent``: a repeated write has the same effect as one, whatever it is given.
    ``repeatable(settings, given)``: the same question where the connection's settings and the input decide it.
    ``fires``: the events that a successful call makes the service tell of, as ``(trigger's name, event)``.
    """

    name: str
    summary: str
    given: type[Input]
    output: type[Output]
    effect: Effect
    idempotent: bool
    repeatable: Callable[[JsonObject, Input], bool] | None = None
    fires: tuple[tuple[str, str], ...] = ()

    @property
    def needs_connection(self) -> bool:
        """Whether it calls a service."""
        return False

    @property
    def safe_to_repeat(self) -> bool:
        """Whether it may be repeated whatever it is given."""
        return self.effect == "read" or self.idempotent

    @property
    def effect_class(self) -> EffectClass:
        """What makes it right again when nobody heard its answer. Where the input decides (``repeatable``), this is the worse case."""
        if self.effect == "read":
            return "read"
        return "idempotent" if self.idempotent else "uncertain"

    def may_repeat(self, settings: JsonObject, given: Input) -> bool:
        """Whether this very call may be repeated."""
        return self.safe_to_repeat or (self.repeatable is not None and self.repeatable(settings, given))


@dataclass(frozen=True, kw_only=True)
class ServiceAction(Action):
    """An operation of a service.

    ``confirm(http, given)`` asks the service whether a write whose answer was lost has happened: the output if so, None if not.
    ``key_header``: the header in which the service takes a key by which it knows a repetition; the connection's client adds it to every request of
    the action that is not GET, HEAD or OPTIONS.
    """

    perform: Callable[[Http, Input], Output]
    confirm: Callable[[Http, Input], Output | None] | None = None
    key_header: str | None = None

    @property
    def safe_to_repeat(self) -> bool:
        return super().safe_to_repeat or self.key_header is not None

    @property
    def effect_class(self) -> EffectClass:
        if self.key_header is not None:
            return "keyed"
        return "confirm" if self.confirm is not None and not self.safe_to_repeat else super().effect_class

    @property
    def needs_connection(self) -> bool:
        return True


@dataclass(frozen=True, kw_only=True)
class LocalAction(Action):
    """An operation of the process itself, without a connection.

    ``once``: it may be performed by one step of a run only; a second one fails with ``conflict``.
    """

    perform: Callable[[Local, Input], Output]
    once: bool = False


@dataclass(frozen=True, kw_only=True)
class Simulator:
    """A stand-in for the service, for demos and tests.

    ``app(public_url)`` makes the ASGI application that answers at ``public_url``; ``secrets`` are accepted by it;
    ``controls``: one line of help per control call.
    """

    app: Callable[[str], ASGIApp]
    secrets: Mapping[str, str]
    controls: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Connector:
    """One plugin, found through the entry-point group ``hookline.connectors``."""

    name: str
    title: str
    connection: ConnectionType = NO_CONNECTION
    budget: Budget = NO_CALLS
    simulator: Simulator | None = None
    samples: Mapping[str, JsonObject] = field(default_factory=dict)
    _actions: dict[str, Action] = field(default_factory=dict, repr=False)
    _triggers: dict[str, AnyTrigger] = field(default_factory=dict, repr=False)

    @property
    def needs_connection(self) -> bool:
        """Whether there are connections to its service; without one, every action is local and no trigger registers webhooks."""
        return self.connection is not NO_CONNECTION

    def budget_of(self, settings: JsonObject) -> Budget:
        """The budget of a connection with these settings."""
        return self.budget if self.connection.budget is None else self.connection.budget(settings)

    @property
    def actions(self) -> Mapping[str, Action]:
        return MappingProxyType(self._actions)

    @property
    def triggers(self) -> Mapping[str, AnyTrigger]:
        return MappingProxyType(self._triggers)

    @property
    def webhooks(self) -> Mapping[str, WebhookTrigger]:
        """Those of the triggers that the service delivers."""
        return {name: trigger for name, trigger in self._triggers.items() if isinstance(trigger, WebhookTrigger)}

    @property
    def inbound(self) -> Mapping[str, InboundTrigger]:
        """Those of the triggers that have an address of their own."""
        return {name: trigger for name, trigger in self._triggers.items() if isinstance(trigger, InboundTrigger)}

    @property
    def timers(self) -> Mapping[str, TimerTrigger]:
        """Those of the triggers that the clock fires."""
        return {name: trigger for name, trigger in self._triggers.items() if isinstance(trigger, TimerTrigger)}

    def trigger(self, trigger: TriggerT) -> TriggerT:
        """Register a trigger. Raises ValueError when the name is taken, or there is no connection to subscribe with."""
        self._require_connection(trigger.needs_connection, trigger.name)
        if trigger.name in self._triggers:
            raise ValueError(f"{self.name} has two triggers called {trigger.name}")
        self._triggers[trigger.name] = trigger
        return trigger

    @typing.overload
    def action(
        self, *, effect: Effect, idempotent: bool = False, fires: tuple[tuple[str, str], ...] = ()
    ) -> Register[Http]: ...

    @typing.overload
    def action(
        self, *, effect: Literal["write"], key_header: str, fires: tuple[tuple[str, str], ...] = ()
    ) -> Register[Http]: ...

    @typing.overload
    def action(
        self,
        *,
        effect: Effect,
        repeatable: Callable[[JsonObject, GivenT], bool],
        fires: tuple[tuple[str, str], ...] = (),
    ) -> Callable[[Callable[[Http, GivenT], OutputT]], Callable[[Http, GivenT], OutputT]]: ...

    @typing.overload
    def action(
        self,
        *,
        effect: Effect,
        idempotent: bool = False,
        confirm: Callable[[Http, GivenT], OutputT | None],
        fires: tuple[tuple[str, str], ...] = (),
    ) -> Callable[[Callable[[Http, GivenT], OutputT]], Callable[[Http, GivenT], OutputT]]: ...

    def action(
        self,
        *,
        effect: Effect,
        idempotent: bool = False,
        repeatable: Callable[[JsonObject, GivenT], bool] | None = None,
        confirm: Callable[[Http, GivenT], OutputT | None] | None = None,
        key_header: str | None = None,
        fires: tuple[tuple[str, str], ...] = (),
    ) -> Callable[[Callable[[Http, GivenT], OutputT]], Callable[[Http, GivenT], OutputT]]:
        """Register a function ``(http, given) -> output`` as an action: name, models and summary come from its signature.

        Raises ValueError when the name is taken, there is no connection, or ``key_header`` is no header's name or stands with what makes it
        needless, and TypeError when the signature does not say the models.
        """
        if key_header is not None:
            _check_keyed(key_header, effect, says_more=idempotent or repeatable is not None or confirm is not None)

        def register(perform: Callable[[Http, GivenT], OutputT]) -> Callable[[Http, GivenT], OutputT]:
            given, output = _models_of(perform)
            self._register(
                ServiceAction(
                    name=perform.__name__,
                    summary=_first_line(given.__doc__ or perform.__doc__ or perform.__name__),
                    given=given,
                    output=output,
                    effect=effect,
                    idempotent=idempotent,
                    repeatable=typing.cast("Callable[[JsonObject, Input], bool] | None", repeatable),
                    perform=typing.cast("Callable[[Http, Input], Output]", perform),
                    confirm=typing.cast("Callable[[Http, Input], Output | None] | None", confirm),
                    key_header=key_header,
                    fires=fires,
                )
            )
            return perform

        return register

    def local_action(self, *, effect: Effect, idempotent: bool = False, once: bool = False) -> Register[Local]:
        """Register a function ``(local, given) -> output`` that calls no service. Raises as ``action`` does."""

        def register(perform: Callable[[Local, GivenT], OutputT]) -> Callable[[Local, GivenT], OutputT]:
            given, output = _models_of(perform)
            self._register(
                LocalAction(
                    name=perform.__name__,
                    summary=_first_line(given.__doc__ or perform.__doc__ or perform.__name__),
                    given=given,
                    output=output,
                    effect=effect,
                    idempotent=idempotent,
                    once=once,
                    perform=typing.cast("Callable[[Local, Input], Output]", perform),
                )
            )
            return perform

        return register

    def _register(self, action: Action) -> None:
        self._require_connection(action.needs_connection, action.name)
        if action.name in self._actions:
            raise ValueError(f"{self.name} has two actions called {action.name}")
        self._actions[action.name] = action

    def _require_connection(self, required: bool, name: str) -> None:
        if required and not self.needs_connection:
            raise ValueError(f"the connector {self.name} has no connection, but {name} works on a connection")


def _check_keyed(key_header: str, effect: Effect, *, says_more: bool) -> None:
    check_key_header(key_header)
    if effect != "write":
        raise ValueError("key_header is for writes: a read may always be repeated")
    if says_more:
        raise ValueError(
            "key_header says that a repetition is known by its key: leave out idempotent, repeatable and confirm"
        )


def _models_of(perform: Callable[..., object]) -> tuple[type[Input], type[Output]]:
    hints = typing.get_type_hints(perform)
    names = list(inspect.signature(perform).parameters)
    given, output = hints.get(names[1]) if len(names) == 2 else None, hints.get("return")
    if not (
        isinstance(given, type) and issubclass(given, Input) and isinstance(output, type) and issubclass(output, Output)
    ):
        raise TypeError(f"{perform.__name__} must look like (http: Http, given: <Input model>) -> <Output model>")
    return given, output


def _first_line(text: str) -> str:
    return inspect.cleandoc(text).splitlines()[0]
