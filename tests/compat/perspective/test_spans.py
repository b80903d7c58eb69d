"""Span scores: by sentence, in code points, and always at least one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.compat.perspective.sentences import MOST_SENTENCES, Sentence, split_sentences
from tests.builders import build_site
from tests.compat.perspective.calls import analyze, key_for, spans_of, value_of


def pieces(text: str) -> list[str]:
    return [text[each.start : each.end] for each in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One sentence without an end", ["One sentence without an end"]),
        ("What a day! Is it over?  Yes.", ["What a day!", "Is it over?", "Yes."]),
        ("He said “no.” She left.", ["He said “no.”", "She left."]),
        ("Version 3.5 costs 2.99 now. Buy it.", ["Version 3.5 costs 2.99 now.", "Buy it."]),
        ("first line\n\nsecond line", ["first line", "second line"]),
        ("橋は長い。 川は深い。", ["橋は長い。", "川は深い。"]),
        ("Wait... what?!  No", ["Wait...", "what?!", "No"]),
        ("   \n", ["   \n"]),
        ("", [""]),
    ],
)
def test_sentences_are_told_apart(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


def test_a_long_text_has_no_more_spans_than_can_be_scored() -> None:
    text = "A sentence. " * 500
    spans = split_sentences(text)
    assert len(spans) <= MOST_SENTENCES
    assert (spans[0].start, spans[-1].end) == (0, len(text) - 1)


@given(st.text(alphabet=st.sampled_from("ab .!?\n。😀\u0301"), max_size=60))
def test_spans_are_in_order_and_leave_out_nothing_but_space(text: str) -> None:
    spans = split_sentences(text)
    assert spans
    at = 0
    for span in spans:
        assert at <= span.start <= span.end <= len(text)
        assert text[at : span.start].strip() == ""
        at = span.end
    assert text[at:].strip() == ""


def test_one_sentence_is_the_whole_text() -> None:
    assert split_sentences(" hello. ") == [Sentence(0, 8)]


@pytest.mark.django_db
def test_spans_count_code_points_and_score_their_own_sentence() -> None:
    text = "🙂🙂 What a lovely morning. You are a stupid worthless idiot. See you."
    spans = spans_of(analyze(key_for(build_site()), text, spanAnnotations=True))
    assert [text[begin:end] for begin, end, _ in spans] == [
        "🙂🙂 What a lovely morning.",
        "You are a stupid worthless idiot.",
        "See you.",
    ]
    scores = [score for _, _, score in spans]
    assert scores[1] == max(scores)
    assert scores[1] > 0.7
    assert scores[0] < 0.5


@pytest.mark.django_db
def test_without_annotations_one_span_covers_the_text_with_the_summary() -> None:
    text = "What a lovely morning. You are a stupid worthless idiot."
    answer = analyze(key_for(build_site()), text)
    assert spans_of(answer) == [(0, len(text), value_of(answer))]
