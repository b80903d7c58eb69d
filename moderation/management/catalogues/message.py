"""One message that readers see, and where it stands."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MarkedMessage:
    """`plural` is "" unless the message counts something; `place` is a path within the repository."""

    text: str
    plural: str = ""
    context: str = ""
    place: str = ""
