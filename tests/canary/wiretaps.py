"""Listens in: what the service logs, sends to the broker and sends to the database, byte by byte."""

import json
import logging
import logging.config
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from django.contrib.sessions.models import Session
from django.db import connection
from redis import Redis

from moderation.privacy.logs import build_logging

_END = "end-of-tap"


@contextmanager
def logs_in(path: Path) -> Iterator[None]:
    """The service's own logging, at its most talkative, into a file."""
    hook, config = sys.excepthook, structlog.get_config()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with path.open("a") as stream:
        settings = build_logging(json=True, level="DEBUG")
        settings["handlers"]["stderr"]["stream"] = stream
        logging.config.dictConfig(settings)
        try:
            yield
        finally:
            root.handlers[:], sys.excepthook = handlers, hook
            root.setLevel(level)
            structlog.configure(**config)


@contextmanager
def statements_in(heard: list[bytes]) -> Iterator[None]:
    """Every statement with its values, as they leave for the database."""

    def listen(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        heard.append(f"{sql} {params!r}".encode())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        yield


@contextmanager
def commands_in(heard: list[bytes], url: str) -> Iterator[None]:
    """Every command that reaches the broker, whoever sends it."""
    client = Redis.from_url(url, socket_timeout=10)
    with client.monitor() as monitor:  # type: ignore[no-untyped-call]
        yield
        client.echo(_END)
        while _END.encode() not in (line := bytes(monitor.connection.read_response())):
            heard.append(line)
    client.close()


def dump_broker(url: str) -> bytes:
    """All keys with their values, whatever their type."""
    client = Redis.from_url(url, socket_timeout=10)
    read: dict[object, Callable[[Any], Any]] = {
        b"string": client.get,
        b"list": lambda key: client.lrange(key, 0, -1),
        b"hash": client.hgetall,
        b"set": client.smembers,
        b"zset": lambda key: client.zrange(key, 0, -1, withscores=True),
    }
    dumped = []
    for key in client.scan_iter():
        kind = client.type(key)
        if kind != b"none":  # it expired meanwhile
            dumped.append(repr((key, read[kind](key))))
    client.close()
    return "\n".join(dumped).encode()


def dump_table(table: str) -> bytes:
    """All rows as text; binary columns in hexadecimal."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT to_jsonb(row)::text FROM {connection.ops.quote_name(table)} AS row")
        return "\n".join(row[0] for row in cursor.fetchall()).encode()


def dump_sessions() -> bytes:
    """What is inside the sessions, which their table holds compressed."""
    return "\n".join(json.dumps(session.get_decoded()) for session in Session.objects.all()).encode()
