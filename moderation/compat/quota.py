"""How often one key may have texts scored: for keys that stand in pages, or that strangers have."""

from django.conf import settings

from moderation.clients.rates import Limit, get_rates
from moderation.compat.keys import CompatCaller
from moderation.privacy import vault

PERIOD_S = 60.0


def count_score_call(caller: CompatCaller) -> int:
    """Count one call; the seconds after which to try again where the key has used up its minute, else 0."""
    most = settings.SCORE_CALLS_PER_MINUTE
    if not most:
        return 0
    bucket = vault.bucket_name("score", caller.key.public_id, site_id=caller.site.id)
    return get_rates().allow([Limit(bucket, most, PERIOD_S)]).retry_after_s
