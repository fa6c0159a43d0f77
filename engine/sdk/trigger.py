"""What every kind of trigger declares. Owns what authors and the checker see of one; how its events come in is each kind's own.

WebhookTrigger    a service calls a webhook that the engine registers there       engine/sdk/webhook.py
InboundTrigger    somebody calls an address that the engine hands out             engine/sdk/inbound.py
TimerTrigger      the engine's own clock                                          engine/sdk/timer.py
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from engine.sdk.models import Input, Output
from engine.strictjson import JsonObject

Presence = Literal["always", "never"]


@dataclass(frozen=True, kw_only=True)
class TriggerType:
    """What can start a run, as authors and the checker see it.

    ``given``: the model of the trigger's ``with:``. ``delivery``: the model of what arrives (the ``trigger`` of expressions).
    ``accepts(given, event)``: whether a trigger with these parameters asked for this event.
    ``carries``: for each event that the trigger tells of, by the value of the delivery's field ``event``: which fields (dotted paths
    in the delivery) it always has, not null, and which it never has. The checker reads it; fields that are not named follow the model.
    ``schema(given)``: the JSON Schema of what arrives where the parameters decide it; None: that of ``delivery``.
    """

    name: str
    summary: str
    given: type[Input]
    delivery: type[Output]
    accepts: Callable[[JsonObject, JsonObject], bool] = lambda given, event: True
    carries: Mapping[str, Mapping[str, Presence]] = field(default_factory=dict, hash=False)
    schema: Callable[[JsonObject], JsonObject] | None = None

    @property
    def needs_connection(self) -> bool:
        """Whether an account at a service stands behind it."""
        return False

    def delivery_schema(self, given: JsonObject) -> JsonObject:
        """The JSON Schema of the ``trigger`` of expressions. Raises ValueError for parameters that ``given`` refuses."""
        if self.schema is not None:
            return self.schema(given)
        return cast(JsonObject, self.delivery.model_json_schema())
