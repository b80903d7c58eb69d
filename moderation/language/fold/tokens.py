"""Words of a folded text."""

import re

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def words(folded: str) -> list[str]:
    """The words of a folded text in order. Apostrophes inside a word belong to it."""
    return _WORD.findall(folded)


def count_cjk(folded: str) -> int:
    """The number of Chinese, Japanese and Korean characters, whose words cannot be counted by spaces."""
    return len(_CJK.findall(folded))
