"""Loads the engine's lists and models into a web process, which needs them for compatible services alone."""

import gc
import threading

import structlog
from django.db import DatabaseError, connection

from moderation.engine.run import warm_up
from moderation.queries.keys import is_asked_for_analyses

log = structlog.get_logger(__name__)
_lock = threading.Lock()
_is_loaded = threading.Event()


def load_engine() -> None:
    """Load lists and models, some 140 MiB and a second, once per process; other threads wait for it.

    What is loaded stays, so the garbage collector need not visit it again and again.
    """
    if _is_loaded.is_set():
        return
    with _lock:
        if not _is_loaded.is_set():
            warm_up()
            gc.freeze()
            _is_loaded.set()


def load_in_background() -> None:
    """Load the engine from a thread of its own where keys for compatible services exist: their clients wait
    a second or less for a response. Any other process loads it with the first analysis, if one comes.
    """
    threading.Thread(target=_load_where_used, name="load-engine", daemon=True).start()


def _load_where_used() -> None:
    try:
        is_used = is_asked_for_analyses()
    except DatabaseError as error:  # it may come up later, and the first analysis loads the engine as well
        log.info("engine.not_loaded", error=type(error).__name__)
        return
    finally:
        connection.close()
    if is_used:
        load_engine()
