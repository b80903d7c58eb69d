"""The error that keeps the service from starting, with a message for people."""


class CannotStart(Exception):
    """The message is all that a person sees: the fault and what to do."""
