import numpy as np
import pytest

from moderation.language.models.wordpiece import MARKS, WordPieces
from training.encoder.rows import OUTPUTS, Batches, Example, choose, smooth, weigh

SPLITTER = WordPieces([*MARKS, "a", "##a"])


def example(source: str, text: str = "a", **labels: int) -> Example:
    return Example(text, source, np.array([labels.get(name, np.nan) for name in OUTPUTS], np.float32))


def test_a_source_is_capped_and_the_order_is_the_seed_s():
    examples = [example("big", str(index)) for index in range(50)] + [example("small") for _ in range(5)]
    chosen = choose(examples, seed=1, caps={"big": 10}, most=100)
    assert sum(row.source == "big" for row in chosen) == 10
    assert sum(row.source == "small" for row in chosen) == 5
    assert chosen == choose(examples, seed=1, caps={"big": 10}, most=100)
    assert len(choose(examples, seed=1, caps={}, most=7)) == 7


def test_a_source_weighs_as_the_root_of_its_size_and_the_rarer_answer_is_raised():
    examples = [example("big", insult=index % 2) for index in range(400)]
    examples += [example("small", insult=index % 2) for index in range(4)]
    examples += [example("skewed", insult=int(index == 0)) for index in range(4)]
    weights = weigh(examples)[:, OUTPUTS.index("insult")]
    assert weights[:400].sum() == pytest.approx(10 * weights[400:404].sum(), rel=1e-3)
    assert weights[404] / weights[405] == pytest.approx(3**0.5, rel=1e-3)
    assert not weigh(examples)[:, OUTPUTS.index("spam")].any()


def test_a_raised_source_counts_more_than_by_its_size():
    examples = [example(name, insult=index % 2) for name in ("one", "two") for index in range(10)]
    weights = weigh(examples, {"two": 3.0})[:, OUTPUTS.index("insult")]
    assert weights[10:].sum() == pytest.approx(3 * weights[:10].sum(), rel=1e-3)


def test_every_row_stands_in_one_batch_and_padding_weighs_nothing():
    examples = [example("set", "a " * length, insult=1) for length in range(1, 80)]
    batches = Batches(examples, SPLITTER, np.ones((79, len(OUTPUTS)), np.float32))
    epoch = list(batches.epoch(seed=1, epoch=0))
    assert len(epoch) == len(batches)
    assert sum((batch.weights[:, 0] > 0).sum() for batch in epoch) == 79
    assert sum((batch.ids[batch.weights[:, 0] > 0] != 0).sum() for batch in epoch) == sum(
        min(length + 2, 64) for length in range(1, 80)
    )
    assert all(((batch.ids != 0) == (batch.mask == 1)).all() for batch in epoch)
    again = list(batches.epoch(seed=1, epoch=0))
    assert all((one.ids == other.ids).all() for one, other in zip(epoch, again, strict=True))


def test_labels_are_smoothed_and_what_was_not_asked_is_no_number_to_learn():
    assert smooth(np.array([0, 1, np.nan], np.float32)).tolist() == pytest.approx([0.01, 0.99, 0])
