"""Compiles one condition of a rule into a test of a comment."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice

from moderation.domain.rules import RULE_FIELDS, Condition, FieldKind, Operator
from moderation.domain.signals import Span
from moderation.engine.rules.patterns import Pattern
from moderation.engine.rules.subject import Subject, View
from moderation.engine.text.domain_names import DomainSet
from moderation.engine.text.word_matching import WordMatcher
from moderation.language.fold.normalise import fold_characters, normalise

_MOST_PLACES = 20
# Returns the spans that make a condition true, or None if it is false. The list is empty for a true condition
# that is not about places in a text.
Test = Callable[[Subject], list[Span] | None]
_Find = Callable[[View], list[Span] | None]


def compile_condition(condition: Condition) -> Test:
    """Compile a condition. Raises `BadPattern` for a pattern that does not compile."""
    return _COMPILERS[RULE_FIELDS[condition.field].kind](condition)


def _compile_flag(condition: Condition) -> Test:
    field, wanted = condition.field, condition.values[0]
    return lambda subject: [] if subject.flag(field) is wanted else None


def _compile_number(condition: Condition) -> Test:
    field, numbers = condition.field, frozenset(float(value) for value in condition.values)
    bound = min(numbers)
    holds: dict[Operator, Callable[[float], bool]] = {
        Operator.AT_LEAST: lambda number: number >= bound,
        Operator.AT_MOST: lambda number: number <= bound,
    }
    is_true = holds.get(condition.operator, numbers.__contains__)

    def test(subject: Subject) -> list[Span] | None:
        number = subject.number(field)
        return [] if number is not None and is_true(number) else None

    return test


def _compile_code(condition: Condition) -> Test:
    codes = frozenset(map(str, condition.values))
    if condition.field == "language":
        return lambda subject: [] if subject.language in codes else None
    exact = frozenset(code for code in codes if not code.endswith(".*"))
    families = tuple(code.removesuffix("*") for code in codes if code.endswith(".*"))

    def test(subject: Subject) -> list[Span] | None:
        is_there = not exact.isdisjoint(subject.codes)
        is_there = is_there or (bool(families) and any(code.startswith(families) for code in subject.codes))
        return [] if is_there else None

    return test


def _compile_host(condition: Condition) -> Test:
    fits = _host_test(condition)
    if condition.field == "email_domain":
        return lambda subject: [] if fits(subject.context.email_domain.lower()) else None

    def test(subject: Subject) -> list[Span] | None:
        return [span for host, span in subject.hosts if fits(host)] or None

    return test


def _host_test(condition: Condition) -> Callable[[str], bool]:
    values = list(map(str, condition.values))
    if condition.operator == Operator.MATCHES:
        patterns = [Pattern(value) for value in values]
        return lambda host: any(pattern.fits(host.encode("utf-8", "replace")) for pattern in patterns)
    if condition.operator == Operator.CONTAINS:
        pieces = [value.lower() for value in values]
        return lambda host: any(piece in host for piece in pieces)
    domains = DomainSet(values)
    return lambda host: domains.match(host) is not None


def _compile_text(condition: Condition) -> Test:
    find, field = _FINDERS[condition.operator](condition), condition.field
    return lambda subject: find(subject.view(field))


def _fold(condition: Condition) -> list[str]:
    """The values, folded in the same way as the texts of their field."""
    fold = normalise if condition.field in ("body", "name") else fold_characters
    return [fold(str(value)).text.strip() for value in condition.values]


def _find_pieces(condition: Condition) -> _Find:
    pieces = _fold(condition)

    def find(view: View) -> list[Span] | None:
        text = view.folded.text
        there = [piece for piece in pieces if piece in text]
        if not there:
            return None
        places = chain.from_iterable(_places(text, piece) for piece in there)
        return _spans(view.folded_span, places)

    return find


def _places(text: str, piece: str) -> Iterator[tuple[int, int]]:
    at = text.find(piece)
    while at >= 0:
        yield at, at + len(piece)
        at = text.find(piece, at + len(piece))


def _find_words(condition: Condition) -> _Find:
    matcher = WordMatcher(dict.fromkeys(map(str, condition.values), 1.0))

    def find(view: View) -> list[Span] | None:
        hits = list(islice(matcher.find(view.folded), _MOST_PLACES))
        return _spans(view.folded_span, ((hit.start, hit.end) for hit in hits)) if hits else None

    return find


def _find_patterns(condition: Condition) -> _Find:
    patterns = [Pattern(str(value)) for value in condition.values]
    is_folded = condition.operator == Operator.MATCHES_FOLDED

    def find(view: View) -> list[Span] | None:
        text = view.folded_bytes if is_folded else view.original_bytes
        places = chain.from_iterable(pattern.find(text) for pattern in patterns)
        first = list(islice(places, _MOST_PLACES))
        if not first:
            return None
        in_characters = first if text.isascii() else _count_characters(text, first)
        return _spans(view.folded_span if is_folded else view.original_span, in_characters)

    return find


def _count_characters(text: bytes, places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The byte ranges `places` as ranges of code points."""
    return [(len(text[:start].decode()), len(text[:end].decode())) for start, end in places]


def _find_equal(condition: Condition) -> _Find:
    wanted = frozenset(_fold(condition))
    return lambda view: view.whole() if view.folded.text.strip() in wanted else None


def _spans(span_of: Callable[[int, int], list[Span]], places: Iterable[tuple[int, int]]) -> list[Span]:
    return [span for place in islice(places, _MOST_PLACES) for span in span_of(*place)]


_FINDERS: dict[Operator, Callable[[Condition], _Find]] = {
    Operator.CONTAINS: _find_pieces,
    Operator.WORD: _find_words,
    Operator.MATCHES: _find_patterns,
    Operator.MATCHES_FOLDED: _find_patterns,
    Operator.EQUALS: _find_equal,
    Operator.ONE_OF: _find_equal,
}
_COMPILERS: dict[FieldKind, Callable[[Condition], Test]] = {
    FieldKind.TEXT: _compile_text,
    FieldKind.HOST: _compile_host,
    FieldKind.CODE: _compile_code,
    FieldKind.NUMBER: _compile_number,
    FieldKind.FLAG: _compile_flag,
}
