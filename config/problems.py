"""What keeps the service from starting, said so that a person can mend it."""


class CannotStart(Exception):
    """The message is all that a person sees: what is wrong and what to do."""
