"""Texts that are longer than the engine looks at: each piece is analysed, and the highest score counts."""

from collections.abc import Iterator
from dataclasses import replace

from moderation.compat.analysis import Analysis, ToAnalyse, analyse
from moderation.engine.attributes import Attribute
from moderation.language.fold.normalise import MAX_INPUT
from moderation.queries.site_facts import JudgingSite

_LONGEST_WORD = 500


def analyse_whole(text: ToAnalyse, site: JudgingSite) -> Analysis:
    """Like `analyse`, for a text of any length. All but the scores is that of the text's beginning."""
    first, *others = (analyse(replace(text, text=piece), site) for piece in split_pieces(text.text))
    scores = {name: max(found.scores[name] for found in (first, *others)) for name in first.scores}
    # A long text has much to say, however little a piece of it has.
    scores[Attribute.UNSUBSTANTIAL] = min(found.scores[Attribute.UNSUBSTANTIAL] for found in (first, *others))
    return replace(first, scores=scores)


def split_pieces(text: str) -> Iterator[str]:
    """Pieces of at most `MAX_INPUT` code points, cut between words where there is a space."""
    while len(text) > MAX_INPUT:
        space = text.rfind(" ", MAX_INPUT - _LONGEST_WORD, MAX_INPUT)
        end = space if space > 0 else MAX_INPUT
        yield text[:end]
        text = text[end:]
    yield text
