"""A stand-in for Calendly, for demos and tests. Owns the value that the connector registers; the app is built on first use.

app.py        the ASGI application: routes         gate.py        what every call passes: witness, faults, token, limit
service.py    the parts together, who is told      delivery.py    signed webhooks and their retries
api.py        users, event types, bookings         hooks.py, no_shows.py    the endpoints that change something
control.py    the calls under /_sim/               orders.py      what those calls take
world.py, seed.py    everything that exists        domain.py      the things themselves
bookings.py   book, cancel, reschedule, submit     resources.py   things as JSON
ids.py, paging.py, problems.py, requests.py        ids and times, pages, refusals, what a call brings
subscriptions.py    what becomes of subscriptions without the subscriber's doing
mode.py, faults.py, limiter.py, calls.py           what tests turn, and what they read
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.sdk import Simulator

if TYPE_CHECKING:
    from connectors.calendly.simulator.app import Simulation

# The one token that the simulator accepts; it opens nothing but the simulator.
TOKEN = "simulated-personal-access-token"

CONTROLS = (
    "POST /_sim/book                      somebody books an event type: invitee.created",
    "POST /_sim/cancel                    the invitee or the host cancels: invitee.canceled",
    "POST /_sim/reschedule                the invitee takes another time: invitee.canceled and invitee.created",
    "POST /_sim/routing_form_submission   a visitor submits a routing form: routing_form_submission.created",
    "POST /_sim/no_show                   the host marks or unmarks an invitee: invitee_no_show.created or .deleted",
    "POST /_sim/faults                    the next matching calls fail, wait, are dropped or limited",
    "POST /_sim/mode                      plan, role, scopes, token, limit, Location header, retries of deliveries",
    "POST /_sim/subscription              subscriptions are disabled, removed or altered by somebody else",
    "POST /_sim/redeliver                 send a delivery again",
    "POST /_sim/wait                      answer once deliveries have happened or all are settled",
    "POST /_sim/reset                     forget everything but the seed",
    "GET  /_sim/calls                     every call of the API that was received, and the busiest window",
    "GET  /_sim/deliveries                every delivery with its attempts",
    "GET  /_sim/state                     everything that exists",
)


def app(public_url: str) -> Simulation:
    """The ASGI application that answers at ``public_url``. Importing waits until here, so that workers do not load a web server."""
    from connectors.calendly.simulator.app import build

    return build(public_url)


simulator = Simulator(app=app, secrets={"token": TOKEN}, controls=CONTROLS)
