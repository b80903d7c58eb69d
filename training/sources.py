"""The labelled sets that weights are trained on, and the heads that each one's labels speak to.

A label of one set means something else in another ("fuck this" is abuse to one and harmless to the
next), so a row answers only the questions that its set asked; all other heads are masked for it.
"""

import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moderation.language.models.heads import ABUSE_HEADS, Head

Labels = dict[Head, int]
NO_ABUSE: Labels = dict.fromkeys(ABUSE_HEADS, 0)
NO_ATTACK: Labels = {Head.INSULT: 0, Head.IDENTITY: 0, Head.THREAT: 0}


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled text. `heads` has a 0 or 1 for each head that the label speaks to."""

    text: str
    source: str
    language: str
    label: int
    heads: Labels


@dataclass(frozen=True, slots=True)
class Source:
    """A set: its licence, and how its rows answer. `axis` is what its plain label is about."""

    licence: str
    axis: str
    read: Callable[[Mapping[str, Any]], Labels]


def _insult(row: Mapping[str, Any]) -> Labels:
    return {Head.INSULT: 1} if row["label"] else NO_ATTACK


def _identity(row: Mapping[str, Any]) -> Labels:
    return {Head.IDENTITY: row["label"]}


def _davidson(row: Mapping[str, Any]) -> Labels:
    """Slang counts as offensive there: it speaks for profanity; "hate" is mostly slurs at somebody."""
    by_note: dict[str, Labels] = {
        "hate": {Head.IDENTITY: 1, Head.INSULT: 1, Head.PROFANITY: 1},
        "offensive": {Head.PROFANITY: 1},
        "neither": NO_ATTACK | {Head.PROFANITY: 0},
    }
    return by_note[row["note"]]


def _edos(row: Mapping[str, Any]) -> Labels:
    """One class a row: what is not called a threat is none, or a head learns the place and not the threat."""
    return {Head.IDENTITY: row["label"], Head.THREAT: int(row["note"].startswith("1."))}


def _hatemoji(row: Mapping[str, Any]) -> Labels:
    return {Head.IDENTITY: row["label"], Head.THREAT: int(row["note"] == "threateninglanguage")}


def _talk_page(row: Mapping[str, Any]) -> Labels:
    return {Head.INSULT: 1, Head.SPAM: 0} if row["label"] else NO_ABUSE | {Head.SPAM: 0}


def _language(head: Head) -> Callable[[Mapping[str, Any]], Labels]:
    return lambda row: {head: row["label"], Head.SPAM: 0}


def _spam(row: Mapping[str, Any]) -> Labels:
    return {Head.SPAM: row["label"]}


def _with_ham(read: Callable[[Mapping[str, Any]], Labels]) -> Callable[[Mapping[str, Any]], Labels]:
    """Texts of places that were weeded of advertising: ham for the spam head, however rude."""
    return lambda row: read(row) | {Head.SPAM: 0}


SOURCES: Mapping[str, Source] = {
    "davidson": Source("MIT", "abuse", _davidson),
    "edos": Source("CC0-1.0", "abuse", _with_ham(_edos)),
    "hatemojibuild": Source("CC-BY-4.0", "abuse", _hatemoji),
    "stormfront": Source("CC-BY-SA-3.0", "abuse", _with_ham(_identity)),
    "surge": Source("MIT", "abuse", _with_ham(_insult)),
    "wikitalk": Source("Apache-2.0, text CC-BY-SA", "abuse", _talk_page),
    "civilspans": Source("CC0-1.0", "abuse", _with_ham(_insult)),
    "convabuse": Source("CC-BY-4.0", "abuse", _with_ham(_insult)),
    "toxigen_demo": Source("MIT", "abuse", _identity),
    "germeval18": Source("CC-BY-4.0", "abuse", _language(Head.GERMAN)),
    "gahd": Source("CC-BY-4.0", "abuse", _language(Head.GERMAN)),
    "mlma_ar": Source("MIT", "abuse", _language(Head.ARABIC)),
    "ar_multi": Source("Apache-2.0", "abuse", _language(Head.ARABIC)),
    "mlma_fr": Source("MIT", "abuse", _language(Head.FRENCH)),
    "kocohub": Source("CC-BY-SA-4.0", "abuse", _language(Head.KOREAN)),
    "yt_psy": Source("CC-BY-4.0", "spam", _spam),
    "yt_katy": Source("CC-BY-4.0", "spam", _spam),
    "yt_lmfao": Source("CC-BY-4.0", "spam", _spam),
    "yt_eminem": Source("CC-BY-4.0", "spam", _spam),
    "tgspam": Source("MIT", "spam", _spam),
    "wpspun": Source("MIT", "spam", _spam),
    "judol": Source("MIT", "spam", _spam),
    "sms": Source("CC-BY-4.0", "spam", _spam),
    "smokey_titles": Source("MIT / Apache-2.0", "spam", _spam),
    "ham_ar_multi": Source("Apache-2.0", "spam", _spam),
    "ham_kocohub": Source("CC-BY-SA-4.0", "spam", _spam),
}


def read_rows(folder: Path, axis: str, split: str) -> Iterator[Row]:
    """The rows of `folder/{axis}.{split}.jsonl.gz`, with the heads that they speak to.

    Raises `KeyError` for a set that is not listed here: its licence must be known first.
    """
    with gzip.open(folder / f"{axis}.{split}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            source = SOURCES[row["set"]]
            yield Row(row["text"], row["set"], row["lang"], row["label"], source.read(row))
