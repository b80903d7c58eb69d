"""Features of a text's shape: links, capitals, digits, length."""

import re

from moderation.language.fold.normalise import Normalised

_LINK = re.compile(
    r"https?:|www\.|\b[a-z0-9-]{2,63}\.(?:com|net|org|info|biz|ru|xyz|top|site|online|shop|club|me)\b"
)
_TAG = re.compile(r"<a\s|\[url|\[link|href")
_DIGITS = re.compile(r"\d")
_PHONE = re.compile(r"(?:\d[ .()/-]?){9,15}")
_CAPITALS = re.compile(r"[A-Z]")
_SIGNS = {"@": "at", "?": "asks", "$": "money", "€": "money", "£": "money"}
_LETTERS = re.compile(r"[A-Za-z]")
_LENGTH_STEPS = (3, 6, 12, 25, 50, 100, 200)


def shape_features(text: Normalised) -> list[str]:
    """The shape features of a text: short names, which must not change since weights are fitted to them."""
    original, folded = text.original[:4000], text.text[:4000]
    features = [f"length {sum(folded.count(' ') + 1 >= step for step in _LENGTH_STEPS)}"]
    links = len(_LINK.findall(folded)) if "." in folded or ":" in folded else 0
    features.append(f"links {min(links, 4)}")
    if "<" in folded or "[" in folded:
        features.extend(["tag"] if _TAG.search(folded) else [])
    digits = len(_DIGITS.findall(original))
    features.append(f"digits {_step(digits, len(original))}")
    if digits >= 9 and _PHONE.search(original):
        features.append("phone")
    letters = len(_LETTERS.findall(original))
    capitals = _step(len(_CAPITALS.findall(original)), letters) if letters >= 8 else "?"
    features.append(f"capitals {capitals}")
    features.append(f"exclaims {min(original.count('!'), 4)}")
    features.extend(name for sign, name in _SIGNS.items() if sign in original)
    if len(original) - len(folded) > 3:
        features.append("hidden")
    if not original.isascii():
        features.append(f"pictures {min(sum(character > chr(0x1F000) for character in original), 4)}")
    return features


def _step(part: int, whole: int) -> int:
    """The step, 0 to 4, of a share: none, up to 5 %, up to 15 %, up to 40 %, more."""
    share = part / max(whole, 1)
    return sum(share > edge for edge in (0, 0.05, 0.15, 0.4))
