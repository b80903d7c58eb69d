"""Every page of the admin, for all tests: who may see it, who may post to it. A new one is listed here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.urls import reverse

NOBODY: frozenset[str] = frozenset()
SUPERUSER = frozenset({"superuser"})
OWNER = SUPERUSER | {"owner"}
EDITOR = OWNER | {"editor"}
MODERATOR = EDITOR | {"moderator"}
WITH_ROLE = MODERATOR | {"other site's moderator"}
ACCOUNT = WITH_ROLE | {"no role"}


@dataclass(frozen=True)
class Rule:
    """Who may see an address, and who may post to it (None: it takes no POST)."""

    may_see: frozenset[str]
    may_post: frozenset[str] | None = None
    needs: tuple[str, ...] = ()
    post: Mapping[str, Any] = field(default_factory=dict)


def record(name: str, may_see: frozenset[str]) -> dict[str, Rule]:
    """A list, which everybody with such a role on any site may see, and one site's row in it."""
    on_any_site = may_see | {"other site's moderator"} if "moderator" in may_see else may_see
    return {
        f"moderation_{name}_changelist": Rule(on_any_site),
        f"moderation_{name}_change": Rule(may_see, needs=(name,)),
    }


SITE = ("site",)
RULES: dict[str, Rule] = {
    "index": Rule(ACCOUNT),
    "password_change": Rule(ACCOUNT, ACCOUNT),
    "password_change_done": Rule(ACCOUNT),
    "jsi18n": Rule(ACCOUNT),
    "app_list": Rule(ACCOUNT, needs=("label",)),
    "records": Rule(ACCOUNT),
    "sites": Rule(ACCOUNT),
    "site-add": Rule(SUPERUSER, SUPERUSER),
    "site": Rule(MODERATOR, OWNER, SITE),
    "site-policy": Rule(EDITOR, EDITOR, SITE),
    "site-thresholds": Rule(EDITOR, EDITOR, SITE),
    "site-policy-version": Rule(EDITOR, EDITOR, ("site", "version")),
    "site-learning": Rule(EDITOR, EDITOR, SITE, {"act": "pause"}),
    "site-rules": Rule(EDITOR, None, SITE),
    "site-rule-add": Rule(EDITOR, EDITOR, SITE),
    "site-rule": Rule(EDITOR, EDITOR, ("site", "rule")),
    "site-rule-mode": Rule(NOBODY, EDITOR, ("site", "rule"), {"mode": "off"}),
    "site-rule-undo": Rule(NOBODY, EDITOR, ("site", "rule")),
    "site-rule-move": Rule(NOBODY, EDITOR, ("site", "rule"), {"way": "up"}),
    "site-rule-restore": Rule(NOBODY, EDITOR, ("site", "rule", "rule_version"), {"seen_version": "1"}),
    "site-backtests": Rule(NOBODY, EDITOR, ("site", "rule"), {"last": "10"}),
    "site-backtest": Rule(EDITOR, None, ("site", "rule", "backtest")),
    "site-backtest-cancel": Rule(NOBODY, EDITOR, ("site", "rule", "backtest")),
    "site-remote": Rule(EDITOR, None, SITE),
    "site-remote-service": Rule(EDITOR, EDITOR, ("site", "service_kind")),
    "site-remote-restore": Rule(NOBODY, EDITOR, ("site", "service_kind", "version"), {"seen_version": "1"}),
    "site-keys": Rule(OWNER, OWNER, SITE),
    "site-key-revoke": Rule(OWNER, OWNER, ("site", "key")),
    "site-coral": Rule(OWNER, OWNER, SITE),
    "site-people": Rule(MODERATOR, OWNER, SITE),
    "site-own-notify": Rule(NOBODY, MODERATOR - SUPERUSER, SITE, {"notify": "off"}),
    "site-person": Rule(OWNER, OWNER, ("site", "role")),
    "site-person-remove": Rule(OWNER, OWNER, ("site", "role")),
    "site-threads": Rule(EDITOR, None, SITE),
    "site-thread": Rule(NOBODY, EDITOR, ("site", "thread"), {"state": "closed"}),
    **record("comment", MODERATOR),
    **record("decision", MODERATOR),
    **record("screening", MODERATOR),
    **record("remoteanswer", EDITOR),
    **record("reviewitem", MODERATOR),
    **record("auditevent", EDITOR),
    **record("delivery", EDITOR),
    **record("job", SUPERUSER),
    "auth_user_changelist": Rule(SUPERUSER),
    "auth_user_add": Rule(SUPERUSER, SUPERUSER),
    "auth_user_change": Rule(SUPERUSER, SUPERUSER, ("user",)),
    "auth_user_password_change": Rule(SUPERUSER, SUPERUSER, ("user",)),
    "queue": Rule(ACCOUNT),
    "queue_decide": Rule(NOBODY, ACCOUNT),
    "queue_undo": Rule(NOBODY, ACCOUNT),
    "queue_item": Rule(MODERATOR, None, ("comment",)),
    "queue_item_undo": Rule(NOBODY, MODERATOR, ("comment",)),
    "queue_reveal": Rule(NOBODY, EDITOR, ("comment",)),
}
_SITE_PAGES = [name for name, rule in RULES.items() if rule.needs == SITE and rule.may_see]


def site_pages() -> tuple[str, ...]:
    """What follows the site's own address in those of its pages that name nothing else of it."""
    own = [reverse(f"admin:{name}", args=[UUID(int=0)]) for name in _SITE_PAGES]
    return tuple(address.removeprefix(min(own, key=len)) for address in own)
