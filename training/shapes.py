"""Write which letters are drawn like Latin ones: `python -m training.shapes UNIFONT_HEX`.

`UNIFONT_HEX` is `unifont.hex` of GNU Unifont, a bitmap font of all letters. Each letter's picture, cropped
and scaled, is compared with those of A to Z and a to z; kept are the nearest letters, as guesses. No list of
look-alikes is read, so that letters that no list names are known as well.
"""

import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from string import ascii_letters

import numpy as np
import numpy.typing as npt

from moderation.language.fold.characters import fold_code_point

TARGET = Path(__file__).parents[1] / "moderation" / "language" / "data" / "shapes.txt"
ROWS, COLUMNS = 10, 8
GUESSES = 3
LEAST_LIKE = (
    0.70  # of the best guess; 78 in 100 letters of Unicode's list then have their twin among the guesses
)
_FURTHER = 0.12  # a second guess is at most so much less like
_ASPECT = 0.25  # what a picture of another proportion loses
_OTHERS = ("CJK", "HANGUL", "HIRAGANA", "KATAKANA", "YI SYLLABLE", "HALFWIDTH", "BOPOMOFO")

Picture = npt.NDArray[np.float64]


def main() -> None:
    """Draw, compare, write."""
    drawn = dict(_pictures(Path(sys.argv[1])))
    targets = [(letter.lower(), *_scale(drawn[letter])) for letter in ascii_letters]
    table: dict[str, list[str]] = {}
    for letter, picture in drawn.items():
        if _is_foreign(letter) and (guesses := _guess(picture, targets)):
            table.setdefault(guesses, []).append(letter)
    lines = [f"{guesses}\t{''.join(letters)}\n" for guesses, letters in sorted(table.items())]
    header = "# Letters drawn like Latin ones, the likeliest first. By training/shapes.py from GNU Unifont.\n"
    TARGET.write_text(header + "".join(lines), encoding="utf-8")
    print(f"{TARGET.name}: {sum(map(len, table.values()))} letters, {TARGET.stat().st_size} bytes")


def _pictures(path: Path) -> Iterator[tuple[str, Picture]]:
    """Each letter of the font as a bitmap of 16 rows, cropped to what is drawn."""
    for line in path.read_text(encoding="ascii").splitlines():
        code, bits = line.split(":")
        width = len(bits) * 4 // 16
        packed = np.frombuffer(bytes.fromhex(bits), dtype=np.uint8)
        bitmap = np.unpackbits(packed).reshape(16, width).astype(np.float64)
        rows, columns = bitmap.any(axis=1).nonzero()[0], bitmap.any(axis=0).nonzero()[0]
        if rows.size and chr(int(code, 16)).isalpha():
            yield chr(int(code, 16)), bitmap[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _scale(bitmap: Picture) -> tuple[Picture, float]:
    """The picture in `ROWS` by `COLUMNS`, slightly blurred, of length one; and its proportion."""
    height, width = bitmap.shape
    fine = np.kron(bitmap, np.ones((ROWS, COLUMNS))).reshape(ROWS, height, COLUMNS, width).mean(axis=(1, 3))
    padded = np.pad(fine, 1)
    around = padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]
    blurred = 0.5 * fine + 0.125 * around
    return blurred / np.linalg.norm(blurred), float(np.log(height / width))


def _guess(bitmap: Picture, targets: list[tuple[str, Picture, float]]) -> str:
    picture, proportion = _scale(bitmap)
    likeness: dict[str, float] = {}
    for letter, other, other_proportion in targets:
        like = float((picture * other).sum()) - _ASPECT * abs(proportion - other_proportion)
        likeness[letter] = max(like, likeness.get(letter, 0.0))
    best = sorted(likeness, key=lambda letter: -likeness[letter])[:GUESSES]
    if likeness[best[0]] < LEAST_LIKE:
        return ""
    return "".join(letter for letter in best if likeness[letter] >= likeness[best[0]] - _FURTHER)


def _is_foreign(letter: str) -> bool:
    """Whether folding alone leaves it as it is, and it belongs to no script of thousands of letters."""
    is_kept = len(folded := fold_code_point(letter)) == 1 and not folded.isascii()
    return is_kept and not unicodedata.name(letter, "CJK").startswith(_OTHERS)


if __name__ == "__main__":
    main()
