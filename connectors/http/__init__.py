"""The connector for any service that speaks HTTP. Owns nothing itself: this is its table of contents.

connection.py       address, credentials, limit, test       errors.py     what error answers mean
actions.py          http.request                            models.py     what it takes and gives
headers.py          which headers a flow may set            paths.py      paths and their percent-encoding
answers.py          JSON, text and their encodings          README.md     the user's guide
answer_schema.py    holding an answer to a JSON Schema
"""

from connectors.http import actions
from connectors.http.connection import budget, connection
from engine.sdk import Connector

http = Connector(name="http", title="HTTP", connection=connection, budget=budget)
actions.register(http)

__all__ = ["http"]
