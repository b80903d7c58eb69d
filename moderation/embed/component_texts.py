"""What the web component says, in the languages of readers' pages.

Its own modules hold the same messages in English, so that a page in English downloads them once:
tests/embed/test_component_texts.py keeps both equal.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache

from django.utils import translation
from django.utils.translation import gettext, ngettext, pgettext

from moderation.embed.language import DEFAULT
from moderation.lib.wording import mark

# What the component fills in, by the names that the messages have here.
_PLACES = {"count": "{n}", "name": "{name}", "most": "{max}", "now": "{n}"}
# For each language a number of every category of plurals that CLDR knows for whole numbers.
SAMPLES: Mapping[str, Mapping[str, int]] = {
    "en": {"one": 1, "other": 5},
    "de": {"one": 1, "other": 5},
    "fr": {"one": 1, "other": 5},
    "es": {"one": 1, "other": 5},
    "ar": {"zero": 0, "one": 1, "two": 2, "few": 3, "many": 11, "other": 100},
    "he": {"one": 1, "two": 2, "other": 5},
    "ru": {"one": 1, "few": 2, "many": 5, "other": 5},
    "zh-hans": {"other": 5},
    "ja": {"other": 5},
    "pt": {"one": 1, "other": 5},
}
_PLAIN = {
    "none": mark("No comments yet. Be the first to comment."),
    "none_closed": mark("There are no comments."),
    "closed": mark("Comments are closed."),
    "loading": mark("Loading comments…"),
    "failed": mark("The comments could not be loaded."),
    "retry": mark("Try again"),
    "sort": mark("Sort"),
    "oldest": mark("Oldest first"),
    "newest": mark("Newest first"),
    "discussed": mark("Most discussed"),
    "older": mark("Show older comments"),
    "newer": mark("Show newer comments"),
    "further": mark("Show more comments"),
    "more_replies": mark("Show more replies"),
    "read_more": mark("Read more"),
    "removed": mark("This comment was removed."),
    "reply": mark("Reply"),
    "reply_to": mark("Reply to %(name)s"),
    "in_reply": mark("in reply to %(name)s"),
    "in_reply_gone": mark("in reply to a removed comment"),
    "title": mark("Leave a Reply"),
    "title_to": mark("Leave a Reply to %(name)s"),
    "cancel": mark("Cancel reply"),
    "notes": mark("Your email address will not be published."),
    "body": mark("Comment"),
    "name": mark("Name"),
    "email": mark("Email"),
    "website": mark("Website"),
    "format": mark("You can use *emphasis*, **bold**, `code`, > quotes, - lists and links."),
    "trap": mark("Leave this empty"),
    "keep": mark("Save my name, email, and website in this browser for the next time I comment."),
    "post": mark("Post Comment"),
    "preview": mark("Preview"),
    "no_preview": mark("The preview could not be loaded. Please try again in a moment."),
    "unsent": mark("Your comment could not be sent. Your text is kept: please try again in a moment."),
    "posting": mark("Posting…"),
    "mend": mark("Some fields need your attention."),
    "need_body": mark("Write your comment."),
    "need_name": mark("Enter your name."),
    "need_email": mark("Enter an address like name@example.org."),
    "bad_website": mark("Enter an address like https://example.org, or leave this empty."),
    "too_long": mark("Keep it to %(most)s characters; it has %(now)s now."),
    "offline": mark(
        "You are offline. Your text is kept and will be sent as soon as you are connected again."
    ),
    "slow": mark("The connection is slow. Trying again…"),
    "orphan": mark(
        "The comment that you reply to is no longer there. You can post this as a comment of its own."
    ),
    "duplicate": mark("Duplicate comment detected; it looks as though you've already said that!"),
    "thread_closed": mark("Comments are closed here."),
    "line_break": mark("Write the name on one line."),
    "direction_control": mark("Remove the invisible characters that change the direction of text."),
    "control_character": mark("Remove the control characters."),
    "too_many_marks": mark("Remove the marks that are stacked on one letter."),
    "checking": mark("Your comment is being checked. Only you can see it yet."),
    "held": mark("Awaiting moderation: only you can see this"),
    "published": mark("Your comment is published."),
    "refused": mark("Your comment was not published. Only you can see this."),
}
_COUNTED: Mapping[str, Callable[[int], str]] = {
    "count": lambda n: ngettext("%(count)s comment", "%(count)s comments", n),
    "hide_replies": lambda n: ngettext("Hide %(count)s reply", "Hide %(count)s replies", n),
    "show_replies": lambda n: ngettext("Show %(count)s reply", "Show %(count)s replies", n),
    "left": lambda n: ngettext("%(count)s character left", "%(count)s characters left", n),
    "unseen": lambda n: ngettext("%(count)s new comment", "%(count)s new comments", n),
    "flood": lambda n: ngettext(
        "You are posting comments too quickly. Try again in %(count)s second.",
        "You are posting comments too quickly. Try again in %(count)s seconds.",
        n,
    ),
    "rate_limited": lambda n: ngettext(
        "Too many requests. Try again in %(count)s second.",
        "Too many requests. Try again in %(count)s seconds.",
        n,
    ),
}

Texts = Mapping[str, str | Mapping[str, str]]


@lru_cache(maxsize=32)
def component_texts(language: str) -> Texts:
    """The messages by their short names; counted ones by CLDR's category."""
    with translation.override(language):
        texts: dict[str, str | Mapping[str, str]] = {
            name: gettext(text) % _PLACES for name, text in _PLAIN.items()
        }
        texts["marked"] = pgettext("an asterisk follows", "Required fields are marked")
        for name, count in _COUNTED.items():
            texts[name] = {
                category: count(number) % _PLACES for category, number in SAMPLES[language].items()
            }
    return texts


def texts_for(language: str) -> Texts | None:
    """What an answer in this language has to bring along; nothing for English, which the component speaks."""
    return None if language == DEFAULT else component_texts(language)
