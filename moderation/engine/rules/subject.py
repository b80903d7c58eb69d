"""A comment as rules read it: each view of it is computed once, when a rule first needs it."""

from collections.abc import Collection, Mapping
from functools import cached_property

from moderation.domain.rules import SCORE_FIELDS
from moderation.domain.signals import Field, Span
from moderation.engine.facts import Context
from moderation.engine.text.links import find_links
from moderation.language.features import detect_language
from moderation.language.fold.normalise import MAX_INPUT, Normalised, fold_characters, normalise

_SPAN_FIELDS = {"body": Field.BODY, "name": Field.NAME, "website": Field.WEBSITE}


class View:
    """A text and its folded form, each also as the bytes that patterns are matched against."""

    def __init__(self, name: str, original: str, folded: Normalised) -> None:
        self.original = original
        self.folded = folded
        self._field = _SPAN_FIELDS.get(name)  # None: the reader did not submit it, so it has no spans

    @cached_property
    def original_bytes(self) -> bytes:
        """UTF-8 of the text, cut at `MAX_INPUT` as for checks. Each lone surrogate becomes one `?`."""
        return self.original[:MAX_INPUT].encode("utf-8", "replace")

    @cached_property
    def folded_bytes(self) -> bytes:
        """UTF-8 of the folded text."""
        return self.folded.text.encode("utf-8", "replace")

    def folded_span(self, start: int, end: int) -> list[Span]:
        """The span of the original text behind a range of the folded one; none for a field without spans."""
        return [self.folded.span(start, end, self._field)] if self._field else []

    def original_span(self, start: int, end: int) -> list[Span]:
        """The span of a range of the original text; none for a field without spans."""
        return [Span(start, end, self._field)] if self._field else []

    def whole(self) -> list[Span]:
        """The span of the whole text; none if it is empty."""
        return self.original_span(0, len(self.original)) if self.original else []


class Subject:
    """A context with the codes of the checks' signals and the scores for each axis."""

    def __init__(self, context: Context, codes: Collection[str], scores: Mapping[str, float]) -> None:
        self.context = context
        self.codes = codes
        self._scores = scores
        self._views: dict[str, View] = {}

    def view(self, field: str) -> View:
        """The view of a text field. URLs are folded by characters only, since their digits are no letters."""
        if field not in self._views:
            self._views[field] = self._make_view(field)
        return self._views[field]

    def _make_view(self, field: str) -> View:
        context = self.context
        if field == "body":
            return View(field, context.text, context.normalised)
        if field == "name":
            return View(field, context.author_name, normalise(context.author_name))
        address = context.website if field == "website" else context.thread_url
        return View(field, address, fold_characters(address))

    @cached_property
    def hosts(self) -> list[tuple[str, Span]]:
        """The hosts of the links in the body, each with its span."""
        return [(link.host, Span(link.start, link.end)) for link in find_links(self.context.text)]

    @cached_property
    def language(self) -> str:
        """The detected language of the body (ISO 639-1); empty if it cannot be detected."""
        found = detect_language(self.context.text)
        return found[0] if found else ""

    def number(self, field: str) -> float | None:
        """The value of a numeric field of the comment or its author; None if it is not known."""
        author, context = self.context.author, self.context
        if field in SCORE_FIELDS:
            return self._scores.get(SCORE_FIELDS[field], 0.0)
        if field == "hour":
            return None if context.submitted_at is None else float(context.submitted_at.hour)
        if field == "links":
            return float(len(self.hosts))
        if field == "length":
            return float(len(context.text))
        return float({"published": author.published, "rejected": author.rejected, "spam": author.spam}[field])

    def flag(self, field: str) -> bool:
        """The value of a field that is true or false."""
        return self.context.is_reply if field == "is_reply" else self.context.author.is_proven
