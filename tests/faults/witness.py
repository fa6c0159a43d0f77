"""The witness: the service that flows call. Owns what it saw, what was made there, and how it misbehaves on demand.

Every call is noted (in memory and as a line of a file) when its head has arrived and before anything is answered, so that a call whose answer
is lost is known all the same. It runs on a thread and an event loop of its own in the test's process, which no fault touches.

What it serves: ``GET /things``, ``PUT /things`` (the same name twice is one thing), ``POST /payments`` (the same ``Idempotency-Key`` twice is one
payment, answered as the first time), ``POST /marks`` and ``GET /marks`` (404 when there is none), ``POST /shots`` (each call is one more),
``/subscriptions``, ``/me``.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Event, Lock, Thread
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

from tests.faults.connector import CONNECTION, NAME, STEP_KEY
from tests.faults.misbehaviour import Misbehaviour, Wire

UNHEADED = 64 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One request. ``at``: seconds, monotonic; ``wall_ms``: milliseconds since the epoch; both when its head had arrived.

    ``key``: the step's key, whether the service heeds it or not; ``sent_key``: what stood in ``Idempotency-Key``.
    ``written_ahead``: whether the journal showed the attempt at that instant; None when it was not looked at or could not say.
    """

    number: int
    at: float
    wall_ms: float
    method: str
    path: str
    name: str = ""
    key: str = ""
    sent_key: str = ""
    connection: str = ""
    body_hash: str = ""
    misbehaved: str = ""
    written_ahead: bool | None = None

    @property
    def place(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """Something that was made. ``kind``: the place that made it."""

    kind: str
    name: str
    key: str
    call: int


@dataclass(kw_only=True, slots=True)
class Hook:
    """A webhook as the service knows it. ``state``: ``active`` or ``disabled``; a test may change it."""

    id: str
    url: str
    key: str
    channel: str
    state: str = "active"


@dataclass
class _Request:
    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def name(self) -> str:
        return self.headers.get(NAME.lower(), "") or next(iter(self.query.get("name", ())), "")


@dataclass
class Witness:
    """``with Witness(folder) as witness: … witness.url``. Everything may be asked and changed from any thread while it runs."""

    folder: Path
    look: Callable[[str], bool | None] | None = None
    """Asked at each call about its name: whether the journal shows the attempt now."""
    _calls: list[Call] = field(default_factory=list)
    _effects: list[Effect] = field(default_factory=list)
    _there: set[tuple[str, str, str | None]] = field(default_factory=set)
    """Names and keys of effects, for a service that is asked ten thousand times whether something is there."""
    _hooks: dict[str, Hook] = field(default_factory=dict)
    _faults: dict[str, list[Misbehaviour]] = field(default_factory=dict)
    _misbehaved: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)
    _made_hooks: int = 0

    # For tests

    def misbehave(self, place: str, fault: Misbehaviour, *, times: int | None = None) -> None:
        """From now on ``place`` (``POST /payments``, a connection's label, or ``*`` for all) does ``fault``, for the next ``times`` calls or until
        ``behave``."""
        with self._lock:
            self._faults[place] = [fault] * times if times is not None else [fault.forever()]

    def behave(self, place: str | None = None) -> None:
        """``place``, or every place, works as it should again."""
        with self._lock:
            if place is None:
                self._faults.clear()
            else:
                self._faults.pop(place, None)

    @property
    def calls(self) -> Sequence[Call]:
        with self._lock:
            return list(self._calls)

    def calls_of(self, place: str) -> Sequence[Call]:
        return [call for call in self.calls if call.place == place]

    @property
    def effects(self) -> Sequence[Effect]:
        with self._lock:
            return list(self._effects)

    @property
    def hooks(self) -> Sequence[Hook]:
        """Every webhook that is registered now."""
        with self._lock:
            return list(self._hooks.values())

    def forget_hook(self, hook: Hook) -> None:
        """The service deletes the webhook by itself."""
        with self._lock:
            self._hooks.pop(hook.id, None)

    @property
    def misbehaved(self) -> Mapping[str, int]:
        """How often each misbehaviour really met a call."""
        with self._lock:
            return dict(self._misbehaved)

    # Running

    def __enter__(self) -> Witness:
        self._file = (self.folder / "witness.jsonl").open("a", buffering=1)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._loop = asyncio.new_event_loop()
        started = Event()
        self._thread = Thread(target=self._run, args=(started,), name="witness", daemon=True)
        self._thread.start()
        assert started.wait(10), "the witness does not start"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._file.close()

    def _run(self, started: Event) -> None:
        asyncio.set_event_loop(self._loop)
        # A request's tasks end with the loop: what is left of them is no concern of the test.
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, sock=self._listener, limit=UNHEADED))
        started.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire = Wire(writer)
        try:
            while await self._answer_one(reader, wire):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass
        finally:
            wire.close()

    async def _answer_one(self, reader: asyncio.StreamReader, wire: Wire) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        at, wall_ms = time.monotonic(), time.time_ns() / 1e6
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {line.partition(":")[0].strip().lower(): line.partition(":")[2].strip() for line in lines if line}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        parts = urlsplit(target)
        request = _Request(method, parts.path, parse_qs(parts.query), headers, body)
        ahead = self.look(request.name) if self.look is not None and request.name else None
        fault = self._note(request, at, wall_ms, ahead)
        if fault is None or fault.acts:
            status, answer = self._act(request)
        if fault is not None:
            return await fault.do(wire, status if fault.acts else 0, answer if fault.acts else b"")
        return await wire.answer(status, answer)

    def _note(self, request: _Request, at: float, wall_ms: float, ahead: bool | None) -> Misbehaviour | None:
        with self._lock:
            fault = self._fault(f"{request.method} {request.path}", request.headers.get(CONNECTION.lower(), ""))
            call = Call(
                number=len(self._calls),
                at=at,
                wall_ms=wall_ms,
                method=request.method,
                path=request.path,
                name=request.name,
                key=request.headers.get(STEP_KEY.lower(), ""),
                sent_key=request.headers.get("idempotency-key", ""),
                connection=request.headers.get(CONNECTION.lower(), ""),
                body_hash=hashlib.sha256(request.body).hexdigest()[:16],
                misbehaved=fault.name if fault else "",
                written_ahead=ahead,
            )
            self._calls.append(call)
            self._file.write(json.dumps(asdict(call)) + "\n")
            return fault

    def _fault(self, place: str, connection: str) -> Misbehaviour | None:
        for name in (place, connection, "*"):
            waiting = self._faults.get(name)
            if waiting:
                fault = waiting[0] if waiting[0].lasts else waiting.pop(0)
                self._misbehaved[fault.name] += 1
                return fault
        return None

    # The service

    def _act(self, request: _Request) -> tuple[int, bytes]:
        with self._lock:
            status, answer = self._made(request)
        return status, json.dumps(answer).encode()

    def _made(self, request: _Request) -> tuple[int, dict[str, object]]:
        place, name = f"{request.method} {request.path}", request.name
        sent_key = request.headers.get("idempotency-key", "")
        match place:
            case "GET /me":
                return 200, {"account": "faults"}
            case "GET /things":
                return 200, {"name": name}
            case "PUT /things":
                if not self._is_made(place, name=name):
                    self._make(place, name, sent_key)
                return 200, {"name": name}
            case "POST /payments":
                if not sent_key or not self._is_made(place, key=sent_key):
                    self._make(place, name, sent_key)
                return 201, {"name": name}
            case "POST /marks" | "POST /shots":
                self._make(place, name, sent_key)
                return 201, {"name": name}
            case "GET /marks":
                there = self._is_made("POST /marks", name=name)
                return (200, {"name": name}) if there else (404, {"error": "no such mark"})
        return self._hook(request)

    def _is_made(self, kind: str, *, name: str | None = None, key: str | None = None) -> bool:
        return (kind, "name", name) in self._there or (kind, "key", key) in self._there

    def _make(self, kind: str, name: str, key: str) -> None:
        self._effects.append(Effect(kind=kind, name=name, key=key, call=len(self._calls) - 1))
        self._there |= {(kind, "name", name), (kind, "key", key)}

    def _hook(self, request: _Request) -> tuple[int, dict[str, object]]:
        if (request.method, request.path) == ("POST", "/subscriptions"):
            given = json.loads(request.body)
            self._made_hooks += 1
            hook = Hook(id=str(self._made_hooks), url=given["url"], key=given["key"], channel=given["channel"])
            self._hooks[hook.id] = hook
            return 201, {"uri": f"/subscriptions/{hook.id}"}
        hook_id = request.path.removeprefix("/subscriptions/")
        found = self._hooks.get(hook_id)
        if found is None:
            return 404, {"error": f"there is no {request.path}"}
        if request.method == "DELETE":
            del self._hooks[hook_id]
            return 200, {}
        return 200, {"state": found.state}
