"""``/hooks/<subscription id>``. Owns the answer to a delivery; what it means is ingest's.

2xx only after the commit. 400, 405 or 415 when the sender sent what cannot be used, 401 when the signature does not hold, 404 for an unknown
subscription, 408 for a body that does not come, 413 above the cap, 503 when the database does not answer within ``PATIENCE`` seconds, the signing key
cannot be opened or the trigger is not installed in this process: the service tries again. A commit that was under way then may still come; the repeat
is known by its key.

A sender that waits for its run gets that run's answer; 202 when there is none in time, as everybody else does at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from time import time

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from engine import log
from engine.core.statuses import RunStatus
from engine.errors import SecretError, UnavailableError
from engine.failpoints import Point, reach
from engine.journal.answers import RunAnswer
from engine.journal.records import Accepted
from engine.journal.seal import open_json
from engine.metrics import Metrics
from engine.runtime.ingest import Awaited, Ingest, NoSuchSubscription, TriggerFailed, TriggerNotInstalled
from engine.runtime.intake import Intake
from engine.sdk.errors import SignatureError
from engine.sdk.inbound import DeliveryRefused, Reply
from engine.sdk.webhook import Delivery
from engine.strictjson import Json
from engine.web.replies import Replies

PATIENCE = 1.8
BODY_PATIENCE = 10.0
BODY_CAP = 1024 * 1024
RESTART = "If the connector was installed while web ran, restart web; otherwise install it again, or remove the flow."
logger = log.get(__name__)


class Hooks:
    """The endpoint."""

    def __init__(self, ingest: Ingest, intake: Intake, metrics: Metrics | None = None) -> None:
        self._metrics = metrics or Metrics()
        self._ingest = ingest
        self._intake = intake
        self._replies = Replies(ingest.journal.answers)

    async def receive(self, request: Request) -> Response:
        subscription_id = str(request.path_params["subscription_id"])
        try:
            async with asyncio.timeout(BODY_PATIENCE):
                body = await request.body()
        except TimeoutError:
            return _problem(408, "the body did not come in time")
        except ClientDisconnect:
            return _problem(400, "the body is not complete")
        query = {name: request.query_params.getlist(name) for name in request.query_params}
        delivery = Delivery(
            headers={name.lower(): value for name, value in request.headers.items()},
            body=body,
            received_at=time(),
            method=request.method,
            query=query,
        )
        with log.bound(subscription=subscription_id[:8]):
            try:
                async with asyncio.timeout(PATIENCE):
                    accepted, awaited = await self._accept(subscription_id, delivery)
            except Exception as error:
                self._metrics.events.add(outcome="refused")
                return _refusal(error)
            for item in accepted:
                self._metrics.events.add(outcome="duplicate" if item.duplicate else "accepted")
            _log(accepted)
            reach(Point.ACCEPT_BEFORE_ANSWER)
            return await self._answer(accepted, awaited)

    async def _accept(self, subscription_id: str, delivery: Delivery) -> tuple[Sequence[Accepted], Awaited | None]:
        prepared = await asyncio.to_thread(self._ingest.receive, subscription_id, delivery)
        return await _await(self._intake.submit(prepared.events)), prepared.awaited

    async def _answer(self, accepted: Sequence[Accepted], awaited: Awaited | None) -> Response:
        said: dict[str, Json] = {"events": [item.event_id for item in accepted]}
        if awaited is None:
            return JSONResponse(said, status_code=202)
        run_ids = await self._runs_of(accepted)
        said["runs"] = list(run_ids)
        if len(run_ids) == 1:
            seconds = awaited.within_ms / 1000
            answer = await self._replies.wait(run_ids[0], awaited.uses, seconds=seconds)
            if answer is not None:
                return await asyncio.to_thread(self._reply, answer, awaited)
        return JSONResponse(said, status_code=202)

    async def _runs_of(self, accepted: Sequence[Accepted]) -> Sequence[str]:
        """The runs that wait is for: of a repeated delivery those that the first one started."""
        found: list[str] = []
        for item in accepted:
            if item.duplicate:
                event = await asyncio.to_thread(self._ingest.journal.events.get, item.event_id)
                found += [outcome.run_id for outcome in event.outcomes if outcome.run_id] if event else []
            found += [*item.run_ids, *item.held]
        return found

    def _reply(self, answer: RunAnswer, awaited: Awaited) -> Response:
        if answer.path is None:
            status = 200 if answer.ended is RunStatus.SUCCEEDED else 500
            return JSONResponse({"run": answer.run_id, "status": str(answer.ended)}, status_code=status)
        output = answer.output
        if answer.secure:
            field = f"{answer.path} outputs"
            output = open_json(self._ingest.keyring, output, owner=answer.owner, of=answer.run_id, field=field)
        assert isinstance(output, dict)
        return _written(awaited.reply(output))


def _refusal(error: Exception) -> Response:
    """The answer to a delivery that was not accepted. Raises what nobody expects."""
    match error:
        case TimeoutError():
            logger.error("delivery refused: the database does not answer in time")
        case UnavailableError() | SecretError():
            logger.error("delivery refused", reason=error.message, remedy=error.remedy)
        case TriggerNotInstalled():
            # Not 404: services disable a hook that is said to be gone.
            logger.error("delivery refused: its trigger is not installed here", uses=error.uses, remedy=RESTART)
        case TriggerFailed():
            logger.error("delivery refused: its connector failed", reason=str(error))
        case SignatureError():
            logger.warning("delivery refused: its signature does not hold", reason=error.message)
            return _problem(401, "the signature or token is missing or wrong")
        case DeliveryRefused():
            logger.warning("delivery refused: it cannot be used", reason=error.message)
            return _problem(error.status, error.message)
        case NoSuchSubscription():
            return _problem(404, "no such subscription")
        case _:
            raise error
    return _problem(503, "try again later")


def _written(reply: Reply) -> Response:
    response = Response(reply.body, status_code=reply.status)
    headers = MutableHeaders(raw=response.raw_headers)
    for name, value in reply.headers:
        headers[name] = value
    return response


async def _await(answer: Future[Sequence[Accepted]]) -> Sequence[Accepted]:
    """Wait for the commit; giving up cancels the order unless it is being stored already."""
    try:
        return await asyncio.wrap_future(answer)
    except asyncio.CancelledError:
        answer.cancel()
        raise


def _log(accepted: Sequence[Accepted]) -> None:
    for item in accepted:
        logger.info("event accepted", event_id=item.event_id, duplicate=item.duplicate, runs=len(item.run_ids))


def _problem(status: int, message: str) -> JSONResponse:
    return JSONResponse({"error": message}, status_code=status)
