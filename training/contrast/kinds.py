"""The kinds of rows: what each one answers, how often it comes, and its hostile or spamming twin."""

from collections.abc import Mapping
from dataclasses import dataclass

HEADS = ("insult", "identity", "threat", "profanity", "sexual", "spam")
ABUSE_HEADS = ("insult", "identity", "threat", "sexual")

_CLEAN = {"insult": 0, "identity": 0, "threat": 0, "sexual": 0, "spam": 0}
# What is not told is masked: whether a slur on a group also insults the reader is anybody's guess.
_IDENTITY = {"identity": 1, "threat": 0, "sexual": 0, "spam": 0}
_INSULT = {"insult": 1, "identity": 0, "threat": 0, "sexual": 0, "spam": 0}
_THREAT = {"threat": 1, "identity": 0, "sexual": 0, "spam": 0}
_SEXUAL = {"sexual": 1, "threat": 0, "spam": 0}
_SPAM = {"insult": 0, "identity": 0, "threat": 0, "spam": 1}


@dataclass(frozen=True)
class Kind:
    """`heads` are all but profanity, which is read off the finished text; `weight` is its share."""

    heads: Mapping[str, int]
    weight: float
    twin: str = ""

    @property
    def harmless(self) -> bool:
        """Whether no head says otherwise."""
        return not any(self.heads.values())

    @property
    def is_spam(self) -> bool:
        """Whether the kind is advertising."""
        return self.heads.get("spam") == 1


KINDS: Mapping[str, Kind] = {
    # Talk about attacks, with the attack as twin
    "negation": Kind(_CLEAN, 3, "identity_attack"),
    "quotation": Kind(_CLEAN, 3, "identity_attack"),
    "counter_speech": Kind(_CLEAN, 3, "identity_attack"),
    "reported_speech": Kind(_CLEAN, 3, "identity_attack"),
    "help_report": Kind(_CLEAN, 3, "direct_insult"),
    "threat_report": Kind(_CLEAN, 2, "threat"),
    # Talk about people
    "identity_statement": Kind(_CLEAN, 6, "identity_attack"),
    "identity_good": Kind(_CLEAN, 3, "hate_with_negation"),
    "reclaimed": Kind(_CLEAN, 1.5, "slur_attack"),
    "history": Kind(_CLEAN, 2, "implicit_hate"),
    "news_violence": Kind(_CLEAN, 4, "group_threat"),
    # Talk in strong words
    "untargeted_profanity": Kind(_CLEAN, 4, "profane_attack"),
    "figurative_violence": Kind(_CLEAN, 3, "threat"),
    "criticism": Kind(_CLEAN, 4, "direct_insult"),
    "self_deprecation": Kind(_CLEAN, 2, "direct_insult"),
    "sex_education": Kind(_CLEAN, 2, "sexual_harassment"),
    # Everyday comments
    "thanks": Kind(_CLEAN, 1.5),
    "question": Kind(_CLEAN, 2),
    "disagreement": Kind(_CLEAN, 3),
    "opinion": Kind(_CLEAN, 3),
    "joke": Kind(_CLEAN, 1.5),
    "sports": Kind(_CLEAN, 1.5),
    "recipe": Kind(_CLEAN, 1),
    "source": Kind(_CLEAN, 1),
    "correction": Kind(_CLEAN, 1.5),
    "story": Kind(_CLEAN, 2.5),
    "video": Kind(_CLEAN, 1.5),
    # Attacks
    "identity_attack": Kind(_IDENTITY, 3),
    "dehumanising": Kind(_IDENTITY, 2),
    "exclusion": Kind(_IDENTITY, 2),
    "implicit_hate": Kind(_IDENTITY, 2),
    "hate_with_negation": Kind(_IDENTITY, 1),
    "slur_attack": Kind(_IDENTITY, 1),
    "group_threat": Kind({"identity": 1, "threat": 1, "sexual": 0, "spam": 0}, 1.5),
    "direct_insult": Kind(_INSULT, 3),
    "profane_attack": Kind(_INSULT, 1.5),
    "nonprotected_insult": Kind(_INSULT, 1),
    "threat": Kind(_THREAT, 2),
    "wish_harm": Kind(_THREAT, 1.5),
    "sexual_harassment": Kind(_SEXUAL, 2),
    # Advertising, and readers who look like it
    "ham_link": Kind(_CLEAN, 2, "spam_link"),
    "ham_money": Kind(_CLEAN, 1.5, "spam_money"),
    "ham_contact": Kind(_CLEAN, 1.5, "spam_contact"),
    "ham_channel": Kind(_CLEAN, 1.5, "spam_channel"),
    "ham_praise": Kind(_CLEAN, 1.5, "spam_praise"),
    "spam_link": Kind(_SPAM, 0.7),
    "spam_money": Kind(_SPAM, 0.7),
    "spam_contact": Kind(_SPAM, 0.7),
    "spam_channel": Kind(_SPAM, 0.7),
    "spam_praise": Kind(_SPAM, 1),
}
