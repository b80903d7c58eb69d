"""OpenAI's thirteen categories, in the order in which it sends them."""

from enum import StrEnum


class Category(StrEnum):
    """A category of OpenAI's moderations."""

    HARASSMENT = "harassment"
    HARASSMENT_THREATENING = "harassment/threatening"
    SEXUAL = "sexual"
    HATE = "hate"
    HATE_THREATENING = "hate/threatening"
    ILLICIT = "illicit"
    ILLICIT_VIOLENT = "illicit/violent"
    SELF_HARM_INTENT = "self-harm/intent"
    SELF_HARM_INSTRUCTIONS = "self-harm/instructions"
    SELF_HARM = "self-harm"
    SEXUAL_MINORS = "sexual/minors"
    VIOLENCE = "violence"
    VIOLENCE_GRAPHIC = "violence/graphic"


# Our models know nothing of these: only phrases of `phrases.py` speak for them.
BY_PHRASE = (
    Category.ILLICIT,
    Category.ILLICIT_VIOLENT,
    Category.SELF_HARM_INTENT,
    Category.SELF_HARM_INSTRUCTIONS,
    Category.SELF_HARM,
    Category.SEXUAL_MINORS,
    Category.VIOLENCE_GRAPHIC,
)
