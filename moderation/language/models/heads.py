"""The heads of the models: what each of them predicts."""

from enum import StrEnum


class Head(StrEnum):
    """A property of a text for which the models predict a probability.

    The first five are kinds of abuse in English. They are predicted independently, so that swearing does not
    count as an attack, and an attack is found without swearing. `SPAM` is predicted for every language. A
    head named after a language predicts whether a text in it is abusive at all; it may hold a comment, but
    never reject it.
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
# The heads that can give points by themselves, with thresholds of their own: the pooled logit is about common
# kinds of attack and often misses, for example, threats in plain words. Profanity alone is no abuse.
SINGLE_HEADS = (Head.INSULT, Head.IDENTITY, Head.THREAT, Head.SEXUAL)
LANGUAGE_HEADS = {head.value: head for head in (Head.GERMAN, Head.ARABIC, Head.FRENCH, Head.KOREAN)}
