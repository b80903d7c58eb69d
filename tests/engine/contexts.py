"""Short ways to a context, and to what one check says about it."""

from typing import Any

from moderation.domain.signals import Signal
from moderation.engine.check import Check
from moderation.engine.facts import Context, EarlierText, SiteFacts
from moderation.engine.text.site_lists import SiteLists
from moderation.language.fold.normalise import normalise


def make_context(text: str = "An honest opinion.", **given: Any) -> Context:
    """A stranger's comment on a site that lists nothing, unless `given` says otherwise."""
    site = SiteFacts(
        site_id="site",
        hosts=given.pop("hosts", ("news.example",)),
        languages=given.pop("languages", ()),
        staff_names=given.pop("staff_names", ()),
        lists=SiteLists.compile(**given.pop("lists")) if "lists" in given else None,
        asks_for_work=given.pop("asks_for_work", False),
    )
    return Context(
        text=text,
        normalised=normalise(text),
        author_name=given.pop("author_name", "A Reader"),
        website=given.pop("website", ""),
        email_domain=given.pop("email_domain", "mail.example"),
        site=site,
        **given,
    )


def earlier(status: str = "published", **given: Any) -> EarlierText:
    """The same text, posted by somebody else elsewhere an hour ago, unless `given` says otherwise."""
    values: dict[str, Any] = {
        "comment_id": "c1",
        "same_author": False,
        "same_thread": False,
        "similarity": 1.0,
        "age_s": 3600.0,
    }
    return EarlierText(status=status, **(values | given))


def run(check: Check, text: str = "An honest opinion.", **given: Any) -> dict[str, Signal]:
    """The signals of `check` by code; each of its signals must be one that it declares."""
    signals = check.run(make_context(text, **given))
    assert {signal.code for signal in signals} <= check.sentences.keys()
    return {signal.code: signal for signal in signals}


def marked(signal: Signal, text: str) -> list[str]:
    """The pieces of `text` that the signal's spans point at."""
    return [text[span.start : span.end] for span in signal.spans]
