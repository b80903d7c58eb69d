"""How the form was filled in: the field that people do not see, and the time it took."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from moderation.domain.signals import Axis, Param, Signal
from moderation.engine.facts import Context


@dataclass(frozen=True)
class Form:
    """Says nothing of what a site's server or an import sent: no reader's form was behind it."""

    @dataclass(frozen=True, slots=True)
    class Options:
        fastest_s: float = 3.0  # nobody reads, writes and sends in less
        oldest_s: float = 24 * 3600.0

    options: Options = Options()

    name = "form"
    version = "1"
    axis = Axis.SPAM
    sentences: ClassVar[Mapping[str, str]] = {
        "form.honeypot": "A form field was filled in that people do not see",
        "form.too_fast": "Written and sent within {seconds} s",
        "form.no_token": "Sent without the form's token",
        "form.stale_token": "The form was opened {hours} hours before and not confirmed",
    }

    def run(self, context: Context) -> list[Signal]:
        """The honeypot, then the token: missing, too young, or too old and never confirmed."""
        form, options = context.form, self.options
        signals = []
        if form.honeypot_filled:
            signals.append(_signal("form.honeypot", 6.0))
        if form.source not in ("form", "script"):
            return signals
        age_s = form.token_age_s
        if age_s is None:
            signals.append(_signal("form.no_token", 2.0 if form.source == "form" else 1.0))
        elif form.token_by_script and age_s < options.fastest_s:
            # Without a script the token is as old as the page, which a cache may have kept.
            signals.append(_signal("form.too_fast", 3.0, seconds=round(max(age_s, 0.0), 1)))
        elif age_s > options.oldest_s and not form.token_confirmed:
            signals.append(_signal("form.stale_token", 1.0, hours=round(age_s / 3600)))
        return signals


def _signal(code: str, points: float, **params: Param) -> Signal:
    return Signal(code, Axis.SPAM, points, "form", params=params)
