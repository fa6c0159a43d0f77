"""The logs: one line per record, ids that follow the work, no secret anywhere, and nothing that a record does can break the caller."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from engine import log
from engine.errors import Place, SettingsError
from engine.log import Format
from engine.redaction import Redactor

SECRET = 'n0t/for "anyone"+to=see'


class Desk:
    """A configured log and what it has written."""

    def __init__(self, format: Format | None = "json", level: str = "info") -> None:
        self.stream = io.StringIO()
        self.redactor = Redactor()
        self.redactor.add(SECRET)
        log.configure(format=format, level=level, process="worker", redactor=self.redactor, stream=self.stream)
        self.log = log.get("engine.test")

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def record(self) -> dict[str, object]:
        (line,) = self.text.splitlines()
        found = json.loads(line)
        assert isinstance(found, dict)
        return found


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_record_carries_its_facts_its_origin_and_its_time() -> None:
    desk = Desk()
    desk.log.info("claimed", attempt=2, late=None)
    record = desk.record()
    assert record.pop("timestamp")
    assert record == {
        "level": "info", "process": "worker", "event": "claimed", "logger": "engine.test", "attempt": 2, "late": None,
    }  # fmt: skip


def test_ids_follow_the_work_of_the_thread_and_end_with_it() -> None:
    desk = Desk("text")
    with log.bound(run="r-1", step=None):
        with log.bound(step="answers[3].note"):
            desk.log.info("inner")
        logging.getLogger("some.library").info("outer")
    desk.log.info("after")
    inner, outer, after = desk.text.splitlines()
    assert inner.endswith("info    worker: inner  run=r-1  step=answers[3].note")
    assert outer.endswith("info    worker: outer  run=r-1")
    assert after.endswith("info    worker: after")


def test_without_a_terminal_the_format_is_json() -> None:
    desk = Desk(None)
    desk.log.info("hello")
    assert desk.record()["event"] == "hello"


def test_records_below_the_level_are_not_written() -> None:
    desk = Desk(level="warning")
    desk.log.info("quiet")
    desk.log.warning("loud")
    assert desk.record()["event"] == "loud"


@pytest.mark.parametrize("name", ["uvicorn", "uvicorn.access", "celery.worker", "kombu", "sqlalchemy.engine", "httpx"])
def test_libraries_report_warnings_only_and_through_us(name: str) -> None:
    logging.getLogger(name).addHandler(logging.StreamHandler(io.StringIO()))
    desk = Desk()
    logging.getLogger(name).info("chatter")
    logging.getLogger(name).warning("trouble with %s", SECRET)
    record = desk.record()
    assert (record["event"], record["logger"]) == ("trouble with ***", name)


@pytest.mark.parametrize("format", ["text", "json"])
def test_a_registered_secret_is_hidden_wherever_it_stands(format: Format) -> None:
    desk = Desk(format)
    try:
        raise RuntimeError(f"service said {SECRET}")
    except RuntimeError:
        desk.log.exception(f"failed with {SECRET}", url=f"https://x.example/?a={SECRET}", deep=[{"k": (SECRET,)}])
    desk.log.info("encoded", body=json.dumps({"k": SECRET}), query="a=n0t%2Ffor%20%22anyone%22%2Bto%3Dsee")
    assert "anyone" not in desk.text
    assert desk.text.count("***") >= 6


@pytest.mark.parametrize(
    "key", ["authorization", "Authorization", "access_token", "client_secret", "password", "signing_key", "api-key", "Set-Cookie"]
)  # fmt: skip
def test_what_stands_under_a_secret_s_name_is_hidden(key: str) -> None:
    desk = Desk()
    desk.log.info("call", headers={key: "abc", "Accept": "text/html"}, **{key: ["abc", 1]})
    assert "abc" not in desk.text
    assert "text/html" in desk.text


@pytest.mark.parametrize(
    "text",
    [
        "sent Authorization: Bearer eyJhbGciOi.abc-def",
        "token=eyJhbGciOi.abc-def&x=1",
        '{"signing_key": "eyJhbGciOi.abc-def"}',
        "cannot reach postgresql://hookline:eyJhbGciOi.abc-def@db/x",
    ],
)
def test_a_text_that_looks_like_a_credential_is_hidden_although_nobody_registered_it(text: str) -> None:
    desk = Desk()
    desk.log.info(text)
    assert "eyJ" not in desk.text


def test_a_secret_is_hidden_before_the_text_is_cut() -> None:
    desk = Desk()
    desk.log.info("long", body="x" * (log.LONGEST_VALUE - 5) + SECRET + "y" * 5000)
    body = str(desk.record()["body"])
    assert len(body) < log.LONGEST_VALUE + 50
    assert SECRET[:5] not in body


def test_long_lists_and_tracebacks_are_cut() -> None:
    desk = Desk()
    try:
        raise RuntimeError("x" * 20_000 + " the end")
    except RuntimeError:
        desk.log.exception("failed", rows=list(range(5000)))
    record = desk.record()
    assert len(str(record["exception"])) <= log.LONGEST_TRACEBACK + 1
    assert str(record["exception"]).endswith("the end")
    assert len(str(record["rows"])) < log.LONGEST_VALUE + 50


def test_our_own_errors_are_told_without_a_traceback() -> None:
    desk = Desk()
    error = SettingsError("HOOKLINE_PORT: no", remedy="take another", place=Place(file="a.yaml", line=1, column=2))
    desk.log.error("cannot start", exc_info=error)
    record = desk.record()
    assert (record["error"], record["code"], record["remedy"]) == (
        "a.yaml:1:2: HOOKLINE_PORT: no",
        "E002",
        "take another",
    )
    assert "exception" not in record


def test_errors_of_others_are_told_with_their_traceback() -> None:
    desk = Desk("text")
    try:
        raise KeyError("missing")
    except KeyError:
        logging.getLogger("some.library").exception("broke")
    first, *rest = desk.text.splitlines()
    assert first.endswith("error   worker: broke")
    assert rest[0] == "    Traceback (most recent call last):"
    assert rest[-1] == "    KeyError: 'missing'"


def test_nobody_can_forge_a_line_with_a_line_break() -> None:
    desk = Desk("text")
    desk.log.info("hello\n12:00:00 error   worker: forged", name="a\nb\x1b[31m")
    (line,) = desk.text.splitlines()
    assert r"hello\n12:00:00" in line
    assert "\x1b" not in line


class Unshowable:
    def __repr__(self) -> str:
        raise RuntimeError("no")


def test_a_record_that_cannot_be_shown_does_not_break_the_caller() -> None:
    desk = Desk()
    desk.log.info("odd", value=Unshowable(), values=[Unshowable()], not_a_number=float("nan"))
    record = desk.record()
    assert record["value"] == "<Unshowable that cannot be shown>"
    assert record["not_a_number"] == "nan"


def test_a_record_with_the_wrong_arguments_leaves_a_line_that_names_its_origin() -> None:
    desk = Desk()
    logging.getLogger("some.library").warning("%s and %s", "one")
    record = desk.record()
    assert (record["logger"], record["event"]) == ("some.library", "a log record could not be written")


def test_a_closed_stream_does_not_break_the_caller() -> None:
    desk = Desk()
    desk.stream.close()
    desk.log.error("nobody hears this")


def test_a_value_too_short_to_be_a_secret_does_not_black_out_the_log() -> None:
    desk = Desk()
    desk.redactor.add("e", "info", "")
    desk.log.info("hello")
    assert desk.record()["event"] == "hello"


@pytest.mark.parametrize(
    "text", ["x" * 300_000, "token" * 60_000, "://a:" * 60_000, "token   " * 40_000, "bearer " * 40_000]
)
def test_a_long_text_that_is_nearly_a_credential_is_read_through_once(text: str) -> None:
    # Without bounds in the patterns each of these takes minutes, and the suite's time limit ends the test.
    assert Redactor().text(text)


def test_a_secret_that_begins_like_another_is_hidden_whole() -> None:
    redactor = Redactor()
    redactor.add("abcdef", "abcdef-ghijkl")
    assert redactor.text("x abcdef-ghijkl y abcdef z") == "x *** y *** z"


def test_depth_without_end_is_cut() -> None:
    circle: list[object] = []
    circle.append(circle)
    assert "…" in json.dumps(Redactor().value(circle), ensure_ascii=False)
