"""The Calendly connector. Owns nothing itself: this is its table of contents.

connection.py       token, settings, test, budget        errors.py        what error answers mean
actions.py          the four actions                     triggers.py      the two triggers
subscriptions.py    webhooks at the service              signatures.py    who signed a delivery
missed.py           what no delivery told of
models.py, invitees.py, scheduled_events.py, routing_forms.py, event_types.py    what is delivered and answered
resource_uris.py    ids and URIs                         samples/         deliveries for tests and rehearsals
simulator/          a stand-in for the service           README.md        the user's guide
"""

from connectors.calendly import actions, triggers
from connectors.calendly.connection import budget, connection
from connectors.calendly.samples import Samples
from connectors.calendly.simulator import simulator
from engine.sdk import Connector

calendly = Connector(
    name="calendly", title="Calendly", connection=connection, budget=budget, simulator=simulator, samples=Samples()
)
actions.register(calendly)
triggers.register(calendly)

__all__ = ["calendly"]
