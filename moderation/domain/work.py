"""Proof of work: when a site asks for it, and what came of it."""

from enum import StrEnum


class WorkMode(StrEnum):
    """When readers' comments need a proof of work to be published without a moderator."""

    OFF = "off"
    WAVE = "wave"  # only while a wave of spam runs
    ALWAYS = "always"


class WorkState(StrEnum):
    """What was found of the proof that came with a comment."""

    DONE = "done"
    NONE = "none"
    WRONG = "wrong"  # no solution, that of another site's challenge, or too late
    USED = "used"  # another comment came with it
