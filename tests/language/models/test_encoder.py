import sys
from pathlib import Path

import pytest

from moderation.language.fold.normalise import normalise
from moderation.language.models import encoder as encoder_module
from moderation.language.models.encoder import MODEL, Encoder, encoder
from moderation.language.models.heads import Head
from tests.pace import count_loops


@pytest.fixture(scope="module")
def model() -> Encoder:
    pytest.importorskip("onnxruntime")
    return Encoder()


def test_without_onnxruntime_there_is_no_encoder(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    encoder.cache_clear()
    assert encoder() is None
    encoder.cache_clear()


def test_it_is_loaded_once():
    pytest.importorskip("onnxruntime")
    encoder.cache_clear()
    assert encoder() is encoder() is not None


def test_the_shipped_file_gives_the_scores_that_it_was_made_with(model: Encoder):
    assert len(model.golden) >= 10
    for text, odds in model.golden:
        judged = model.judge(text)
        given = [judged.abuse if name == "abuse" else judged.heads[Head(name)] for name in model.outputs]
        assert given == pytest.approx(odds, abs=1e-3)


def test_a_text_s_score_does_not_hang_on_its_neighbours(model: Encoder):
    texts = [text for text, _ in model.golden]
    backwards = list(model.judge_many(reversed(texts)))
    assert backwards == [model.judge(text) for text in reversed(texts)]


def test_it_ranks_attacks_above_talk_about_them(model: Encoder):
    attack = model.judge(normalise("You are a stupid, worthless idiot, and everybody hates you").text)
    report = model.judge(normalise("The minister said that the bridge will be closed until Monday").text)
    assert attack.heads[Head.INSULT] > 0 > report.heads[Head.INSULT]
    assert attack.abuse > 0 > report.abuse
    assert report.heads[Head.SPAM] < 0


@pytest.mark.parametrize("text", ["", " ", "☃" * 5_000, "a" * 20_000, "word " * 4_000, "\ud800", "مرحبا"])
def test_it_judges_any_text(model: Encoder, text: str):
    judged = model.judge(text)
    assert all(abs(value) < 100 for value in [judged.abuse, *judged.heads.values()])


def test_a_file_that_was_changed_is_refused(tmp_path: Path):
    pytest.importorskip("onnxruntime")
    copy = tmp_path / "encoder.onnx"
    copy.write_bytes(MODEL.read_bytes()[:-1] + b"x")
    copy.with_suffix(".sha256").write_text(MODEL.with_suffix(".sha256").read_text())
    with pytest.raises(ValueError, match=r"encoder\.onnx is not the file"):
        Encoder(copy)


def test_the_file_is_small_loads_fast_and_says_what_it_was_made_from(model: Encoder):
    assert count_loops(Encoder, tries=2) < 200  # 20
    assert MODEL.stat().st_size <= 12_000_000
    assert set(model.record) >= {"version", "base", "runs", "licences", "dev_auc"}
    assert all(model.record["licences"].values())
    assert encoder_module.ABUSE in model.outputs
