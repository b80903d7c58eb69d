"""The attributes of one text by itself, for evaluation: by a stranger, on a site without settings."""

from collections.abc import Mapping

from moderation.engine.attributes import Attribute, attributes_of
from moderation.engine.facts import Context, SiteFacts
from moderation.engine.run import run_checks
from moderation.engine.verdict.judging import judge as judge_signals
from moderation.engine.verdict.policy import Policy
from moderation.language.fold.normalise import normalise
from moderation.language.models.judgement import judge

_NOWHERE = SiteFacts(site_id="")


def rate_attributes(text: str, policy: Policy) -> Mapping[Attribute, float]:
    """Every attribute of `text` by every local check."""
    folded = normalise(text)
    run = run_checks(Context(text, folded, "", "", "", _NOWHERE))
    verdict = judge_signals(run.signals, policy, failed=run.failed)
    return attributes_of(run, judge(folded), verdict, policy, text=text)
