"""A connection's client without a network. Owns scripted answers and the record of calls; errors go through the connector's own mapping."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from engine import strictjson
from engine.sdk.connector import Connector
from engine.sdk.errors import ServiceError
from engine.sdk.http import Param, Params, Response
from engine.strictjson import Json, JsonObject


@dataclass(frozen=True, kw_only=True)
class RecordedCall:
    """One call that a connector made. ``params`` and ``form`` are those that were not None."""

    method: str
    path: str
    params: Mapping[str, Param | Sequence[Param]] = field(default_factory=dict)
    json: Json = None
    form: Mapping[str, Param | Sequence[Param]] | None = None
    text: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class FakeHttp:
    """An ``Http`` that answers as scripted.

    Answers to the same method and path are used up in the order in which they were given; a call without one is a failed test.
    ``settings`` are validated by the connector; ``facts`` are what its connection test would have learnt.
    """

    idempotency_key = "00000000-0000-5000-8000-000000000000"

    def __init__(
        self, connector: Connector, *, settings: JsonObject | None = None, facts: JsonObject | None = None
    ) -> None:
        self.calls: list[RecordedCall] = []
        self._connector = connector
        model = connector.connection.settings.model_validate(settings or {})
        self._settings = cast(JsonObject, model.model_dump(mode="json"))
        self._facts = dict(facts or {})
        self._answers: dict[tuple[str, str], deque[Response | ServiceError]] = defaultdict(deque)

    @property
    def settings(self) -> JsonObject:
        return self._settings

    @property
    def facts(self) -> JsonObject:
        return self._facts

    def answer(
        self,
        method: str,
        path: str,
        *,
        status: int = 200,
        json: Json = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> FakeHttp:
        """Script an answer: ``json``, or ``body`` as it is. Returns itself, so that scripts can be chained."""
        text = strictjson.dump(json).encode() if json is not None else b""
        named = {name.lower(): value for name, value in (headers or {}).items()}
        self._answers[method, path].append(Response(status=status, headers=named, body=text if body is None else body))
        return self

    def fail(self, method: str, path: str, error: ServiceError) -> FakeHttp:
        """Script an error that comes without an answer, such as a lost one."""
        self._answers[method, path].append(error)
        return self

    def get(self, path: str, *, params: Params | None = None) -> Response:
        return self.request("GET", path, params=params)

    def post(self, path: str, *, json: Json = None, params: Params | None = None) -> Response:
        return self.request("POST", path, json=json, params=params)

    def delete(self, path: str, *, params: Params | None = None) -> Response:
        return self.request("DELETE", path, params=params)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: Json = None,
        form: Params | None = None,
        text: str | None = None,
        headers: Mapping[str, str] | None = None,
        expect: Container[int] | None = None,
    ) -> Response:
        path = path.removeprefix(self._connector.connection.base_url(self._settings))
        if not path.startswith("/"):
            raise AssertionError(f"{method} {path}: a path starts with / or is a URL below the connection's base URL")
        call = RecordedCall(
            method=method,
            path=path,
            params=_without_none(params or {}),
            json=json,
            form=None if form is None else _without_none(form),
            text=text,
            headers=dict(headers or {}),
        )
        self.calls.append(call)
        return self._answer(call, range(200, 300) if expect is None else expect)

    def _answer(self, call: RecordedCall, expect: Container[int]) -> Response:
        if not self._answers[call.method, call.path]:
            raise AssertionError(f"no answer is scripted for {call.method} {call.path}")
        answer = self._answers[call.method, call.path].popleft()
        if isinstance(answer, ServiceError):
            raise answer
        if answer.status not in expect or answer.status == 429:
            raise self._connector.connection.errors(answer)
        return answer


def _without_none(params: Params) -> Mapping[str, Param | Sequence[Param]]:
    return {name: value for name, value in params.items() if value is not None}
