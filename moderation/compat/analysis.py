"""The local engine at once, for services that have to answer in the same request. No database is touched."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from moderation.compat.loading import load_engine
from moderation.engine.attribute_scale import scale_version
from moderation.engine.attributes import Attribute, attributes_of
from moderation.engine.facts import Context, FormFacts
from moderation.engine.run import Run, add_rules, run_checks
from moderation.engine.verdict.judging import Verdict
from moderation.engine.verdict.judging import judge as judge_signals
from moderation.language.features import detect_language
from moderation.language.fold.normalise import Normalised, normalise
from moderation.language.models.heads import LANGUAGE_HEADS
from moderation.language.models.judgement import judge
from moderation.queries.site_facts import JudgingSite

_SURE = 0.8  # a less certain language is not told


@dataclass(frozen=True, slots=True, kw_only=True)
class ToAnalyse:
    """A text with what the caller says of it. Of an address only the domain is given.

    `marks_words`: the answer shows the words that led to a finding (see `Context`).
    """

    text: str
    author_name: str = ""
    website: str = ""
    email_domain: str = ""
    is_reply: bool = False
    on_article: bool = False  # the caller told the article that it is about, and no comment that it answers
    thread_url: str = ""
    form: FormFacts = field(default_factory=FormFacts)
    marks_words: bool = False


class LanguageSupport(StrEnum):
    """What judges the abuse of a text: a head for each kind, one head for all, or word lists alone."""

    FULL = "full"
    ABUSE = "abuse"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the engine makes of a text.

    The verdict has no explanation, as no answer shows one. `language` is an ISO 639-1 code, "" for a text too
    short to tell; `version` is that of the scores' scale.
    """

    run: Run
    verdict: Verdict
    scores: Mapping[Attribute, float]
    language: str
    version: str
    language_support: LanguageSupport

    @property
    def is_fallback(self) -> bool:
        """Whether the scores come from less than English texts get."""
        return self.language_support != LanguageSupport.FULL


def analyse(text: ToAnalyse, site: JudgingSite) -> Analysis:
    """Run every local check and the site's rules over a text of an unknown author, and judge it."""
    load_engine()
    folded = normalise(text.text)
    run, verdict = _judge(text, folded, site)
    judgement = judge(folded)
    scores = attributes_of(
        run,
        judgement,
        verdict,
        site.policy,
        text=text.text,
        is_reply=text.is_reply,
        on_article=text.on_article,
    )
    return Analysis(
        run=run,
        verdict=verdict,
        scores=scores,
        language=language_of(text.text),
        version=scale_version(),
        language_support=_support(judgement.language),
    )


def judge_text(text: ToAnalyse, site: JudgingSite) -> Verdict:
    """What `analyse` finds as a verdict, for a service that tells no scores."""
    load_engine()
    return _judge(text, normalise(text.text), site)[1]


def _judge(text: ToAnalyse, folded: Normalised, site: JudgingSite) -> tuple[Run, Verdict]:
    context = Context(
        text=text.text,
        normalised=folded,
        author_name=text.author_name,
        website=text.website,
        email_domain=text.email_domain,
        site=site.facts,
        form=text.form,
        is_reply=text.is_reply,
        thread_url=text.thread_url,
        marks_words=text.marks_words,
    )
    run = add_rules(run_checks(context), context, site.rules, site.policy)
    return run, judge_signals(run.signals, site.policy, failed=run.failed, explains=False)


def _support(judged_as: str) -> LanguageSupport:
    if judged_as in LANGUAGE_HEADS:
        return LanguageSupport.ABUSE
    return LanguageSupport.FULL if judged_as else LanguageSupport.WORDS


def language_of(text: str) -> str:
    """An ISO 639-1 code, "" for a text too short to tell."""
    found = detect_language(text)
    return found[0] if found and found[1] >= _SURE else ""
