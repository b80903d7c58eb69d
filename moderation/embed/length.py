"""How many lines a comment takes, roughly: long ones are folded."""

import re
import unicodedata

# A folded comment shows 20 lines (comments.css). Folding away one or two more would not be worth a click.
FOLD_ABOVE_LINES = 26
_LETTERS_A_LINE = 72
_TAG = re.compile(r"<[^>]*>")
_LINE_END = re.compile(r"<br>|</p>|</li>|</pre>|\n")
# Below this, even the widest letters make no long comment unless it has many short lines.
_SURELY_SHORT = FOLD_ABOVE_LINES * _LETTERS_A_LINE // 2


def is_long(body_html: str) -> bool:
    """Whether a comment takes more than about 20 lines in a column of usual width."""
    if len(body_html) < _SURELY_SHORT and len(_LINE_END.findall(body_html)) < FOLD_ABOVE_LINES:
        return False
    return count_lines(body_html) > FOLD_ABOVE_LINES


def count_lines(body_html: str) -> float:
    """The number of lines; the space between two paragraphs counts as one half."""
    pieces = [_TAG.sub("", piece) for piece in _LINE_END.split(body_html)]
    lines = sum(-(-_width(piece) // _LETTERS_A_LINE) for piece in pieces if piece.strip())
    return lines + max(body_html.count("</p>") - 1, 0) / 2


def _width(text: str) -> int:
    """The width in letters: those of Chinese, Japanese and Korean are twice as wide."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
