"""The built-in catalogue of reasons. Sites may add their own clauses; codes never change meaning."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReasonText:
    """`code` is stable, `label` is what moderators pick, `to_author` is what the author is told."""

    code: str
    label: str
    to_author: str


REASONS: tuple[ReasonText, ...] = (
    ReasonText("fine", "Fine as it is", ""),
    ReasonText("rules", "Against the site's rules", "Your comment does not keep to this site's rules."),
    ReasonText("off_topic", "Off topic", "Your comment does not speak about the article."),
    ReasonText("insult", "Insult or personal attack", "Your comment attacks a person rather than a point."),
    ReasonText("hate", "Hatred against a group", "Your comment demeans people for what they are."),
    ReasonText("threat", "Threat or call to violence", "Your comment threatens somebody."),
    ReasonText("sexual", "Sexual content", "Your comment has sexual content that we do not publish."),
    ReasonText("privacy", "Somebody's private details", "Your comment gives away private details."),
    ReasonText("spam", "Spam or advertising", "Your comment was taken for advertising."),
    ReasonText("duplicate", "Said before", "The same comment was posted before."),
    ReasonText("illegal", "Unlawful content", "Your comment may be against the law."),
    ReasonText("low_quality", "Says nothing", "Your comment adds nothing to the discussion."),
    ReasonText("author_request", "The author asked for it", "Removed as you asked."),
    ReasonText("second_look", "Second look: the former decision was wrong", ""),
    ReasonText("undo", "Undone", ""),
    # Given by the machine, never offered to people:
    ReasonText("verdict.clean", "No check found anything", ""),
    ReasonText("verdict.doubt", "Checks raised doubts", ""),
    ReasonText("verdict.spam", "Checks took it for spam", ""),
    ReasonText("verdict.rule", "A rule of the site said so", ""),
    ReasonText("screening_failed", "Checks could not finish; a person has to look", ""),
)

MACHINE_REASONS = frozenset(r.code for r in REASONS if r.code.startswith("verdict.")) | {"screening_failed"}
