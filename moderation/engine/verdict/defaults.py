"""The default settings of policies: every version that was ever in force."""

from collections.abc import Mapping
from typing import Any

# The cap of families that the settings do not name: those of checks that were removed.
OTHER_FAMILIES_CAP = 4.0

_FIRST: Mapping[str, Any] = {
    "spam_at": 6.0,
    "hold_at": 3.0,
    "abuse_hold_at": 4.0,
    "weights": {},
    "family_caps": {
        "link": 5.0,
        "list": 10.0,
        "profanity": 8.0,
        "form": 6.0,
        "campaign": 8.0,
        "disguise": 4.0,
        "identity": 4.0,
        "content": 3.0,
        "rate": 4.0,
        "history": 5.0,
        "remote": 8.0,
        "test": 100.0,
    },
    "hold_codes": [
        "domains.blocked",
        "engine.check_failed",
        "impersonation.staff",
        "links.first_link",
        "patterns.email_address",
        "test.hold",
        "wordlist.blocked",
    ],
    "spam_codes": ["test.spam"],
    "reject_codes": [],
    "premoderate": False,
    "sample_percent": 1.0,
}

# Every family has a cap of its own. The cap of the models is the most points that the shared model gives: the
# site's filter reads the same words, so both together count no more than one of them can. With the former cap
# of 4, the models could not hold any comment if the threshold was above 4.
_EACH_FAMILY: Mapping[str, Any] = {
    **_FIRST,
    "family_caps": {
        **_FIRST["family_caps"],
        "model": 9.0,
        "reputation": 4.0,  # trust only; points against a domain are in the families "list" and "link"
        "rule": 4.0,  # the signals of this family and the next have no points: their codes act
        "engine": 4.0,
    },
}

# Version 0 is that of policies that an early release stored whole; with the first defaults they mean the
# same. Never edit an entry that was released: stored verdicts are repeated with it. Add a new entry, and a
# migration that gives each site a policy version with it (see docs/adr/0018). A new setting gets a value in
# each entry: in the older ones, the value that acts as if the setting did not exist.
DEFAULTS: Mapping[int, Mapping[str, Any]] = {0: _FIRST, 1: _FIRST, 2: _EACH_FAMILY}
CURRENT_DEFAULTS = max(DEFAULTS)


def current_defaults() -> Mapping[str, Any]:
    """The defaults on which new policy versions are based."""
    return DEFAULTS[CURRENT_DEFAULTS]
