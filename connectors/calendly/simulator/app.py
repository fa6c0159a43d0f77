"""The simulator's ASGI application. Owns the route table and what starts and ends with it; each endpoint is in the file it is named for."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from connectors.calendly.simulator import TOKEN
from connectors.calendly.simulator.api import Api
from connectors.calendly.simulator.control import Control
from connectors.calendly.simulator.gate import pass_through
from connectors.calendly.simulator.hooks import Hooks
from connectors.calendly.simulator.ids import Clock
from connectors.calendly.simulator.no_shows import NoShows
from connectors.calendly.simulator.problems import Problem
from connectors.calendly.simulator.service import Service


class Simulation(Starlette):
    """The application. ``service`` is what tests in the same process may look at."""

    def __init__(self, service: Service) -> None:
        super().__init__(
            routes=[*_api_routes(service), *Control(service).routes()],
            exception_handlers={Problem: _refused, 404: _unknown, 405: _unknown},
            lifespan=_closing(service),
        )
        self.service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self
        if scope["type"] == "http" and not scope["path"].startswith("/_sim"):
            await pass_through(self.service, super().__call__, scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def build(
    public_url: str, *, clock: Clock = time.time_ns, transport: httpx.AsyncBaseTransport | None = None
) -> Simulation:
    """The simulator at ``public_url``. Tests may give a clock of their own, and a transport that takes the deliveries."""
    return Simulation(Service(base=public_url, token=TOKEN, clock=clock, transport=transport))


def _api_routes(service: Service) -> list[Route]:
    api, hooks, no_shows = Api(service), Hooks(service), NoShows(service)
    return [
        Route("/users/{uuid}", api.user),
        Route("/event_types", api.event_types),
        Route("/event_types/{uuid}", api.event_type),
        Route("/routing_forms", api.routing_forms),
        Route("/routing_form_submissions", api.submissions),
        Route("/scheduled_events", api.meetings),
        Route("/scheduled_events/{uuid}", api.meeting),
        Route("/scheduled_events/{uuid}/invitees", api.invitees),
        Route("/scheduled_events/{uuid}/invitees/{invitee}", api.invitee),
        Route("/scheduled_events/{uuid}/cancellation", api.cancel, methods=["POST"]),
        Route("/invitee_no_shows", no_shows.create, methods=["POST"]),
        Route("/invitee_no_shows/{uuid}", no_shows.one),
        Route("/invitee_no_shows/{uuid}", no_shows.delete, methods=["DELETE"]),
        Route("/webhook_subscriptions", hooks.create, methods=["POST"]),
        Route("/webhook_subscriptions", hooks.list),
        Route("/webhook_subscriptions/{uuid}", hooks.one),
        Route("/webhook_subscriptions/{uuid}", hooks.delete, methods=["DELETE"]),
    ]


def _closing(service: Service) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await service.deliverer.close()

    return lifespan


async def _refused(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    return problem.response()


async def _unknown(request: Request, problem: Exception) -> Response:
    return Problem.not_found().response()
