"""The heads of the models: what each one speaks for."""

from enum import StrEnum


class Head(StrEnum):
    """One question that a model answers with a probability.

    The first five judge English abuse, each for itself, so that swearing is not called an attack
    and an attack needs no swearing; `SPAM` reads every language. A head named by a language says
    whether a text of that language is abusive at all, and is used to hold, never to reject.
    """

    INSULT = "insult"
    IDENTITY = "identity"
    THREAT = "threat"
    PROFANITY = "profanity"
    SEXUAL = "sexual"
    SPAM = "spam"
    GERMAN = "de"
    ARABIC = "ar"
    FRENCH = "fr"
    KOREAN = "ko"


ABUSE_HEADS = (Head.INSULT, Head.IDENTITY, Head.THREAT, Head.PROFANITY, Head.SEXUAL)
# Those that may speak up by themselves: the pooled answer is about attacks of the usual kind, and
# says little of a threat in plain words. Profanity alone is no abuse.
LINE_HEADS = (Head.INSULT, Head.IDENTITY, Head.THREAT, Head.SEXUAL)
LANGUAGE_HEADS = {head.value: head for head in (Head.GERMAN, Head.ARABIC, Head.FRENCH, Head.KOREAN)}
