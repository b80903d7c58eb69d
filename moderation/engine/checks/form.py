"""Checks how the form was filled in: the honeypot field, and the time from opening the form to sending it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from moderation.domain.signals import Axis, Param, Signal
from moderation.engine.facts import Context


@dataclass(frozen=True)
class Form:
    """Checks the form's token, unless a site's server or an import sent the comment: these have no token.

    A filled honeypot counts for every source.
    """

    @dataclass(frozen=True, slots=True)
    class Options:
        fastest_s: float = 3.0  # nobody reads a page, writes a comment and sends it in less time
        oldest_s: float = 24 * 3600.0  # the greatest age of a token that was not confirmed

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
        """A signal for a filled honeypot, then at most one for a token that is missing, too young, or too old
        and never confirmed.
        """
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
            # Without a script the token came with the page, perhaps from a cache, so that its age does not
            # tell how long the author took.
            signals.append(_signal("form.too_fast", 3.0, seconds=round(max(age_s, 0.0), 1)))
        elif age_s > options.oldest_s and not form.token_confirmed:
            signals.append(_signal("form.stale_token", 1.0, hours=round(age_s / 3600)))
        return signals


def _signal(code: str, points: float, **params: Param) -> Signal:
    return Signal(code, Axis.SPAM, points, "form", params=params)
