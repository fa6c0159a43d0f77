"""Logs. Owns how a record looks, which ids it carries, and that no secret and no endless value gets into it; decides nothing else.

Every record of the process (ours and the libraries') goes through one handler: one line on standard error, as text for people or JSON
for machines. A HooklineError is shown by its message and remedy, without a traceback: it says itself what happened. Logging never raises.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any, Literal, TextIO, TypeAlias, cast

import structlog
from structlog.stdlib import BoundLogger, ProcessorFormatter

from engine.errors import HooklineError
from engine.redaction import Redactor, shown
from engine.strictjson import Json

Format: TypeAlias = Literal["text", "json"]
# structlog's own name for the record in the making; its values may be of any type.
EventDict: TypeAlias = MutableMapping[str, Any]

LONGEST_VALUE = 2_000
LONGEST_TRACEBACK = 6_000
# Their information is about themselves; what matters of it is in our own records.
_QUIETENED = ("uvicorn", "uvicorn.error", "uvicorn.access", "celery", "kombu", "amqp", "sqlalchemy", "alembic", "httpx", "httpcore", "asyncio")  # fmt: skip


def get(name: str) -> BoundLogger:
    """The logger of a module: ``log = get(__name__)``, then ``log.info("claimed", run=run_id)``: a short event, facts by name."""
    return cast(
        BoundLogger,
        structlog.wrap_logger(
            logging.getLogger(name),
            processors=[
                structlog.stdlib.filter_by_level,
                structlog.contextvars.merge_contextvars,
                ProcessorFormatter.wrap_for_formatter,
            ],
            wrapper_class=BoundLogger,
        ),
    )


@contextmanager
def bound(**ids: str | int | None) -> Iterator[None]:
    """Records that this thread writes inside carry these ids: ``with bound(run=run_id, step=path): …``. None is left out."""
    with structlog.contextvars.bound_contextvars(**{name: value for name, value in ids.items() if value is not None}):
        yield


def configure(
    *, format: Format | None, level: str, process: str, redactor: Redactor, stream: TextIO | None = None
) -> None:
    """Send every record of this process through one handler; may be called again. ``process``: web, worker, scheduler, dev or cli.

    ``format`` None: text when ``stream`` (default standard error) is a terminal, else JSON.
    """
    stream = stream or sys.stderr
    chosen = format or ("text" if stream.isatty() else "json")
    handler = _Handler(stream)
    handler.setFormatter(_formatter(chosen, process, redactor))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _QUIETENED:
        _route(logging.getLogger(name), "INFO" if level == "debug" else "WARNING")


def _route(logger: logging.Logger, level: str) -> None:
    logger.handlers.clear()
    logger.propagate = True
    logger.setLevel(level)


class _Handler(logging.StreamHandler[TextIO]):
    """Writes lines; what goes wrong while writing is dropped, because a log that fails must not fail the work."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (logging's name)
        return


class _SafeFormatter(ProcessorFormatter):
    """A record that cannot be formatted (wrong arguments, say) still leaves a line that names where it came from."""

    def format(self, record: logging.LogRecord) -> str:
        try:
            return super().format(record)
        except Exception as error:
            return json.dumps(
                {
                    "level": "error",
                    "event": "a log record could not be written",
                    "logger": record.name,
                    "why": type(error).__name__,
                }
            )


def _formatter(format: Format, process: str, redactor: Redactor) -> logging.Formatter:
    return _SafeFormatter(
        foreign_pre_chain=[structlog.contextvars.merge_contextvars],
        processors=[
            structlog.stdlib.PositionalArgumentsFormatter(),
            _Describe(process),
            ProcessorFormatter.remove_processors_meta,
            _show_exception,
            _Redact(redactor),
            _render_json if format == "json" else _render_text,
        ],
    )


class _Describe:
    """Adds time (UTC), level, logger and process."""

    def __init__(self, process: str) -> None:
        self._process = process
        self._stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)

    def __call__(self, logger: object, method: str, event: EventDict) -> EventDict:
        record: logging.LogRecord = event["_record"]
        event["level"] = record.levelname.lower()
        event["logger"] = record.name
        event["process"] = self._process
        return self._stamp(logger, method, event)


def _show_exception(logger: object, method: str, event: EventDict) -> EventDict:
    error = _exception(event.pop("exc_info", None))
    if isinstance(error, HooklineError):
        event["error"] = f"{error.place}: {error.message}" if error.place else error.message
        event["code"] = error.code
        if error.remedy:
            event["remedy"] = error.remedy
    elif error is not None:
        event["exception"] = "".join(traceback.format_exception(error)).strip()
    return event


def _exception(given: object) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    found = sys.exc_info() if given is True else given
    return found[1] if isinstance(found, tuple) and len(found) == 3 else None


class _Redact:
    """Hides secrets, then cuts what is too long."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def __call__(self, logger: object, method: str, event: EventDict) -> EventDict:
        return {key: _cut(key, self._redactor.entry(key, value)) for key, value in event.items()}


def _cut(key: str, value: Json) -> Json:
    if isinstance(value, str):
        # The end of a traceback says what happened; the beginning of anything else.
        if key == "exception" and len(value) > LONGEST_TRACEBACK:
            return f"…{value[-LONGEST_TRACEBACK:]}"
        if key != "exception" and len(value) > LONGEST_VALUE:
            return f"{value[:LONGEST_VALUE]}… ({len(value)} characters)"
    elif isinstance(value, (Mapping, list)) and len(text := json.dumps(value, ensure_ascii=False)) > LONGEST_VALUE:
        return f"{text[:LONGEST_VALUE]}… ({len(text)} characters)"
    return value


def _render_json(logger: object, method: str, event: EventDict) -> str:
    first = {key: event.pop(key) for key in ("timestamp", "level", "process", "event", "run", "step") if key in event}
    return json.dumps({**first, **event}, ensure_ascii=True, default=shown)


def _render_text(logger: object, method: str, event: EventDict) -> str:
    time, level, process = (str(event.pop(key)) for key in ("timestamp", "level", "process"))
    event.pop("logger", None)
    message, exception = _line(str(event.pop("event", ""))), event.pop("exception", None)
    ids = {key: event.pop(key) for key in ("run", "step") if key in event}
    facts = "".join(f"  {key}={_fact(value)}" for key, value in {**ids, **event}.items())
    line = f"{time[11:19]} {level:<7} {process}: {message}{facts}"
    return f"{line}\n{_indented(exception)}" if exception else line


def _fact(value: Json) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return (
        text
        if text.isprintable() and not re.search(r"[\s\"=]", text) and text
        else json.dumps(text, ensure_ascii=False)
    )


def _line(text: str) -> str:
    """One line, whatever comes in: nobody who can put a text into a log can forge a record with it."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def _indented(text: str) -> str:
    return "\n".join(f"    {_line(line)}" for line in text.splitlines())
