"""The ASGI application. Owns its routes and the health answers.

``/healthz``: the process serves. ``/readyz``: it could accept a delivery now, that is, the database answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from engine.web.hooks import BODY_CAP, Hooks

READY_PATIENCE = 1.5
Check = Callable[[], None]


def make_app(hooks: Hooks, checks: Mapping[str, Check]) -> Starlette:
    """``checks`` by name: each returns when its part is fine and raises HooklineError when it is not."""
    routes = [Route("/hooks/{subscription_id}", hooks.receive, methods=["POST"]), *health_routes(checks)]
    return Starlette(routes=routes, max_body_size=BODY_CAP)


def make_health_app(checks: Mapping[str, Check]) -> Starlette:
    """Health only, for the worker and the scheduler."""
    return Starlette(routes=health_routes(checks))


def health_routes(checks: Mapping[str, Check]) -> list[Route]:
    async def healthz(request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(request: Request) -> Response:
        names = list(checks)
        found = await asyncio.gather(*(_ask(checks[name]) for name in names))
        problems = {name: problem for name, problem in zip(names, found, strict=True) if problem is not None}
        status = "unavailable" if problems else "ok"
        return JSONResponse({"status": status, "problems": problems}, status_code=503 if problems else 200)

    return [Route("/healthz", healthz, methods=["GET"]), Route("/readyz", readyz, methods=["GET"])]


async def _ask(check: Check) -> str | None:
    try:
        async with asyncio.timeout(READY_PATIENCE):
            await asyncio.to_thread(check)
    except TimeoutError:
        return "does not answer in time"
    except Exception as error:
        return str(getattr(error, "message", type(error).__name__))
    return None
