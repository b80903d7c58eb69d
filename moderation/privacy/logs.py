"""Structured logs: only allow-listed fields are written, and everything passes the redaction filter."""

import logging
import sys
from collections.abc import Callable, Mapping
from datetime import date
from enum import Enum
from types import TracebackType
from typing import Any
from uuid import UUID

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from moderation.privacy.redact import describe_error, format_exception, redact

# Before adding a field here, make sure that its value can never contain what a person wrote. `error` is the
# name of an exception's type or a code, never its message.
_FIELDS = """
    event level logger timestamp exception pid version
    site thread comment revision author review decision delivery job key flag import user
    kind runner queue act status state outcome code check reason error count jobs attempts batch row
    duration_ms wait_ms age_s retry_after_s due_s bytes size
    method path http_status request_id host port process exit_code signal restarts format
    done left total dropped_fields
"""
ALLOWED_FIELDS = frozenset(_FIELDS.split())
_MAX_VALUE = 500
_MAX_ITEMS = 20


class SafeStreamHandler(logging.StreamHandler[Any]):
    """Writes to stderr; a line that cannot be formatted is reported without its content."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the standard library's name
        """Report that a line is missing. The default would print its arguments."""
        error = sys.exc_info()[1]
        name = type(error).__name__ if error else "unknown"
        try:
            self.stream.write(f'{{"event": "log line lost", "logger": "{record.name}", "error": "{name}"}}\n')
        except (OSError, ValueError):
            return  # the stream itself is gone: there is nowhere left to report it


def build_logging(*, json: bool, level: str) -> dict[str, Any]:
    """Django's `LOGGING`; also sets up structlog, and tracebacks of crashes, to write through it.

    Everything goes to stderr through one handler: our own loggers, Django, Celery, granian. Access logs and
    SQL logs are off, because query strings and parameters may contain addresses.
    """
    _configure_structlog()
    sys.excepthook = _print_crash
    quiet = {"handlers": [], "level": "WARNING", "propagate": True}
    heard = {"handlers": [], "level": "NOTSET", "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "fields": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [name_request, *_common_processors()],
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    clean_event,
                    _renderer(json=json),
                ],
            }
        },
        "handlers": {"stderr": {"class": f"{__name__}.SafeStreamHandler", "formatter": "fields"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": heard,
            "celery": heard,
            "_granian": heard,
            **dict.fromkeys(_SILENT_BELOW_WARNING, quiet),
            "granian.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
        },
    }


_SILENT_BELOW_WARNING = (
    "django.db.backends",
    "django.server",
    "django.template",
    "celery.worker.strategy",  # a line per message received
    "celery.app.trace",  # and per message done
    "kombu",
    "amqp",
    "redis",
    "axes",
    "asyncio",
)


def clean_event(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Keep allow-listed fields, name the others, redact every value, and shorten tracebacks."""
    error = _current_error(event.pop("exc_info", None))
    event.pop("stack_info", None)
    dropped = sorted(name for name in event if name not in ALLOWED_FIELDS)
    cleaned: EventDict = {name: _clean(event[name]) for name in event if name in ALLOWED_FIELDS}
    if error is not None:
        cleaned["exception"] = format_exception(error)
    if dropped:
        cleaned["dropped_fields"] = [redact(name) for name in dropped]
    return cleaned


def name_request(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """The id of the request, for log lines of libraries.

    Django logs a refusal after the request has left all middleware, and attaches the request to the line.
    """
    structlog.contextvars.merge_contextvars(logger, method, event)
    request_id = getattr(getattr(event.get("_record"), "request", None), "request_id", None)
    if isinstance(request_id, str):
        event["request_id"] = request_id
    return event


def _clean(value: object) -> object:
    """`value` as a plain value. Anything else is represented by the name of its type."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return redact(value)[:_MAX_VALUE]
        case Enum():
            return _clean(value.value)
        case UUID() | date():
            return str(value)
        case BaseException():
            return describe_error(value)
        case list() | tuple() | set() | frozenset():
            return [_clean(item) for item in list(value)[:_MAX_ITEMS]]
        case _:
            return f"<{type(value).__name__}>"


def _current_error(exc_info: object) -> BaseException | None:
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return exc_info[1] if isinstance(exc_info[1], BaseException) else None
    return sys.exc_info()[1] if exc_info else None


def _configure_structlog() -> None:
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            *_common_processors(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _common_processors() -> list[Processor]:
    return [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _renderer(*, json: bool) -> Callable[[WrappedLogger, str, EventDict], str | bytes]:
    if json:
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return _render_text


def _render_text(logger: WrappedLogger, method: str, event: EventDict) -> str:
    """One line for people: time, level, event, then the fields; the traceback below."""
    rest: Mapping[str, object] = {
        name: value
        for name, value in event.items()
        if name not in ("timestamp", "level", "event", "exception")
    }
    fields = " ".join(f"{name}={value}" for name, value in rest.items())
    line = f"{event.get('timestamp', '')} {event.get('level', ''):<8} {event.get('event', '')}  {fields}"
    return line + (f"\n{event['exception']}" if "exception" in event else "")


def _print_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What Python prints for an uncaught exception, without anything that people typed."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        print(format_exception(error), file=sys.stderr)  # noqa: T201 - logging may be what failed
