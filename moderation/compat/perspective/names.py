"""Perspective's attribute names, and what each is answered from. docs/perspective.md has the same table."""

from collections.abc import Mapping

from moderation.engine.attributes import Attribute

_PRODUCTION = (
    Attribute.TOXICITY,
    Attribute.SEVERE_TOXICITY,
    Attribute.IDENTITY_ATTACK,
    Attribute.INSULT,
    Attribute.PROFANITY,
    Attribute.THREAT,
)
# Served by every name that clients know it by.
SERVED: Mapping[str, Attribute] = {
    **{attribute.value: attribute for attribute in Attribute},
    **{f"{attribute.value}_EXPERIMENTAL": attribute for attribute in _PRODUCTION},
    "TOXICITY_FAST": Attribute.TOXICITY,
    "INFLAMMATORY": Attribute.TOXICITY,
    "FLIRTATION": Attribute.SEXUALLY_EXPLICIT,
    "SITE_POLICY": Attribute.LIKELY_TO_REJECT,
}
# Known to Perspective, and asking for a judgement that no model here makes.
NOT_SERVED = frozenset(
    f"{name}_EXPERIMENTAL"
    for name in (
        *("AFFINITY", "COMPASSION", "CONSTRUCTIVE", "CURIOSITY", "NUANCE", "PERSONAL_STORY", "REASONING"),
        *("RESPECT", "ALIENATION", "FEARMONGERING", "GENERALIZATION", "MORAL_OUTRAGE", "POWER_APPEAL"),
        "SCAPEGOATING",
    )
)
