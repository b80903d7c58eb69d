"""The settings that a policy has where a site changes nothing: every version that was ever in force."""

from collections.abc import Mapping
from typing import Any

# For families of signals that no settings name: those of checks that are gone.
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

# Every family has a cap of its own. The models' is what the shared model gives at most: both it and the
# site's filter read the same words, and count no more together than one of them can. Under a cap of 4 no
# threshold above 4 had let them hold anything.
_EACH_FAMILY: Mapping[str, Any] = {
    **_FIRST,
    "family_caps": {
        **_FIRST["family_caps"],
        "model": 9.0,
        "reputation": 4.0,  # trust; what it holds against a domain counts as a list's or a link's
        "rule": 4.0,  # these two act by their codes and give no points
        "engine": 4.0,
    },
}

# Under 0 are policies that a release stored whole, which is what the first defaults make of them too.
# Never edit an entry that was released: stored verdicts are repeated with it. Add the next one, and a
# migration that gives each site a policy version on it (see docs/adr/0018). A setting that is new
# gets a value in each entry: in the older ones the value that acts as if it were not there.
DEFAULTS: Mapping[int, Mapping[str, Any]] = {0: _FIRST, 1: _FIRST, 2: _EACH_FAMILY}
CURRENT_DEFAULTS = max(DEFAULTS)


def current_defaults() -> Mapping[str, Any]:
    """The defaults that new policy versions stand on."""
    return DEFAULTS[CURRENT_DEFAULTS]
