"""Rate limits of public keys. Sites limit their secret keys themselves."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from moderation.api.authentication import read_key
from moderation.api.cors import ANYBODY
from moderation.api.problems import ProblemRaised
from moderation.api.view import ApiView
from moderation.clients.rates import Limit, get_rates
from moderation.models import Site
from moderation.privacy import vault
from moderation.queries.keys import looks_secret
from moderation.queries.read_rate import count_read

# All readers of a site share its key: this bounds what a copied key can do, and is far above the traffic of a
# busy site. `flow.flood` limits a single reader.
KEY_CAPACITY, KEY_PERIOD_S = 600, 60.0


class PublicReadView(ApiView):
    """A view that may be read with a public key or without one: each call is counted before anything is
    looked up.
    """

    def _admit(self, request: HttpRequest) -> Callable[..., Any]:
        """The method to call, after the read was counted. Raises `ProblemRaised` (429)."""
        if not self.reads_keys:
            self.more_headers |= ANYBODY
        sent = read_key(request) or "" if self.reads_keys else ""
        if not looks_secret(sent):
            check_read_rate(self.ip, key=sent or self.kwargs.get("public_key", ""))
        return super()._admit(request)


def check_submit_rate(public_id: str, site: Site) -> None:
    """Count one submission by a public key. Raises `ProblemRaised` (429)."""
    bucket = vault.bucket_name("key", public_id, site_id=site.id)
    allowance = get_rates().allow([Limit(bucket, KEY_CAPACITY, KEY_PERIOD_S)])
    _check(allowance.retry_after_s)


def check_read_rate(ip: str, *, key: str) -> None:
    """Count one public read from a network by `key`, as it was sent. Raises `ProblemRaised` (429)."""
    _check(count_read(ip, key=key))


def _check(retry_after_s: int) -> None:
    if retry_after_s:
        raise ProblemRaised(429, "rate_limited", "Too many requests. Slow down.", retry_after_s=retry_after_s)
