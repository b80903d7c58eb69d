"""Form fields of the site pages: lists as lines, weights as `code = number`."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

LONGEST_LIST = 100_000  # characters; far below what a request may carry
_WEIGHT = re.compile(r"\s*([^\s=]+)\s*=\s*([0-9.,]+)\s*")


class LinesField(forms.CharField):
    """A list with one entry per line; blank lines and surrounding spaces are ignored."""

    def __init__(self, *, rows: int = 4, longest_entry: int = 300, **options: Any) -> None:
        self.longest_entry = longest_entry
        widget = forms.Textarea(attrs={"rows": rows, "spellcheck": "false"})
        super().__init__(widget=widget, max_length=LONGEST_LIST, strip=False, **options)

    def prepare_value(self, value: object) -> object:
        """A stored list as lines; typed text unchanged."""
        return value if value is None or isinstance(value, str) else "\n".join(map(str, _sequence(value)))

    def to_python(self, value: object) -> Any:
        """The entries, each once, in order."""
        text = super().to_python(value) or ""
        entries = [line.strip() for line in text.splitlines() if line.strip()]
        for entry in entries:
            if len(entry) > self.longest_entry:
                raise forms.ValidationError(
                    f"An entry may have at most {self.longest_entry} characters: “{entry[:40]}…” has more."
                )
        return list(dict.fromkeys(entries))

    def run_validators(self, value: object) -> None:
        """The length limit applies to the whole text; the entries were checked above."""
        super().run_validators("\n".join(map(str, _sequence(value))))


class WeightsField(forms.CharField):
    """Weights by code, one per line: `links.many = 1.5`."""

    def __init__(self, **options: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})
        super().__init__(widget=widget, max_length=LONGEST_LIST, strip=False, **options)

    def prepare_value(self, value: object) -> object:
        """Stored weights as lines; typed text unchanged."""
        if isinstance(value, Mapping):
            return "\n".join(f"{code} = {weight:g}" for code, weight in sorted(value.items()))
        return value

    def clean(self, value: object) -> Any:
        """The weights. Raises for the first line that is not one."""
        weights: dict[str, float] = {}
        for line in str(super().clean(value) or "").splitlines():
            if not line.strip():
                continue
            match = _WEIGHT.fullmatch(line)
            try:
                if match is None:
                    raise ValueError
                weights[match[1]] = float(match[2].replace(",", "."))
            except ValueError:
                raise forms.ValidationError(f"Write “code = number”, not “{line.strip()[:60]}”.") from None
        return weights


def _sequence(value: object) -> Sequence[object]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else []
