"""The ASGI application. Owns its routes and the health answers.

``/metrics`` is for the operator's own network: it is served beside the health answers of a port of its own, never with the webhooks.

``/healthz``: the process serves. ``/readyz``: it could accept a delivery now, that is, the database answers. Both are public, so they name
the part that fails and leave the reason to the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from engine import log
from engine.errors import HooklineError
from engine.metrics import CONTENT_TYPE
from engine.web.hooks import BODY_CAP, Hooks

READY_PATIENCE = 1.5
Check = Callable[[], None]
logger = log.get(__name__)


def make_app(hooks: Hooks, checks: Mapping[str, Check]) -> Starlette:
    """``checks`` by name: each returns when its part is fine and raises HooklineError when it is not."""
    routes = [Route("/hooks/{subscription_id}", hooks.receive, methods=["POST", "PUT", "GET"]), *health_routes(checks)]
    return Starlette(routes=routes, max_body_size=BODY_CAP)


def make_health_app(checks: Mapping[str, Check], metrics: Callable[[], str]) -> Starlette:
    """Health, and what ``metrics`` renders for Prometheus. For every role, on a port that is not public."""

    async def show(request: Request) -> Response:
        text = await asyncio.to_thread(metrics)
        return Response(text, headers={"content-type": CONTENT_TYPE})

    return Starlette(routes=[*health_routes(checks), Route("/metrics", show, methods=["GET"])])


def health_routes(checks: Mapping[str, Check]) -> list[Route]:
    async def healthz(request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(request: Request) -> Response:
        names = list(checks)
        found = await asyncio.gather(*(_ask(name, checks[name]) for name in names))
        problems = {name: problem for name, problem in zip(names, found, strict=True) if problem is not None}
        status = "unavailable" if problems else "ok"
        return JSONResponse({"status": status, "problems": problems}, status_code=503 if problems else 200)

    return [Route("/healthz", healthz, methods=["GET"]), Route("/readyz", readyz, methods=["GET"])]


async def _ask(name: str, check: Check) -> str | None:
    try:
        async with asyncio.timeout(READY_PATIENCE):
            await asyncio.to_thread(check)
    except TimeoutError:
        logger.warning("not ready", part=name, reason="it does not answer in time")
        return "does not answer in time"
    except Exception as error:
        logger.warning("not ready", part=name, exc_info=True)
        return f"unavailable ({error.code})" if isinstance(error, HooklineError) else "unavailable"
    return None
