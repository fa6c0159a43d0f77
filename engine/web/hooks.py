"""``POST /hooks/<subscription id>``. Owns the answer to a delivery; what it means is ingest's.

2xx only after the commit. 401 when the signature does not hold, 404 for an unknown subscription, 408 for a body that does not come, 413
above the cap, 503 when the database does not answer within ``PATIENCE`` seconds, the signing key cannot be opened or the trigger is not
installed in this process: nothing was accepted then, and the service tries again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from time import time

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from engine import log
from engine.errors import SecretError, UnavailableError
from engine.journal.records import Accepted
from engine.runtime.ingest import Ingest, NoSuchSubscription, TriggerNotInstalled
from engine.runtime.intake import Intake
from engine.sdk.errors import SignatureError
from engine.sdk.webhook import Delivery

PATIENCE = 1.8
BODY_PATIENCE = 10.0
BODY_CAP = 1024 * 1024
RESTART = "If the connector was installed while web ran, restart web; otherwise install it again, or remove the flow."
logger = log.get(__name__)


class Hooks:
    """The endpoint."""

    def __init__(self, ingest: Ingest, intake: Intake) -> None:
        self._ingest = ingest
        self._intake = intake

    async def receive(self, request: Request) -> Response:
        subscription_id = str(request.path_params["subscription_id"])
        try:
            async with asyncio.timeout(BODY_PATIENCE):
                body = await request.body()
        except TimeoutError:
            return _problem(408, "the body did not come in time")
        except ClientDisconnect:
            return _problem(400, "the body is not complete")
        headers = {name.lower(): value for name, value in request.headers.items()}
        delivery = Delivery(headers=headers, body=body, received_at=time())
        with log.bound(subscription=subscription_id[:8]):
            try:
                async with asyncio.timeout(PATIENCE):
                    accepted = await self._accept(subscription_id, delivery)
            except TimeoutError:
                logger.error("delivery refused: the database does not answer in time")
                return _problem(503, "try again later")
            except UnavailableError as error:
                logger.error("delivery refused", reason=error.message)
                return _problem(503, "try again later")
            except SecretError as error:
                logger.error("delivery refused", reason=error.message, remedy=error.remedy)
                return _problem(503, "try again later")
            except SignatureError as error:
                logger.warning("delivery refused: its signature does not hold", reason=error.message)
                return _problem(401, "the signature does not hold")
            except TriggerNotInstalled as error:
                # Not 404: services disable a hook that is said to be gone.
                logger.error("delivery refused: its trigger is not installed here", uses=error.uses, remedy=RESTART)
                return _problem(503, "try again later")
            except NoSuchSubscription:
                return _problem(404, "no such subscription")
        _log(accepted)
        return JSONResponse({"events": [item.event_id for item in accepted]}, status_code=202)

    async def _accept(self, subscription_id: str, delivery: Delivery) -> Sequence[Accepted]:
        events = await asyncio.to_thread(self._ingest.prepare, subscription_id, delivery)
        return await _await(self._intake.submit(events))


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
