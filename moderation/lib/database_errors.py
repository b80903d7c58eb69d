"""Which of a database's errors pass by themselves, so that "try again later" is the honest answer."""

# The classes of PEP 249 for trouble that is not the statement's own: a server that restarts, a lock
# held for too long, a disk that is full, a deadlock, a connection that is gone.
_PASSING_KINDS = frozenset({"OperationalError", "InterfaceError"})
# PostgreSQL, appendix A: a transaction that the server ended for its length. psycopg counts them
# among the internal errors.
_ENDED_FOR_LENGTH = frozenset({"25P03", "25P04"})
# Serialisation failure, deadlock, lock time-out; and class 53: disk full, memory or connections used up.
_NOBODYS_FAULT = ("40001", "40P01", "55P03", "53")


def is_passing(error: BaseException) -> bool:
    """Whether the same request may well succeed a moment later."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    return not kinds.isdisjoint(_PASSING_KINDS) or sqlstate_of(error) in _ENDED_FOR_LENGTH


def is_nobodys_fault(error: BaseException) -> bool:
    """Whether the trouble came from outside the work that met it: no attempt of it is counted."""
    return sqlstate_of(error).startswith(_NOBODYS_FAULT)


def sqlstate_of(error: BaseException) -> str:
    """The server's code: Django wraps the driver's errors, which carry it."""
    for each in (error, error.__cause__):
        code = getattr(each, "sqlstate", None)
        if isinstance(code, str):
            return code
    return ""
