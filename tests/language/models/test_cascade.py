import hashlib
import json
from pathlib import Path

import pytest

from moderation.language.fold.normalise import normalise
from moderation.language.models import cascade
from moderation.language.models.cascade import (
    CASCADE_PATH,
    ask_encoder,
    combine_abuse,
    combine_head,
    is_encoder_used,
    linear_alone,
    thresholds_of,
)
from moderation.language.models.encoder import SecondOpinion, encoder
from moderation.language.models.heads import SINGLE_HEADS, Head
from moderation.language.models.judgement import explain_axis, judge
from moderation.language.models.linear import MODEL_PATH

KNOWN = {"nearly_all": -1.0, "one_in_1000": 5.0}
needs_encoder = pytest.mark.skipif(not is_encoder_used(), reason="onnxruntime is not installed")


def test_it_was_fitted_to_the_files_that_ship():
    """After training either model, `python -m training.cascade` makes it again."""
    fitted = json.loads(CASCADE_PATH.read_text())
    encoder_path = Path(MODEL_PATH).with_name("encoder.onnx")
    assert fitted["linear"] == hashlib.sha256(MODEL_PATH.read_bytes()).hexdigest()
    assert fitted["encoder"] == hashlib.sha256(encoder_path.read_bytes()).hexdigest()


def test_the_common_logit_weighs_both():
    opinion = SecondOpinion({Head.IDENTITY: 1.0, Head.INSULT: -1.0, Head.SEXUAL: 2.0}, abuse=2.0)
    assert combine_abuse(3.0, opinion) == pytest.approx(0.4 * 3.0 + 0.3 * 2.0 + 0.3 - 0.3 + 0.4)


def test_a_head_is_the_mean_of_both_where_both_spoke():
    opinion = SecondOpinion({Head.THREAT: 2.0}, abuse=0.0)
    assert combine_head(-1.0, opinion, Head.THREAT) == 0.5
    assert combine_head(-1.0, None, Head.THREAT) == -1.0


@pytest.mark.parametrize("head", SINGLE_HEADS)
@pytest.mark.parametrize("is_combined", [True, False])
def test_fewer_harmless_comments_pass_the_higher_threshold(head, is_combined):
    in_100, in_1000 = thresholds_of(head, is_combined=is_combined)
    assert in_100 < in_1000


@needs_encoder
@pytest.mark.parametrize(("logit", "is_asked"), [(-1.1, False), (-1.0, True), (4.9, True), (5.0, False)])
def test_the_encoder_is_asked_only_where_the_linear_layer_is_unsure(logit, is_asked):
    assert (ask_encoder("some text", logit, KNOWN) is not None) == is_asked


def test_without_the_encoder_the_linear_layer_speaks_alone():
    text = normalise("What a clown, he should be ashamed of himself and stay at home")
    with linear_alone():
        assert ask_encoder("some text", 0.0, KNOWN) is None
        alone = judge(text)
    assert alone.abuse is not None
    if is_encoder_used():
        assert judge(text).heads != alone.heads


def test_the_version_tells_whether_the_encoder_speaks(monkeypatch):
    assert len(cascade.weights_version()) == 8
    monkeypatch.setattr(cascade, "find_spec", lambda name: None)
    assert not is_encoder_used()


@needs_encoder
def test_single_heads_may_speak_up_in_english_alone():
    assert set(judge(normalise("I will find you and break both of your legs")).single_heads) == set(
        SINGLE_HEADS
    )
    assert not judge(
        normalise("Wo ist hier eigentlich die Redaktion, und warum wird nichts berichtet?")
    ).single_heads


@needs_encoder
def test_the_encoder_is_there():
    assert encoder() is not None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wo ist hier eigentlich die Redaktion, und warum wird nichts berichtet?", "de"),
        ("شكرا على هذا المقال الجيد", "ar"),
        ("این مقاله خیلی خوب بود، گزارش را دوست داشتم", ""),
        ("정말 좋은 기사입니다", "ko"),
        ("Köszönöm szépen ezt a nagyon érdekes és hasznos cikket a városról", ""),
        ("ok", "en"),
        ("This is a plain English sentence about the weather of today.", "en"),
    ],
)
def test_a_text_is_judged_by_the_head_of_its_language(text, language):
    judgement = judge(normalise(text))
    assert judgement.language == language
    assert (judgement.abuse is None) == (language == "")


def test_the_places_that_speak_are_pieces_of_the_original():
    text = normalise("Honestly, you are an IDI\u200bOT, my dear")
    with linear_alone():
        spans = explain_axis(text, judge(text), "insult")
    assert any("IDI\u200bOT" in text.original[span.start : span.end] for span in spans)
    assert 1 <= len(spans) <= 3


def test_a_text_without_a_token_is_judged_and_has_no_places():
    text = normalise("\u200b")
    assert explain_axis(text, judge(text), "insult") == ()
