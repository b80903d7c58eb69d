from pathlib import Path

from training.encoder.recipe import commands


def test_each_run_goes_on_from_the_one_before_and_the_last_is_exported():
    first, second, third, last, export = commands(Path("data"), Path("work"), Path("model.onnx"), "v")
    assert "--start" not in first
    assert second[second.index("--start") + 1] == first[first.index("--out") + 1] == "work/run1"
    assert third[third.index("--start") + 1] == second[second.index("--out") + 1]
    assert last[last.index("--start") + 1] == third[third.index("--out") + 1]
    assert export[0] == "training.encoder.export"
    assert export[export.index("--run") + 1 :] == ["work/run1", "work/run2", "work/run3", "work/run4"]


def test_every_run_draws_other_rows():
    seeds = [c[c.index("--seed") + 1] for c in list(commands(Path("d"), Path("w"), Path("m"), "v"))[:4]]
    assert len(set(seeds)) == 4
