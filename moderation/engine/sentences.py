"""One plain English sentence for each signal code, as moderators read it."""

from collections.abc import Mapping
from itertools import chain

from moderation.domain.signals import Param
from moderation.engine.registry import LOCAL_CHECKS

# The sentences for codes that no check emits: those of the engine, the policy and the site's rules.
_OWN_SENTENCES: Mapping[str, str] = {
    "engine.check_failed": "The check “{check}” could not finish ({error})",
    "policy.premoderated": "This site looks at every comment before it is published",
    "rules.hold": "Rule “{rule}” (version {version})",
    "rules.spam": "Rule “{rule}” (version {version})",
    "rules.reject": "Rule “{rule}” (version {version})",
    "rules.route": "Rule “{rule}” (version {version}), for the queue “{queue}”",
    "rules.shadow": "Rule “{rule}” (version {version}) only watches; its action would be: {action}",
}
_SENTENCES: Mapping[str, str] = dict(
    chain(_OWN_SENTENCES.items(), *(check.sentences.items() for check in LOCAL_CHECKS))
)


class _Gaps(dict[str, Param]):
    """Gives “…” for a parameter that today's sentence names and a stored signal lacks."""

    def __missing__(self, key: str) -> str:
        return "…"


def has_sentence(code: str) -> bool:
    """Whether there is a sentence for `code`."""
    return code in _SENTENCES


def say(code: str, params: Mapping[str, Param]) -> str:
    """The sentence of a signal, for people; the code itself if it is unknown."""
    sentence = _SENTENCES.get(code, code.replace("{", "{{").replace("}", "}}"))
    sentence = sentence.format_map(_Gaps(params))
    count = params.get("count")
    return sentence.replace("(s)", "" if count == 1 else "s")
