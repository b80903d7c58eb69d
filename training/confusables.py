"""Write the table of look-alike letters: `python -m training.confusables CONFUSABLES_TXT`.

`CONFUSABLES_TXT` is `confusables.txt` of Unicode Security Mechanisms (UTS #39). Kept are single code points
outside ASCII that look like one Latin letter or one digit, unless they fold to it by their name or form.
"""

import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from moderation.language.fold.characters import fold_code_point

TARGET = Path(__file__).parents[1] / "moderation" / "language" / "data" / "confusables.txt"
_ROW = re.compile(r"([0-9A-F]+) ;\t([0-9A-F ]+) ;\tMA")
_VERSION = re.compile(r"^# Version: (\S+)", re.MULTILINE)
# The file's own stand-ins: `m` is written as its look-alike `rn`.
_STAND_INS = {"rn": "m"}


def main() -> None:
    """Read the file, write the table, say how many letters it has."""
    source = Path(sys.argv[1]).read_text(encoding="utf-8-sig")
    version = _VERSION.search(source)
    assert version is not None, "this is not confusables.txt"
    table: dict[str, list[str]] = {}
    for letter, plain in sorted(_rows(source)):
        table.setdefault(plain, []).append(letter)
    header = (
        f"# Look-alikes of Latin letters and digits, from Unicode's confusables.txt {version.group(1)} by\n"
        "# training/confusables.py. Copyright 1991-2022 Unicode, Inc.; licence: LICENSE.unicode\n"
    )
    lines = [f"{plain}\t{''.join(letters)}\n" for plain, letters in sorted(table.items())]
    TARGET.write_text(header + "".join(lines), encoding="utf-8")
    print(f"{TARGET.name}: {sum(map(len, table.values()))} letters that look like {len(table)} others")


def _rows(source: str) -> Iterator[tuple[str, str]]:
    """Each letter that the table has to know, and what it looks like."""
    for match in _ROW.finditer(source):
        letter = chr(int(match.group(1), 16))
        plain = _plain(chr(int(code, 16)) for code in match.group(2).split())
        if plain and not _is_known(letter, plain):
            yield letter, _capital_i(letter, plain)


def _is_known(letter: str, plain: str) -> bool:
    """ASCII is no disguise, compatibility forms fold by themselves, and no Latin letter is a digit."""
    if (
        letter.isascii()
        or fold_code_point(letter).isascii()
        or unicodedata.normalize("NFKC", letter) != letter
    ):
        return True
    return plain.isdigit() and "LATIN" in unicodedata.name(letter, "")


def _plain(look: Iterator[str]) -> str:
    """One Latin letter or digit for what the file says; nothing if it is more than one."""
    letters = "".join(part for part in look if unicodedata.category(part)[0] != "M")
    folded = _STAND_INS.get(letters, "".join(map(fold_code_point, letters)))
    return folded if len(folded) == 1 and folded.isascii() and folded.isalnum() else ""


def _capital_i(letter: str, plain: str) -> str:
    """The file holds capital I for the same as small L; a capital iota is an I."""
    name = unicodedata.name(letter, "")
    return "i" if plain == "l" and re.search(r"\bI\b|IOTA|BYELORUSSIAN|\bINI\b", name) else plain


if __name__ == "__main__":
    main()
