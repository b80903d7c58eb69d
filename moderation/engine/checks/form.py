"""Checks how the form was filled in: the honeypot, the time from opening to sending it, the proof of work."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from moderation.domain.signals import NO_WORK, USED_WORK, WRONG_WORK, Axis, Param, Signal
from moderation.domain.work import WorkState
from moderation.engine.facts import Context, FormFacts

# A comment that came before the site asked for work has no state, and no signal.
_WORK_CODES = {
    WorkState.NONE.value: NO_WORK,
    WorkState.WRONG.value: WRONG_WORK,
    WorkState.USED.value: USED_WORK,
}


@dataclass(frozen=True)
class Form:
    """Checks the form's token and its proof of work, unless a site's server or an import sent the comment:
    these have neither. Without the proof that the site asks for a comment is held.

    A filled honeypot counts for every source.
    """

    @dataclass(frozen=True, slots=True)
    class Options:
        fastest_s: float = 3.0  # nobody reads a page, writes a comment and sends it in less time
        oldest_s: float = 24 * 3600.0  # the greatest age of a token that was not confirmed

    options: Options = Options()

    name = "form"
    version = "2"
    axis = Axis.SPAM
    sentences: ClassVar[Mapping[str, str]] = {
        "form.honeypot": "A form field was filled in that people do not see",
        "form.too_fast": "Written and sent within {seconds} s",
        "form.no_token": "Sent without the form's token",
        "form.stale_token": "The form was opened {hours} hours before and not confirmed",
        NO_WORK: "Sent without the proof of work that the site asks for",
        WRONG_WORK: "The proof of work is wrong or too old",
        USED_WORK: "The proof of work came with another comment before",
    }

    def run(self, context: Context) -> list[Signal]:
        """A signal for a filled honeypot, then at most one for the token and one for the proof of work."""
        form = context.form
        signals = [_signal("form.honeypot", 6.0)] if form.honeypot_filled else []
        if form.source not in ("form", "script"):
            return signals
        signals += self._check_token(form)
        if context.site.asks_for_work and form.work in _WORK_CODES:
            signals.append(_signal(_WORK_CODES[form.work], 2.0))
        return signals

    def _check_token(self, form: FormFacts) -> list[Signal]:
        """At most one signal, for a token that is missing, too young, or too old and never confirmed."""
        options, age_s = self.options, form.token_age_s
        if age_s is None:
            return [_signal("form.no_token", 2.0 if form.source == "form" else 1.0)]
        if form.token_by_script and age_s < options.fastest_s:
            # Without a script the token came with the page, perhaps from a cache, so that its age does not
            # tell how long the author took.
            return [_signal("form.too_fast", 3.0, seconds=round(max(age_s, 0.0), 1))]
        if age_s > options.oldest_s and not form.token_confirmed:
            return [_signal("form.stale_token", 1.0, hours=round(age_s / 3600))]
        return []


def _signal(code: str, points: float, **params: Param) -> Signal:
    return Signal(code, Axis.SPAM, points, "form", params=params)
