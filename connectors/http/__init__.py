"""The connector for any service that speaks HTTP. Owns nothing itself: this is its table of contents.

connection.py       address, credentials, limit, test       errors.py     what error answers mean
actions.py          http.request, the action                models.py     what it takes and gives
headers.py          which headers a flow may set            paths.py      paths and their percent-encoding
answers.py          JSON, text and their encodings          README.md     the user's guide
answer_schema.py    holding JSON to a JSON Schema           samples.py    what an inbound webhook delivers
inbound.py          http.request, the trigger               proofs.py     who may call it
respond.py          http.respond, its answer
"""

from connectors.http import actions, inbound, respond
from connectors.http.connection import budget, connection
from connectors.http.samples import SAMPLES
from engine.sdk import Connector

http = Connector(name="http", title="HTTP", connection=connection, budget=budget, samples=SAMPLES)
actions.register(http)
respond.register(http)
inbound.register(http)

__all__ = ["http"]
