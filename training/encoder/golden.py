"""Texts whose scores stand in the shipped file, so that a test can tell that they are still given."""

TEXTS = (
    "thank you for the kind words about the garden",
    "you are a worthless idiot and everybody here knows it",
    "those people are vermin and should be driven out of the country",
    "i will find you and break your legs",
    "what a fucking brilliant match that was",
    "earn $500 a day from home, visit my channel and subscribe",
    "the army said that its soldiers killed four civilians in the village on monday",
    "as a gay man i was glad to read this",
    "she is nothing but a 🐍",
    "nobody should call a woman that, and whoever does is wrong",
    "",
    "ok",
)
