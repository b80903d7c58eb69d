"""English messages that readers see, kept so that they can be told in another language, too."""

from collections.abc import Mapping
from dataclasses import dataclass, field


def mark(message: str) -> str:
    """`message` itself. The catalogues hold what is marked: whoever shows it looks its translation up."""
    return message


@dataclass(frozen=True, slots=True)
class Wording:
    """A message with numbers to be filled in, as `%(name)s`. Its text stands in the catalogues."""

    template: str
    numbers: Mapping[str, int] = field(default_factory=dict)

    @property
    def english(self) -> str:
        """The message with its numbers, for logs and for programs."""
        return self.template % {name: f"{number:,}" for name, number in self.numbers.items()}
