"""Which database errors are transient, so that "try again later" is the correct answer."""

# The classes of PEP 249 for errors that the statement did not cause: a restarting server, a lock held for too
# long, a full disk, a deadlock, a lost connection.
_PASSING_KINDS = frozenset({"OperationalError", "InterfaceError"})
# PostgreSQL, appendix A: a transaction that the server ended for its length. psycopg counts them
# among the internal errors.
_ENDED_FOR_LENGTH = frozenset({"25P03", "25P04"})
# Serialisation failure, deadlock, lock time-out; and class 53: disk full, memory or connections used up.
_NOBODYS_FAULT = ("40001", "40P01", "55P03", "53")


def is_passing(error: BaseException) -> bool:
    """Whether the same request may succeed a moment later."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    return not kinds.isdisjoint(_PASSING_KINDS) or sqlstate_of(error) in _ENDED_FOR_LENGTH


def is_nobodys_fault(error: BaseException) -> bool:
    """Whether the error came from outside the work that met it, so that no attempt is counted."""
    return sqlstate_of(error).startswith(_NOBODYS_FAULT)


def sqlstate_of(error: BaseException) -> str:
    """The server's error code, from the driver's error that Django wraps."""
    for each in (error, error.__cause__):
        code = getattr(each, "sqlstate", None)
        if isinstance(code, str):
            return code
    return ""
