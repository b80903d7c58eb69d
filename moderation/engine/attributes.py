"""Calibrated scores by attribute, as compatible services name them: pure functions of one screening."""

import math
import re
from collections.abc import Mapping
from enum import StrEnum

from moderation.domain.signals import Axis
from moderation.domain.status import Outcome
from moderation.engine.attribute_scale import rarity, score_of_rarity, toxicity_rarity
from moderation.engine.run import Run
from moderation.engine.verdict.judging import PREMODERATED, Verdict
from moderation.engine.verdict.policy import Policy
from moderation.language.models.heads import LANGUAGE_HEADS, Head
from moderation.language.models.judgement import AxisLogit, Judgement
from moderation.lib.odds import log_odds


class Attribute(StrEnum):
    """What a score is about; the names are Perspective's."""

    TOXICITY = "TOXICITY"
    SEVERE_TOXICITY = "SEVERE_TOXICITY"
    IDENTITY_ATTACK = "IDENTITY_ATTACK"
    INSULT = "INSULT"
    PROFANITY = "PROFANITY"
    THREAT = "THREAT"
    SEXUALLY_EXPLICIT = "SEXUALLY_EXPLICIT"
    OBSCENE = "OBSCENE"
    SPAM = "SPAM"
    LIKELY_TO_REJECT = "LIKELY_TO_REJECT"
    UNSUBSTANTIAL = "UNSUBSTANTIAL"
    INCOHERENT = "INCOHERENT"
    ATTACK_ON_AUTHOR = "ATTACK_ON_AUTHOR"
    ATTACK_ON_COMMENTER = "ATTACK_ON_COMMENTER"


# How rare a listed word makes a text, on the scale of `rarity`: the lists see what the models miss, in
# languages without a head above all. Points of a signal grow with the number of distinct words.
_WORDS_OF: Mapping[Attribute, Mapping[str, float]] = {
    Attribute.TOXICITY: {
        "wordlist.mild": -0.6, "wordlist.strong": 0.1, "wordlist.severe": 0.6, "wordlist.slur": 1.0,
        "wordlist.threat": 1.0, "wordlist.hatred": 1.0,
    },
    Attribute.INSULT: {"wordlist.severe": 0.5, "wordlist.slur": 0.7},
    Attribute.IDENTITY_ATTACK: {"wordlist.slur": 1.0, "wordlist.hatred": 1.0},
    Attribute.THREAT: {"wordlist.threat": 1.0},
    Attribute.PROFANITY: {
        "wordlist.mild": -0.3, "wordlist.strong": 0.7, "wordlist.severe": 1.2, "wordlist.slur": 0.8,
    },
}  # fmt: skip
_HEADS = {
    Attribute.INSULT: Head.INSULT,
    Attribute.IDENTITY_ATTACK: Head.IDENTITY,
    Attribute.THREAT: Head.THREAT,
    Attribute.SEXUALLY_EXPLICIT: Head.SEXUAL,
}
# A head's log-odds over this bound its rarity: what it takes for unlikely may be rare all the same, where
# hardly any harmless comment comes near the subject.
_LIKELY_WIDTH = 2.0
# Threats and attacks on groups raise the toxicity of a text from here on: they say little of milder ones.
_ATTACKS_SPEAK_FROM = -0.25
_NEVER = -6.0  # the rarity of a text in which nothing was found
_SEVERE_IS_RARER = 1.0  # severe toxicity asks for ten times the rarity of toxicity
_WORD = re.compile(r"\w+")
_SECOND_PERSON = re.compile(r"\b(you|your|you're|youre|yourself|ur|u)\b", re.IGNORECASE)
_OF_AUTHOR = re.compile(
    r"\b(author|writer|journalist|reporter|columnist|editor|blogger|article|op-?ed|column)s?\b", re.IGNORECASE
)
_FILTER_CODES = ("site_filter.abuse", "site_filter.spam")
_REJECTED, _HELD = 0.9, 0.5  # at least, where the site's policy or rules say so whatever the points


def attributes_of(
    run: Run,
    judgement: Judgement,
    verdict: Verdict,
    policy: Policy,
    *,
    text: str,
    is_reply: bool = False,
    on_article: bool = False,
) -> Mapping[Attribute, float]:
    """Every attribute of a text, 0 to 1, on the scale of `attribute_scale`.

    `run` and `verdict` are of the same screening as `judgement`; `text` is the original. `on_article`: it is
    said of an article, and answers no other comment.
    """
    points = largest_points(run)
    rarities = {name: rarity_of(name, judgement, points) for name in _WORDS_OF}
    found = {name: score_of_rarity(value) for name, value in rarities.items()}
    found[Attribute.SEVERE_TOXICITY] = score_of_rarity(rarities[Attribute.TOXICITY] - _SEVERE_IS_RARER)
    sexual = rarity_of(Attribute.SEXUALLY_EXPLICIT, judgement, points)
    found[Attribute.SEXUALLY_EXPLICIT] = score_of_rarity(sexual)
    found[Attribute.OBSCENE] = max(found[Attribute.PROFANITY], found[Attribute.SEXUALLY_EXPLICIT])
    found[Attribute.SPAM] = _spam(judgement, verdict, policy)
    found[Attribute.LIKELY_TO_REJECT] = max(_likely_to_reject(verdict, policy), _said_by_filter(run))
    found[Attribute.UNSUBSTANTIAL] = _unsubstantial(text)
    found[Attribute.INCOHERENT] = _logistic(points.get("gibberish.text", 0.0) - 1.25, 2.5)
    found |= _attacks(found, text, is_reply=is_reply, on_article=on_article)
    return {name: min(1.0, max(0.0, found[name])) for name in Attribute}


def largest_points(run: Run) -> dict[str, float]:
    """The points of the strongest signal of each code."""
    points: dict[str, float] = {}
    for signal in run.signals:
        points[signal.code] = max(points.get(signal.code, 0.0), signal.points)
    return points


def rarity_of(name: Attribute, judgement: Judgement, points: Mapping[str, float]) -> float:
    """How rare the finding is that an attribute is scored by; see `attribute_scale.rarity`."""
    words = [_NEVER, *(value for code, value in _WORDS_OF.get(name, {}).items() if code in points)]
    return max(*words, *_model_rarities(name, judgement, points), _NEVER)


def _model_rarities(name: Attribute, judgement: Judgement, points: Mapping[str, float]) -> list[float]:
    """What the models say. A head for a language knows no kinds of abuse: it counts as an insult."""
    if name == Attribute.TOXICITY:
        return _toxicity_rarities(judgement, points)
    if name == Attribute.PROFANITY:  # the head that has no anchors
        known = judgement.heads.get(Head.PROFANITY)
        return [] if known is None else [log_odds(known) / _LIKELY_WIDTH]
    if name == Attribute.INSULT and judgement.language in LANGUAGE_HEADS:
        return [rarity(judgement.abuse)] if judgement.abuse else []
    line = judgement.single_heads.get(_HEADS[name])
    return [_bounded_rarity(line)] if line else []


def _bounded_rarity(line: AxisLogit) -> float:
    return min(rarity(line), line.logit / _LIKELY_WIDTH)


def _toxicity_rarities(judgement: Judgement, points: Mapping[str, float]) -> list[float]:
    if judgement.abuse is None:
        return []
    if judgement.language in LANGUAGE_HEADS:
        return [rarity(judgement.abuse)]
    attacks = [_bounded_rarity(judgement.single_heads[head]) for head in (Head.THREAT, Head.IDENTITY)]
    spoken = [value for value in attacks if value >= _ATTACKS_SPEAK_FROM]
    return [toxicity_rarity(judgement, points), *spoken]


def _spam(judgement: Judgement, verdict: Verdict, policy: Policy) -> float:
    by_points = _by_points(verdict.scores[Axis.SPAM], policy.spam_at)
    return max(score_of_rarity(rarity(judgement.spam) - 0.5), by_points)


def _likely_to_reject(verdict: Verdict, policy: Policy) -> float:
    """One half at the line from which this site holds, by its policy, rules, lists and own filter."""
    score = max(
        _by_points(verdict.scores["doubt"], policy.hold_at),
        _by_points(verdict.scores[Axis.ABUSE], policy.abuse_hold_at),
        _by_points(verdict.scores[Axis.SPAM], policy.spam_at),
    )
    if verdict.outcome in (Outcome.SPAM, Outcome.REJECT):
        return max(score, _REJECTED)
    is_held = any(reason.code != PREMODERATED for reason in verdict.reasons)
    return max(score, _HELD) if is_held else score


def _said_by_filter(run: Run) -> float:
    """The probability that the site's own filter gives, where it speaks against the text."""
    percents = [float(s.params["percent"]) for s in run.signals if s.code in _FILTER_CODES]
    return max(percents, default=0.0) / 100


def _by_points(points: float, line: float) -> float:
    """One half at `line`, 0 without points, near 1 at twice the line."""
    if points <= 0:
        return 0.0
    ratio = points / max(line, 0.001)
    return ratio**3 / (1 + ratio**3)


def _unsubstantial(text: str) -> float:
    """Few different words say little: one half at eight of them."""
    return _logistic(8 - len({word.lower() for word in _WORD.findall(text)}), 0.5)


def _attacks(
    found: Mapping[Attribute, float], text: str, *, is_reply: bool, on_article: bool
) -> dict[Attribute, float]:
    """Whom an insult is aimed at: told by the words and by whether the comment answers another one."""
    attack = max(found[Attribute.INSULT], found[Attribute.THREAT])
    names_author = bool(_OF_AUTHOR.search(text))
    speaks_to_somebody = bool(_SECOND_PERSON.search(text))
    at_somebody = is_reply or (speaks_to_somebody and not on_article)
    at_commenter = 1.0 if is_reply and not names_author else 0.7 if at_somebody else 0.4
    at_author = 1.0 if names_author else 0.2 if is_reply else 0.7 if on_article else 0.4
    return {
        Attribute.ATTACK_ON_COMMENTER: attack * at_commenter,
        Attribute.ATTACK_ON_AUTHOR: attack * at_author,
    }


def _logistic(value: float, slope: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, slope * value))))
