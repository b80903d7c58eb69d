"""Logs: what is written, and that a canary is not."""

import io
import json
import logging
import logging.config
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
import structlog

from moderation.domain.status import Status
from moderation.privacy import logs

CANARY = "cnry-7f3a@leak-91bc.example"
SECRET = "the text of a comment"


class Written:
    """What the handler wrote, as text and as fields."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def fields(self) -> dict[str, object]:
        line: dict[str, object] = json.loads(self.text)
        return line


def written_by(*, json: bool) -> Iterator[Written]:
    hook, config = sys.excepthook, structlog.get_config()
    written = Written()
    settings = logs.build_logging(json=json, level="DEBUG")
    settings["handlers"]["stderr"]["stream"] = written.stream
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logging.config.dictConfig(settings)
    yield written
    root.handlers[:], sys.excepthook = handlers, hook
    root.setLevel(level)
    structlog.configure(**config)


@pytest.fixture
def written() -> Iterator[Written]:
    yield from written_by(json=True)


@pytest.fixture
def written_as_text() -> Iterator[Written]:
    yield from written_by(json=False)


def test_allowed_fields_are_written_as_json(written: Written) -> None:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    structlog.get_logger("a.name").info(
        "screened", comment=UUID(int=1), status=Status.HELD, count=3, jobs=[1, "two"], due_s=moment
    )
    assert written.fields.pop("timestamp")
    assert (
        written.fields.items()
        >= {
            "event": "screened",
            "level": "info",
            "logger": "a.name",
            "comment": str(UUID(int=1)),
            "status": "held",
            "count": 3,
            "due_s": str(moment),
        }.items()
    )
    assert written.fields["jobs"] == [1, "two"]


def test_other_fields_are_dropped_and_named(written: Written) -> None:
    structlog.get_logger().info("submitted", body=SECRET, email=CANARY, count=1)
    assert written.fields["dropped_fields"] == ["body", "email"]
    assert SECRET not in written.text
    assert "cnry" not in written.text


def test_objects_are_only_named(written: Written) -> None:
    structlog.get_logger().info("odd", comment={"body": SECRET}, error=ValueError(CANARY))
    assert written.fields["comment"] == "<dict>"
    assert written.fields["error"] == "ValueError: [address]"


@pytest.mark.parametrize("name", ["django.request", "celery.worker", "_granian", "anything"])
def test_lines_of_libraries_are_redacted(written: Written, name: str) -> None:
    logging.getLogger(name).error("failed for %s at %s", CANARY, "/x?email=cnry-7f3a%40leak-91bc.example")
    assert written.fields["event"] == "failed for [address] at /x?email=[address]"
    assert written.fields["logger"] == name


def test_extra_fields_of_libraries_are_not_written(written: Written) -> None:
    logging.getLogger("django.request").error("failed", extra={"request": SECRET, "status_code": 500})
    assert SECRET not in written.text


@pytest.mark.parametrize("speak", [structlog.get_logger().exception, logging.getLogger("library").exception])
def test_tracebacks_have_places_but_no_locals_and_no_rows(written: Written, speak: object) -> None:
    typed = SECRET
    try:
        raise ValueError(f"for {CANARY}\nDETAIL: row ({typed})")
    except ValueError:
        assert callable(speak)
        speak("it failed")
    trace = str(written.fields["exception"])
    assert "ValueError: for [address]" in trace
    assert "test_logs.py" in trace
    assert SECRET not in written.text
    assert "cnry" not in written.text


@pytest.mark.parametrize(
    "name", ["django.db.backends", "django.server", "celery.app.trace", "granian.access"]
)
def test_access_logs_and_sql_are_silent(written: Written, name: str) -> None:
    logging.getLogger(name).info("GET /x?email=%s", CANARY)
    assert written.text == ""


def test_a_line_that_cannot_be_formatted_shows_no_arguments(written: Written) -> None:
    record = logging.LogRecord("library", logging.ERROR, __file__, 1, "%d", (CANARY,), None)
    [ours] = [
        handler for handler in logging.getLogger().handlers if isinstance(handler, logs.SafeStreamHandler)
    ]
    ours.handle(record)
    assert written.fields == {"event": "log line lost", "logger": "library", "error": "TypeError"}


def test_text_for_people_is_redacted_too(written_as_text: Written) -> None:
    try:
        raise ValueError(CANARY)
    except ValueError:
        structlog.get_logger("a.name").exception("failed", count=2, body=SECRET)
    first, *rest = written_as_text.text.splitlines()
    assert "error    failed  " in first
    assert "count=2" in first
    assert rest[-1] == "ValueError: [address]"
    assert SECRET not in written_as_text.text


def test_a_crash_prints_no_address() -> None:
    code = (
        "from moderation.privacy.logs import build_logging\n"
        "build_logging(json=True, level='INFO')\n"
        f"raise ValueError('for ' + {CANARY!r}.lower())"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 1
    assert "ValueError: for [address]" in ended.stderr


def test_a_crash_of_this_process_prints_no_address(
    written: Written, capsys: pytest.CaptureFixture[str]
) -> None:
    sys.excepthook(ValueError, ValueError(CANARY), None)
    assert "ValueError: [address]" in capsys.readouterr().err
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert "KeyboardInterrupt" in capsys.readouterr().err


def test_the_canary_is_found_where_our_logging_is_not_used() -> None:
    stream = io.StringIO()
    plain = logging.StreamHandler(stream)
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed for %s", (CANARY,), None)
    plain.emit(record)
    assert CANARY in stream.getvalue()
